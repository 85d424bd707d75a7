"""A whole run over a store that somebody else fills: what is seen, sent on, and how it ends."""

from __future__ import annotations

import asyncio
import json
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from hookcli import following as module
from hookcli.choosing import Choice
from hookcli.delivery import EPOCH
from hookcli.errors import HookError, UsageError
from hookcli.following import FollowWish, follow
from hookcli.grammar import reference
from hookcli.routes import Routes, route
from hookcli.stores.sqlite import SqliteStore
from tests.apps import OK, answering, closing, free_port, running
from tests.end_to_end.support import until
from tests.stores.builders import make_answer, make_delivery
from tests.test_running import make_status
from tests.watchers import make_watch_wish

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

PATIENCE_S = 5


def make_wish(store: str, *routes: str, **fields: Any) -> FollowWish:
    """Return what is asked for by `follow --format records --store STORE`."""
    usual: dict[str, Any] = {
        "last": None,
        "since": None,
        "routes": Routes(map(route, routes)),
        "forward_timeout_s": PATIENCE_S,
        "insecure": False,
        "store": store,
    }
    watch = {name: fields.pop(name) for name in list(fields) if name not in usual}
    return FollowWish(**{**usual, **fields}, watch=make_watch_wish(**watch))


class Bench:
    """A store that is filled, and a run that follows it."""

    def __init__(self, folder: Path, store: SqliteStore) -> None:
        self.store = store
        self._folder = folder
        self.code: asyncio.Future[int]

    @property
    def said(self) -> str:
        """What stands on stderr."""
        return (self._folder / "err").read_text("utf-8")

    @property
    def records(self) -> list[dict[str, Any]]:
        """What stands on stdout."""
        text = (self._folder / "out").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines()]

    @property
    def notes(self) -> list[str]:
        """What the records are."""
        return [
            f"#{each['id']}" if each["type"] == "delivery" else f"{each['kind']} {each['delivery']}"
            for each in self.records
        ]

    async def keep(self, *events: str, answered: bool = True, path: str = "/x") -> None:
        """Receive deliveries of these events."""
        for event in events:
            answer = make_answer() if answered else None
            await self.store.append(make_delivery(event=event, path=path), answer)

    async def follow(self, *routes: str, **fields: Any) -> None:
        """Begin to follow; return once that is said."""
        (self._folder / "err").touch()
        wish = make_wish(self.store.url, *routes, **fields)

        async def to_the_end() -> int:
            with (self._folder / "out").open("w") as out, (self._folder / "err").open("w") as err:
                return await follow(wish, stdout=out, stderr=err, environ={})

        self.code = asyncio.ensure_future(to_the_end())
        await self.until(lambda: self.code.done() or "Follows " in self.said)

    async def until(self, look: Callable[[], object]) -> None:
        """Wait until something is to be seen; files do not tell."""
        await asyncio.to_thread(until, look, "what is to be seen", PATIENCE_S)

    async def ends(self) -> int:
        """Wait for the end; return the exit code."""
        return await asyncio.wait_for(self.code, PATIENCE_S)


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    """Open a store, and see to it that what follows it ends."""
    store = await SqliteStore.open(folder / "hooks.db", create=True)
    made = Bench(folder, store)
    try:
        yield made
    finally:
        made.code.cancel()
        await asyncio.wait({made.code})
        await store.close()


async def test_shows_what_comes_until_it_is_stopped(tmp_path: Path) -> None:
    """Not what was there before; the last words sum up."""
    async with bench(tmp_path) as one:
        await one.keep("push")
        await one.follow()
        await one.keep("issues", "ping")
        await one.until(lambda: len(one.notes) == 4)
        signal.raise_signal(signal.SIGINT)

        assert await one.ends() == 0
    assert one.notes == ["#2", "answer 2", "#3", "answer 3"]
    assert "Follows    what comes from now on" in one.said
    assert "Stopped. 2 deliveries, #2-#3" in one.said


@pytest.mark.parametrize(
    "where", [{"last": 1}, {"since": reference("2")}, {"since": make_delivery().received_at}]
)
async def test_begins_where_it_is_told(tmp_path: Path, where: dict[str, Any]) -> None:
    """With the last so many that are shown, at a delivery, or at a time."""
    async with bench(tmp_path) as one:
        await one.store.append(make_delivery(event="push", received_at=EPOCH), make_answer())
        await one.keep("push", "ping")
        await one.follow(**where, choice=Choice(["push"], None), count=2)
        await one.keep("push")

        assert await one.ends() == 0
    assert one.notes == ["#2", "answer 2", "#4", "answer 4"]
    assert "Follows    from #2 on" in one.said
    assert "Shown      only push; all are kept and answered" in one.said


async def test_an_answer_that_never_came_is_not_awaited_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The listener was killed before it: what counts is there, but for `--check`."""
    monkeypatch.setattr(module, "_PATIENCE_S", 0.01)
    async with bench(tmp_path) as one:
        await one.keep("push", answered=False)
        await one.follow(since=reference("1"), count=1)
        assert await one.ends() == 0
        await one.follow(since=reference("1"), count=1, check=True)
        assert await one.ends() == 3


async def test_a_missing_answer_does_not_hold_up_the_end(tmp_path: Path) -> None:
    """It is somebody else who answers."""
    async with bench(tmp_path) as one:
        await one.keep("push", answered=False)
        await one.follow(since=reference("1"))
        await one.until(lambda: one.notes)
        signal.raise_signal(signal.SIGTERM)

        assert await asyncio.wait_for(one.code, 1) == 0


async def test_sends_on_what_comes(tmp_path: Path) -> None:
    """All of it, once, whatever is shown; what the app answers is shown and stored."""
    async with bench(tmp_path) as one, running(answering(OK)) as app:
        await one.keep("push")
        await one.follow(app.url, choice=Choice(["issues"], None), count=1, check=True)
        await one.keep("push", "issues")

        assert await one.ends() == 0
        stored = await one.store.attempts([1, 2, 3])
    assert len(app.requests) == 2
    assert one.notes == ["#3", "answer 3", "forward 3"]
    assert [(each.kind, each.delivery) for each in stored if each.kind == "forward"] == [
        ("forward", 2),
        ("forward", 3),
    ]
    assert f"Forward    {app.url}\n" in one.said
    assert "all are kept, answered and forwarded" in one.said


async def test_each_app_gets_its_own(tmp_path: Path) -> None:
    """By path; one that fails does not keep the other one from getting more."""
    down = free_port()
    async with bench(tmp_path) as one, running(answering(OK)) as app:
        await one.follow(f"/up={app.port}", f"/down={down}", count=3, check=True)
        await one.keep("push", path="/up")
        await one.keep("push", path="/down/x")
        await one.keep("push", path="/elsewhere")

        assert await one.ends() == 3
    assert [raw.split()[1] for raw in app.requests] == [b"/up?a=1"]
    assert sorted(note for note in one.notes if note.startswith("forward")) == [
        "forward 1",
        "forward 2",
    ]
    (failed,) = [each for each in one.records if each.get("error")]
    assert (failed["status"], failed["error"]) == (None, f"Nothing listens on 127.0.0.1:{down}")
    assert "nothing listens there yet" in one.said
    assert "the rest -> not sent" in one.said


async def test_what_came_is_sent_before_the_end(tmp_path: Path) -> None:
    """And what the app answered is shown."""
    async with bench(tmp_path) as one, running(closing(OK)) as app:
        await one.keep(*["push"] * 50)
        await one.follow(app.url, since=reference("1"))
        await one.until(lambda: one.notes)
        signal.raise_signal(signal.SIGINT)

        assert await one.ends() == 0
    assert len(app.requests) == 50
    assert sum(note.startswith("forward") for note in one.notes) == 50


async def test_does_not_send_to_the_listener_that_it_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each delivery would come in again, for ever."""
    status = make_status(store=f"sqlite:{tmp_path / 'hooks.db'}")
    monkeypatch.setattr(module, "listener_on", {4567: status}.get)
    async with bench(tmp_path) as one:
        await one.follow("4567")

        with pytest.raises(HookError, match="is the listener whose deliveries these are"):
            await one.ends()


async def test_a_store_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    wish = make_wish(f"sqlite:{tmp_path / 'none.db'}")
    with (tmp_path / "out").open("w") as out, pytest.raises(HookError) as caught:
        await follow(wish, stdout=out, stderr=out, environ={})

    assert "Nothing is kept in" in caught.value.message
    assert "hookcli listen" in caught.value.hint


async def test_a_store_in_memory_is_nobody_elses(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as out, pytest.raises(UsageError) as caught:
        await follow(make_wish("memory"), stdout=out, stderr=out, environ={})

    assert "nobody but the process that has it" in caught.value.message
