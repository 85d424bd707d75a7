"""`replay` finds what is meant, says where it goes, asks, sends, and ends with the right code."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from hookcli import cli
from hookcli.delivery import Headers
from hookcli.errors import HookError, UsageError
from hookcli.stores.opening import open_store
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class App(ThreadingHTTPServer):
    """An app that answers with the status that the path names, else 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[bytes] = []

    @property
    def url(self) -> str:
        """As a person types it."""
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Takes one request."""

    def do_POST(self) -> None:
        """Answer it."""
        assert isinstance(self.server, App)
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(int(self.path[1:]) if self.path[1:].isdigit() else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Typed(io.StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


@pytest.fixture
def app() -> Iterator[App]:
    """Run an app."""
    with App() as app:
        thread = threading.Thread(target=app.serve_forever, args=(0.01,))
        thread.start()
        yield app
        app.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Fill the store that is used by default: four deliveries, the second one with another path."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:{tmp_path / 'hooks.db'}"
    monkeypatch.setenv("HOOKCLI_STORE", url)
    asyncio.run(filled(url))
    return url


async def filled(url: str) -> None:
    """Append the deliveries."""
    store = await open_store(url, create=True)
    headers = Headers([("Content-Type", "application/json")])
    for number, event in enumerate(("push", "issues", "push", "ping"), 1):
        await store.append(
            make_delivery(
                headers=headers,
                event=event,
                path="/500" if number == 2 else "/hooks",
                query="",
                body=b'{"n":%d}' % number,
                delivery_id=f"delivery-{number}",
            ),
            make_answer(),
        )
    await store.close()


def attempts(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the records that were printed."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_latest_goes_where_it_is_sent(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    """And next time to the same place."""
    assert cli.run(["replay", "--to", app.url]) == 0
    first = capsys.readouterr()
    assert cli.run(["replay"]) == 0
    second = capsys.readouterr()

    assert app.bodies == [b'{"n":4}', b'{"n":4}']
    assert json.loads(first.out)["kind"] == "replay"
    assert first.err.splitlines()[0] == f"Sending #4 to {app.url}"
    assert " <-- #4 [200] " in first.err
    assert second.err.splitlines()[0] == f"Sending #4 to {app.url}, where it was last sent"


def test_what_was_sent_is_kept(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["replay", "1", "--to", app.url, "--set", "n:=7"])
    [printed] = attempts(capsys)

    cli.run(["show", "1"])

    assert printed["request"]["body"] == '{"n":7}'
    assert [record["id"] for record in attempts(capsys)] == [1]
    assert app.bodies == [b'{"n":7}']


def test_several_go_in_the_order_in_which_they_are_named(app: App) -> None:
    """Without a question."""
    code = cli.run(["replay", "3", "latest", "delivery-1", "3", "--to", app.url])

    assert code == 0
    assert app.bodies == [b'{"n":3}', b'{"n":4}', b'{"n":1}', b'{"n":3}']


def test_filters_choose_from_the_oldest_on(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["replay", "--event", "push", "--to", app.url, "--yes"]) == 0

    said = capsys.readouterr().err.splitlines()
    assert app.bodies == [b'{"n":1}', b'{"n":3}']
    assert said[0] == f"Sending 2 deliveries to {app.url}"
    assert " *** 2 sent; p50 " in said[-1]


def test_one_that_filters_choose_needs_no_question(app: App) -> None:
    assert cli.run(["replay", "--event", "ping", "--to", app.url]) == 0

    assert app.bodies == [b'{"n":4}']


def test_nobody_to_ask_is_an_error(app: App) -> None:
    """As in a script."""
    with pytest.raises(UsageError) as caught:
        cli.run(["replay", "--provider", "github", "--to", app.url])

    assert caught.value.message == "Nobody is there to ask whether to send 4 deliveries"
    assert caught.value.hint == "Add --yes"
    assert app.bodies == []


def test_a_person_who_agrees_is_obeyed(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Typed("y\n"))

    assert cli.run(["replay", "--event", "push", "--to", app.url]) == 0

    assert len(app.bodies) == 2


@pytest.mark.parametrize("typed", ["\n", "no\n", ""])
def test_a_person_who_does_not_agree_sends_nothing(
    app: App, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Typed(typed))

    with pytest.raises(HookError, match="Nothing was sent"):
        cli.run(["replay", "--event", "push", "--to", app.url])

    assert app.bodies == []


def test_an_answer_that_is_not_2xx_is_3(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    """Though all others were well."""
    assert cli.run(["replay", "1", "2", "--to", app.url]) == 3

    assert [record["status"] for record in attempts(capsys)] == [200, 500]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["1"], "Nothing says where #1 goes: it was never forwarded"),
        (["9", "--to", "1"], "No delivery is 9"),
        (["--event", "none", "--to", "1"], "No delivery is as the filters say"),
        (["1", "--event", "push", "--to", "1"], "Both IDs and filters are given"),
        (["1", "2", "--edit", "--to", "1"], "--edit is for one delivery"),
        (["1", "--sign", "--to", "1"], "There is no secret to sign #1 with"),
    ],
)
def test_what_cannot_be_sent_is_an_error(arguments: list[str], said: str) -> None:
    with pytest.raises(HookError) as caught:
        cli.run(["replay", *arguments])

    assert caught.value.message == said


def test_files_say_where_it_goes(
    app: App, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "hookcli.toml").write_text(f'[forward]\n"/hooks" = "{app.url}/204"\n')

    assert cli.run(["replay", "1"]) == 0

    said = capsys.readouterr().err.splitlines()[0]
    assert said == f"Sending #1 to {app.url}/204, as [forward] says"
