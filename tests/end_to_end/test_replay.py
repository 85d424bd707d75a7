"""`replay` sends what came, to apps that are good, bad, slow or gone: socket to socket."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from hookcli.reading_back import raw_request
from hookcli.stores.opening import open_store
from tests.end_to_end.sockets import App, Line, answering, closing, request, send, silent
from tests.end_to_end.support import LISTEN, Running, Terminal, run, until

if TYPE_CHECKING:
    from pathlib import Path

BODY = b'{ "odd" :\t"caf\xc3\xa9" }\r\n'
RAW = request(
    "x-One: caf\xe9",
    "X-ONE: caf\xc3\xa9",
    "X-GitHub-Event: issues",
    "x-one: a",
    f"content-length: {len(BODY)}",
    "Content-Type: application/json",
    body=BODY,
    start="POST //x/../%2f?a=%zz&&b HTTP/1.1",
)
ENDLESS = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the store that is used by default, with a delivery in it."""
    url = f"sqlite:{tmp_path / 'hooks.db'}"
    monkeypatch.setenv("HOOKCLI_STORE", url)
    asyncio.run(filled(url))
    return url


async def filled(url: str) -> None:
    """Keep a delivery, as if it had been received."""
    store = await open_store(url, create=True)
    await store.append(raw_request(RAW))
    await store.close()


def as_replayed(app: App) -> bytes:
    """Return what an app is to get: another Host, the mark, and three headers more."""
    head, _, body = RAW.partition(b"\r\n\r\n")
    more = [
        "",
        "X-Hookcli-Replay: 1",
        "X-Forwarded-For: 127.0.0.1",
        "X-Forwarded-Proto: http",
        "X-Forwarded-Host: otter.example",
        "\r\n",
    ]
    head = head.replace(b"Host: otter.example", f"Host: {app.host}".encode())
    return head + "\r\n".join(more).encode() + body


def test_an_app_gets_the_bytes_that_came(tmp_path: Path) -> None:
    """Spellings, repeats, their order, the target, and the body."""
    url = f"sqlite:{tmp_path / 'hooks.db'}"
    with Running(tmp_path, *LISTEN, "--count", "1", "--store", url) as listener:
        send(listener.local_url, RAW)
        assert listener.ends() == 0

    with App(answering()) as app:
        done = run("replay", "--to", app.url, "--store", url)

    record = json.loads(done.stdout)
    assert done.returncode == 0
    assert app.requests == [as_replayed(app)]
    assert (record["kind"], record["status"], record["request"]) == ("replay", 200, None)


def test_a_large_body_goes_whole(tmp_path: Path) -> None:
    """Though no process holds it."""
    body = b"0123456789abcdef" * (1 << 18)
    url = f"sqlite:{tmp_path / 'hooks.db'}"
    with Running(tmp_path, *LISTEN, "--count", "1", "--store", url) as listener:
        send(listener.local_url, request(f"Content-Length: {len(body)}", body=body))
        listener.ends()

    with App(answering()) as app:
        done = run("replay", "--to", app.url, "--store", url)

    assert done.returncode == 0
    assert app.requests[0].endswith(b"\r\n\r\n" + body)


def endless(app: App, line: Line) -> None:
    """Answer for ever."""
    app.request(line)
    line.say(ENDLESS)
    while not app.over.wait(0.001):
        line.say(b"x" * 65_536)


def resetting(app: App, line: Line) -> None:
    """Take a request, and end the connection as a crash does."""
    app.request(line)
    line.reset()


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("talk", "status", "said"),
    [
        (silent, None, r"No answer from \S+ within 0\.3 s"),
        (resetting, None, r"\S+ closed the connection without an answer|No connection .*"),
        (closing(b"nonsense\r\n\r\n"), None, r"\S+ did not answer in HTTP: .*"),
        (closing(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx"), None, r"\S+ broke off in .*"),
        (endless, 200, r"The answer of \S+ did not end within 0\.3 s"),
        (closing(b"HTTP/1.1 301 No\r\nContent-Length: 0\r\n\r\n"), 301, None),
    ],
    ids=["hangs", "resets", "no HTTP", "breaks off", "for ever", "redirects"],
)
def test_an_app_that_is_bad_is_a_failed_attempt(
    talk: Any, status: int | None, said: str | None
) -> None:
    """Which is told and kept, and is all that comes of it."""
    with App(talk) as app:
        done = run("replay", "1", "--to", app.url, "--forward-timeout", "0.3")

    record = json.loads(done.stdout)
    assert done.returncode == 3
    assert (record["status"], record["error"] is None) == (status, said is None)
    assert re.fullmatch(said or "None", str(record["error"]))
    assert len(record["body"] or "") <= 65_536


@pytest.mark.usefixtures("store")
def test_an_answer_of_ten_megabytes_is_cut() -> None:
    """And is a good one."""
    size = 10 << 20
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size
    with App(answering(answer)) as app:
        done = run("replay", "1", "--to", app.url)

    record = json.loads(done.stdout)
    assert (done.returncode, record["status"]) == (0, 200)
    assert (len(record["body"]), record["body_truncated"]) == (65_536, True)


@pytest.mark.usefixtures("store")
def test_ctrl_c_ends_it_and_keeps_what_was_done() -> None:
    """At once, though an app hangs."""

    def talk(app: App, line: Line) -> None:
        app.request(line)
        if len(app.requests) > 1:
            app.over.wait(15)
        line.say(b"HTTP/1.1 204 No\r\nConnection: close\r\n\r\n")

    with App(talk) as app, Terminal("replay", "1", "--to", app.url, "--times", "3") as terminal:
        terminal.shows(r"<-- #1 \[204\]")
        until(lambda: len(app.requests) == 2, "the second request")
        terminal.presses_ctrl_c()

        assert terminal.ends() == 130
    assert run("show", "1", "--format", "pretty").stdout.count(b"<-- #1 [204]") == 1


@pytest.mark.slow
@pytest.mark.usefixtures("store")
def test_a_terminal_shows_a_bar_while_it_lasts() -> None:
    """Below the lines; then a summary is there in its place."""

    def talk(app: App, line: Line) -> None:
        while True:
            app.request(line)
            app.over.wait(0.2)
            line.say(b"HTTP/1.1 204 No\r\n\r\n")

    with App(talk) as app, Terminal("replay", "1", "--to", app.url, "--times", "9") as terminal:
        terminal.shows(r" \d/9 ")
        terminal.shows(r"\*\*\* 9 sent; p50 0\.2 s|\*\*\* 9 sent; p50 2\d\d ms")

        assert terminal.ends() == 0
        text = "\n".join(terminal.lines)
    assert len(re.findall(r"^\d\d:\d\d:\d\d <-- #1 \[204\] ", text, re.MULTILINE)) == 9
    assert "/9 " not in text
    assert text.startswith(f"Sending #1 9 times to {app.url}\n")
