"""Apps that are down, wrong, slow or odd: a right answer, one clear line, nothing lost."""

from __future__ import annotations

import re
import signal
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.end_to_end.sockets import OK, App, Line, Talk, answering, closing, dial, request, send
from tests.end_to_end.sockets import silent as hanging
from tests.end_to_end.support import LISTEN, Running, Terminal, run, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

MIB = 1 << 20
FAKED = b"\x1b[2J\x1b[31mboom\x1b]0;title\x07\r\n14:03:22 <-- #9 [200] 1 ms built in\r\n\x9b31m"
STAMP = re.compile(r"\d\d:\d\d:\d\d (?=<--|\.\.\.|\*\*\*|-->)")
TOOK = re.compile(r"\d+ ms|\d\.\d s")


def resetting(app: App, line: Line) -> None:
    """Take a request, and crash."""
    app.request(line)
    line.reset()


def hinting(app: App, line: Line) -> None:
    """Send an interim answer ahead of the answer."""
    app.request(line)
    line.say(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n", OK)
    app.over.wait(5)


def with_length(status: str, body: bytes, *more: str) -> bytes:
    """Lay out an answer; `more` are further headers."""
    lines = "\r\n".join([f"HTTP/1.1 {status}", *more, f"Content-Length: {len(body)}", "\r\n"])
    return lines.encode() + body


class Trouble(NamedTuple):
    """What an app does, and what comes of it."""

    talk: Talk
    status: int
    """What the sender gets."""
    said: str
    """Behind the answer's time and URL, its lines joined."""


TROUBLES = {
    "hangs": Trouble(
        hanging,
        504,
        "! No answer from APP within 0.3 s; the sender got 504 "
        "Do answer first and work afterwards, or wait longer: --forward-timeout",
    ),
    "resets": Trouble(
        resetting, 502, "! APP closed the connection without an answer; the sender got 502"
    ),
    "garbage": Trouble(
        closing(b"\x16\x03\x01\x1b[31mgarbage\r\n\r\n"),
        502,
        "! APP did not answer in HTTP: Bad status line; the sender got 502",
    ),
    "closes": Trouble(
        closing(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"half"),
        502,
        "! APP broke off in the middle of its answer; the sender got 502",
    ),
    "redirects": Trouble(
        answering(with_length("302 Found", b"", "Location: http://127.0.0.1:9/")), 302, ""
    ),
    "hints": Trouble(hinting, 200, ""),
    "answers-100-mb": Trouble(
        closing(
            b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (100 * MIB), *[bytes(MIB)] * 100
        ),
        200,
        "",
    ),
    "escapes": Trouble(
        answering(with_length("500 Oh", FAKED, "Content-Type: text/plain")),
        500,
        r"Not UTF-8: shown as ISO-8859-1 │ \u001b[2J\u001b[31mboom\u001b]0;title\u0007 "
        r"│ 14:03:22 <-- #9 [200] 1 ms built in │ \u009b31m",
    ),
}


@pytest.mark.parametrize("columns", [80, 120])
def test_each_trouble_is_a_right_answer_and_a_clear_line(columns: int) -> None:
    """The person reads what the app did, and what the sender got; no escape acts."""
    with ExitStack() as stack:
        apps = {name: stack.enter_context(App(trouble.talk)) for name, trouble in TROUBLES.items()}
        routes = [word for name, app in apps.items() for word in ("-f", f"/{name}={app.url}")]
        listen = (*LISTEN, *routes, "--forward-timeout", "0.3")
        terminal = stack.enter_context(Terminal(*listen, columns=columns))
        statuses = {}
        for number, name in enumerate(apps, 1):
            answer = send(terminal.local_url, request(start=f"GET /{name} HTTP/1.1"))
            statuses[name] = int(answer.split()[1])
            terminal.shows(f"<-- #{number} ")
        terminal.presses_ctrl_c()

        assert terminal.ends() == 0
        assert statuses == {name: trouble.status for name, trouble in TROUBLES.items()}
        assert "... #1 no answer yet from" in "\n".join(terminal.lines)
        told = dict(zip(apps, answers(terminal.lines), strict=True))
        assert told == {
            name: f"[{trouble.status}] TIME {apps[name].url} {trouble.said}".replace(
                "APP", apps[name].host
            ).strip()
            for name, trouble in TROUBLES.items()
        }
        assert all(len(line) < columns for line in terminal.lines)


def answers(lines: list[str]) -> Iterator[str]:
    """Return what was said of each delivery's answer, its lines joined, its time made the same."""
    for said in re.split(r"(?m)^\d\d:\d\d:\d\d ", "\n".join(lines)):
        if said.startswith("<-- #"):
            _, text = said.split(" [", 1)
            yield TOOK.sub("TIME", " ".join(f"[{text}".split()), count=1)


@pytest.mark.parametrize("columns", [80, pytest.param(120, marks=pytest.mark.slow)])
def test_an_app_that_comes_and_goes_is_told_once_each_time(columns: int) -> None:
    """Down at the start, up, down again: the banner or a line says it, and each delivery how."""
    with App(answering()) as gone:
        port = gone.port
    with Terminal(*LISTEN, "-f", str(port), columns=columns) as terminal:
        terminal.shows(rf"^Forward    http://127\.0\.0\.1:{port} · nothing listens there yet$")
        url = terminal.local_url
        refused = send(url, request())
        terminal.shows(rf"^       ! Nothing listens on 127\.0\.0\.1:{port}; the sender got 502$")
        terminal.shows(r"^         Do       start your app, then: hookcli replay \d+$")
        with App(answering(), port):
            terminal.shows(rf"\*\*\* http://127\.0\.0\.1:{port} UP after \d")
            terminal.shows(r"^         1 delivery failed meanwhile: hookcli list --failed")
            passed = send(url, request())
        send(url, request())
        terminal.shows(rf"\*\*\* http://127\.0\.0\.1:{port} DOWN: nothing listens there")

        assert refused.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
        assert passed == OK
        assert sum(" UP after " in line for line in terminal.lines) == 1
        assert sum(" DOWN: " in line for line in terminal.lines) == 1
        assert all(len(line) < columns for line in terminal.lines)


def test_a_large_answer_that_breaks_off_breaks_off_for_the_sender(tmp_path: Path) -> None:
    """It sees that the end is missing; why stands in the line, and stays in the store."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n"
    store = f"sqlite:{tmp_path / 'hooks.db'}"
    with (
        App(closing(head, b"x" * 300_000)) as app,
        Terminal(*LISTEN, "--store", store, "-f", app.url) as terminal,
        dial(terminal.local_url) as line,
    ):
        line.say(request())
        came = line.rest()
        terminal.shows(rf"^       ! {app.host} broke off in the middle of its answer")
    shown = run("show", "--format", "pretty", "--store", store).stdout.decode()

    assert came.startswith(head)
    assert len(came) < 900_000
    assert f"{app.host} broke off in the middle of its answer" in shown


def test_an_answer_that_a_crash_cut_short_is_unknown(tmp_path: Path) -> None:
    """After kill -9 during a forward the delivery is there, and nobody claims an answer."""
    store = f"sqlite:{tmp_path / 'hooks.db'}"
    with (
        App(hanging) as app,
        Running(tmp_path, *LISTEN, "--store", store, "-f", app.url) as hookcli,
        dial(hookcli.local_url) as line,
    ):
        line.say(request("Content-Length: 2", body=b"{}"))
        until(lambda: app.requests, "the app to be asked")
        hookcli.interrupt(signal.SIGKILL)
        hookcli.ends()
    shown = run("show", "--format", "pretty", "--store", store)
    with Terminal("list", "--store", store) as terminal:
        row = terminal.shows(r"POST /hook .*$")[0]

    assert b"Answer unknown" in shown.stdout
    assert shown.returncode == 0
    assert row.split()[-2:] == ["none", "-"]


def test_ctrl_c_waits_for_an_answer_that_is_under_way() -> None:
    """The sender gets what the app answers; then it ends."""
    go = threading.Event()

    def slow(app: App, line: Line) -> None:
        app.request(line)
        go.wait(5)
        line.say(OK)

    with App(slow) as app, Terminal(*LISTEN, "-f", app.url) as terminal:
        with dial(terminal.local_url) as line:
            line.say(request())
            terminal.shows(r"\.\.\. #1 no answer yet from")
            terminal.presses_ctrl_c()
            go.set()
            answer = line.message()

        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert terminal.ends() == 0
        assert "<-- #1 [200]" in "\n".join(terminal.lines)


@pytest.mark.slow
def test_ctrl_c_does_not_wait_for_ever() -> None:
    """For five seconds; who waits still is told of, the exit code is 0, and no traceback comes."""
    with App(hanging) as app, Terminal(*LISTEN, "-f", app.url) as terminal:
        with dial(terminal.local_url) as line:
            line.say(request())
            terminal.shows(r"\.\.\. #1 no answer yet from")
            terminal.presses_ctrl_c()
            answer = line.rest()

            assert terminal.ends(seconds=2) == 0
        text = "\n".join(terminal.lines)
        assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
        assert "A sender was still waiting" in text
        assert f"! hookcli ended before the end of the answer from {app.host};" in text
        assert "Stopped. 1 delivery, #1" in text
        assert "Traceback" not in text
