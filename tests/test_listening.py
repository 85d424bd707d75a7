"""A whole run, in this process: from the port to the last line, and its exit code."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from hookcli import listening as module
from hookcli import way_in
from hookcli.answers import BuiltIn
from hookcli.choosing import Choice
from hookcli.errors import HookError
from hookcli.filenames import compile_template
from hookcli.judging import Rules
from hookcli.listening import Wish, listen
from hookcli.outputs import sink
from hookcli.routes import Routes
from hookcli.running import listeners
from hookcli.stores.opening import open_store
from hookcli.way_in import TunnelWish
from tests.senders import Sender, post
from tests.watchers import make_watch_wish

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PUSH = post(b'{"ref":"main"}', head="X-GitHub-Event: push\r\n")
ISSUE = post(b'{"action":"opened"}', head="X-GitHub-Event: issues\r\n")
PATIENCE_S = 5


def make_wish(**fields: Any) -> Wish:
    """Return what is asked for by `listen 0 --tunnel none --format records --store memory`."""
    usual: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": 0,
        "tunnel": TunnelWish(kind="none"),
        "rules": Rules(answer=fields.pop("answer", BuiltIn()), routes=Routes()),
        "confirm_subscriptions": False,
        "forward_timeout_s": 5.0,
        "insecure": False,
        "max_body": 1 << 20,
        "on_ready": None,
        "store": "memory",
        "config": (),
    }
    watch = {name: fields.pop(name) for name in list(fields) if name not in usual}
    return Wish(**{**usual, **fields}, watch=make_watch_wish(**watch))


class Run:
    """A run under way: who reads its records, and what it says."""

    def __init__(self, lines: asyncio.StreamReader, err: Path) -> None:
        self.code: asyncio.Future[int]
        self.port = 0
        self._lines = lines
        self._err = err

    @property
    def said(self) -> str:
        """What stands on stderr."""
        return self._err.read_text("utf-8")

    async def record(self, kind: str) -> dict[str, Any]:
        """Wait for the next record of this type."""
        async with asyncio.timeout(PATIENCE_S):
            while line := await self._lines.readline():
                record: dict[str, Any] = json.loads(line)
                if record["type"] == kind:
                    return record
        raise AssertionError(f"no {kind} came any more")

    async def rest(self) -> list[dict[str, Any]]:
        """Return the records that are still to come until the end."""
        text = await asyncio.wait_for(self._lines.read(), PATIENCE_S)
        return [json.loads(line) for line in text.splitlines()]

    async def send(self, *requests: bytes) -> list[int]:
        """Send requests on one connection; return the statuses of the answers."""
        async with await Sender.connect(self.port) as sender:
            await sender.send(*requests)
            return [(await sender.answer()).status for _ in requests]

    async def ends(self) -> int:
        """Wait for the end; return the exit code."""
        return await asyncio.wait_for(self.code, PATIENCE_S)


@asynccontextmanager
async def running(tmp_path: Path, wish: Wish, *, ready: bool = True) -> AsyncIterator[Run]:
    """Start a run, wait until it is ready, and see to it that it ends."""
    end, start = os.pipe()
    lines = asyncio.StreamReader(1 << 20)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(end, "rb", 0)
    )
    err = await asyncio.to_thread((tmp_path / "err").open, "w", encoding="utf-8")
    out = os.fdopen(start, "w", encoding="utf-8")
    run = Run(lines, tmp_path / "err")

    async def to_the_end() -> int:
        try:
            return await listen(wish, stdout=out, stderr=err, environ={})
        finally:
            out.close()
            err.close()

    run.code = asyncio.ensure_future(to_the_end())
    try:
        if ready:
            run.port = urlsplit((await run.record("ready"))["local_url"]).port or 0
        yield run
    finally:
        run.code.cancel()
        await asyncio.wait({run.code})
        transport.close()


async def test_what_comes_is_kept_answered_and_shown(tmp_path: Path) -> None:
    """Until a signal ends it; the last words sum up."""
    store = f"sqlite:{tmp_path / 'hooks.db'}"

    async with running(tmp_path, make_wish(store=store)) as run:
        statuses = await run.send(ISSUE)
        delivery, answer = await run.record("delivery"), await run.record("attempt")
        signal.raise_signal(signal.SIGTERM)
        code = await run.ends()

    kept = await open_store(store, create=False)
    assert statuses == [200]
    assert (delivery["event"], delivery["action"], answer["status"]) == ("issues", "opened", 200)
    assert code == 0
    assert "Local      http://127.0.0.1:" in run.said
    assert "Stopped. 1 delivery, #1" in run.said
    assert (await kept.stats()).deliveries == 1
    await kept.close()


async def test_all_that_came_is_shown_before_the_end(tmp_path: Path) -> None:
    """However many there were when the signal came."""
    async with running(tmp_path, make_wish()) as run:
        await run.send(*[PUSH] * 200)
        signal.raise_signal(signal.SIGINT)
        assert await run.ends() == 0
        records = await run.rest()

    assert sum(record["type"] == "delivery" for record in records) == 200


@pytest.mark.parametrize(
    ("status", "check", "code"), [(200, True, 0), (500, True, 3), (500, False, 0)]
)
async def test_ends_after_so_many(tmp_path: Path, status: int, check: bool, code: int) -> None:
    """Each answered and shown; `--check` looks at how they were answered."""
    wish = make_wish(count=2, check=check, answer=BuiltIn(status=status))

    async with running(tmp_path, wish) as run:
        statuses = await run.send(PUSH, ISSUE)
        assert await run.ends() == code
        records = await run.rest()

    assert statuses == [status] * 2
    assert [record["type"] for record in records] == ["delivery", "attempt"] * 2


@pytest.mark.parametrize(("count", "code"), [(None, 0), (1, 3)])
async def test_ends_after_so_long(tmp_path: Path, count: int | None, code: int) -> None:
    """Which is a disappointment only where so many were expected."""
    async with running(tmp_path, make_wish(timeout_s=0.01, count=count), ready=False) as run:
        assert await run.ends() == code

    assert "Stopped. No deliveries" in run.said


async def test_a_signal_before_so_many_is_a_disappointment(tmp_path: Path) -> None:
    async with running(tmp_path, make_wish(count=1)) as run:
        signal.raise_signal(signal.SIGHUP)

        assert await run.ends() == 3


async def test_a_signal_before_the_last_answer_is_none(tmp_path: Path) -> None:
    """The sender gets it before the port closes, and then all that was expected is there."""
    wish = make_wish(count=1, answer=BuiltIn(delay_s=0.1))

    async with running(tmp_path, wish) as run:
        sending = asyncio.ensure_future(run.send(PUSH))
        await run.record("delivery")
        signal.raise_signal(signal.SIGINT)

        assert await run.ends() == 0
        assert await sending == [200]
        assert [record["status"] for record in await run.rest()] == [200]


async def test_ends_quietly_when_nobody_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind `| head -1`: no delivery is waited for, and nothing is said."""
    monkeypatch.setattr(sink, "_LOOK_S", 0.001)

    async with running(tmp_path, make_wish(count=5)) as run:
        run._lines._transport.close()  # type: ignore[attr-defined] # the reader leaves

        assert await run.ends() == 0
    assert "Stopped" not in run.said


async def test_shows_saves_and_counts_what_is_chosen(tmp_path: Path) -> None:
    """All else is kept and answered; the banner says so."""
    wish = make_wish(
        choice=Choice(["issues"], None),
        save=compile_template(f"{tmp_path}/saved/{{event}}{{ext}}"),
        count=1,
    )

    async with running(tmp_path, wish) as run:
        statuses = await run.send(PUSH, ISSUE)
        assert await run.ends() == 0
        records = await run.rest()

    assert statuses == [200, 200]
    assert [record["event"] for record in records if record["type"] == "delivery"] == ["issues"]
    assert "Shown      only issues" in run.said
    saved = {path.name: path.read_bytes() for path in (tmp_path / "saved").iterdir()}
    assert saved == {"issues.json": b'{"action":"opened"}'}


async def test_other_processes_find_it_while_it_runs(tmp_path: Path) -> None:
    """It tells them how it goes, on a path that is never stored."""
    async with running(tmp_path, make_wish(answer=BuiltIn(status=500, body=b"no"))) as run:
        await run.send(PUSH)
        (status,) = await asyncio.to_thread(listeners)
        signal.raise_signal(signal.SIGTERM)
        await run.ends()

    assert (status.pid, status.store) == (os.getpid(), "memory")
    assert (status.deliveries, status.failed) == (1, 1)
    assert (status.local_url, status.tunnel) == (f"http://127.0.0.1:{run.port}", None)
    assert 'Answer     500 "no"' in run.said
    assert await asyncio.to_thread(listeners) == []


async def test_a_taken_port_is_an_error(tmp_path: Path) -> None:
    async with running(tmp_path, make_wish()) as run:
        wish = make_wish(port=run.port)
        with pytest.RaisesGroup(HookError, flatten_subgroups=True) as caught:
            (tmp_path / "second").mkdir()
            async with running(tmp_path / "second", wish, ready=False) as second:
                await second.ends()

    assert f"Port {run.port} is taken by another hookcli" in str(caught.value.exceptions[0])


async def test_a_way_in_that_cannot_be_opened_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody would send anything to it."""

    def rejected(**_: Any) -> Any:
        raise HookError("ngrok rejects the token", "Copy it again")

    monkeypatch.setattr(way_in, "open_ngrok", rejected)
    wish = make_wish(tunnel=TunnelWish(kind="ngrok"))

    with pytest.RaisesGroup(HookError, flatten_subgroups=True):
        async with running(tmp_path, wish, ready=False) as run:
            await run.ends()
    assert await asyncio.to_thread(listeners) == []


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("localhost", "http://localhost:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
        ("192.168.1.2", "http://192.168.1.2:80"),
    ],
)
def test_a_listener_has_a_url_that_this_computer_reaches(host: str, url: str) -> None:
    assert module._url(host, 80) == url
