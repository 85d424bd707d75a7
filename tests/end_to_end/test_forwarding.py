"""What the app gets is what was sent, and the sender gets what it answers: socket to socket."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.sockets import OK, App, Line, Talk, answering, closing, dial, request, send
from tests.end_to_end.support import LISTEN, Running, run

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTHING_SHOWN = ("--event", "none.of.these")
MIB = 1 << 20
LARGE = 25 * MIB
"""GitHub's largest delivery, in bytes."""
FORWARDED = (
    "X-Forwarded-For: 127.0.0.1",
    "X-Forwarded-Proto: http",
    "X-Forwarded-Host: otter.example",
)


@contextmanager
def forwarding(folder: Path, talk: Talk, path: str = "") -> Iterator[tuple[App, Running]]:
    """Run an app, and hookcli in front of it."""
    store = f"sqlite:{folder / 'hooks.db'}"
    with (
        App(talk) as app,
        Running(folder, *LISTEN, *NOTHING_SHOWN, "--store", store, "-f", app.url + path) as hookcli,
    ):
        yield app, hookcli


def as_forwarded(app: App, raw: bytes, *more: str) -> bytes:
    """Return what the app is to get of a request: another Host, and three headers more."""
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = "\r\n".join(["", *more, *FORWARDED, "\r\n"]).encode()
    return head.replace(b"Host: otter.example", f"Host: {app.host}".encode()) + lines + body


def test_headers_and_bodies_arrive_as_they_were_sent(tmp_path: Path) -> None:
    """Bytes beyond ASCII, two spellings of a name, repeats, their order, and an odd body."""
    body = b'{ "odd" :\t"caf\xe9" }\x00\r\n'
    raw = request(
        "x-One: caf\xe9",
        "X-ONE: caf\xc3\xa9",
        "Content-Type: application/json",
        'x-one:   a;  "b" ,c',
        "Accept: */*",
        "x-One: ",
        f"content-length: {len(body)}",
        "Cookie: a=b; c",
        body=body,
    )

    with forwarding(tmp_path, answering()) as (app, hookcli):
        answer = send(hookcli.local_url, raw)

    assert answer == OK
    # A header's value has no blanks around it, whatever stood there (RFC 9110, 5.5).
    assert app.requests == [as_forwarded(app, raw.replace(b"x-one:   a", b"x-one: a"))]


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "//",
        "//x/../y/./%2F%2f%zz",
        "/x?",
        "/?a?b",
        "/x?&&a=%20+%E9;b=[1]|^",
        "*",
    ],
)
def test_paths_and_queries_arrive_as_they_were_sent(tmp_path: Path, target: str) -> None:
    """Nothing is quoted anew, nothing tidied up; not on a second connection that is kept, too."""
    raw = request(start=f"OPTIONS {target} HTTP/1.1")

    with forwarding(tmp_path, answering()) as (app, hookcli), dial(hookcli.local_url) as line:
        for _ in range(2):
            line.say(raw)
            assert line.message() == OK

    assert app.requests == [as_forwarded(app, raw)] * 2


def test_a_url_with_a_path_is_used_exactly(tmp_path: Path) -> None:
    """The query stays."""
    with forwarding(tmp_path, answering(), "/") as (app, hookcli):
        send(hookcli.local_url, request(start="GET /github/x?a=%2F HTTP/1.1"))

    assert app.requests[0].startswith(b"GET /?a=%2F HTTP/1.1\r\n")


def test_chunks_arrive_with_a_length(tmp_path: Path) -> None:
    """Their framing is between neighbours, as is what Connection names."""
    raw = request(
        "Transfer-Encoding: chunked",
        "Connection: keep-alive, X-Mine",
        "X-Mine: 1",
        "X-Yours: 2",
        body=b"3;x=y\r\n{\r\n\r\n2\r\n\r}\r\n0\r\n\r\n",
    )

    with forwarding(tmp_path, answering()) as (app, hookcli):
        answer = send(hookcli.local_url, raw)

    assert answer == OK
    assert app.requests == [
        as_forwarded(app, request("X-Yours: 2", body=b"{\r\n\r}"), "Content-Length: 5")
    ]


def test_an_answer_comes_back_as_the_app_gave_it(tmp_path: Path) -> None:
    """Spelling, repeats, bytes beyond ASCII, cookies, a redirect, a body that is no text."""
    body = bytes(range(256))
    answer = (
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/%2F\r\nX-Odd: caf\xe9\r\n"
        b"x-odd: caf\xc3\xa9\r\nSet-Cookie: a=b\r\nset-cookie: c=d\r\nContent-Encoding: gzip\r\n"
        b"Content-Length: 256\r\n\r\n" + body
    )

    with forwarding(tmp_path, answering(answer)) as (app, hookcli):
        got = [send(hookcli.local_url, request()) for _ in range(2)]

    assert got == [answer, answer]
    assert len(app.requests) == 2
    assert all(b"ookie" not in raw for raw in app.requests)


def test_25_mib_pass_both_ways_without_being_held(tmp_path: Path) -> None:
    """Byte for byte to the app, and as large an answer back; the store has the delivery too."""
    body = bytes(range(251)) * (LARGE // 251 + 1)
    raw = request(f"Content-Length: {LARGE}", body=body[:LARGE])
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE + body[:LARGE]

    with forwarding(tmp_path, answering(answer)) as (app, hookcli):
        send(hookcli.local_url, raw)
        before = memory(hookcli, "VmRSS", forget_peak=True)
        got = send(hookcli.local_url, raw)
        peak = memory(hookcli, "VmHWM")
        store = f"sqlite:{tmp_path / 'hooks.db'}"
    kept = run("show", "--format", "body", "--store", store).stdout

    # What differs would take minutes to print.
    assert (app.requests[1] == as_forwarded(app, raw)) is True
    assert (got == answer) is True
    assert (kept == body[:LARGE]) is True
    assert peak - before <= 16 * MIB


def memory(hookcli: Running, figure: str, *, forget_peak: bool = False) -> int:
    """Return bytes of memory that it has, or had; 0 where the system does not tell."""
    folder = Path(f"/proc/{hookcli.process.pid}")
    if not folder.exists():
        return 0
    if forget_peak:
        (folder / "clear_refs").write_text("5")
    lines = (folder / "status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(figure))


def test_a_sender_of_http_1_0_gets_its_answer(tmp_path: Path) -> None:
    """It knows neither chunks nor kept connections; the app is spoken to in HTTP/1.1."""
    unframed = closing(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 200_000)
    raw = b"POST /old HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}"

    with forwarding(tmp_path, unframed) as (app, hookcli), dial(hookcli.local_url) as line:
        line.say(raw)
        answer = line.rest()

    assert answer == b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000
    assert app.requests[0].startswith(f"POST /old HTTP/1.1\r\nHost: {app.host}\r\n".encode())


def test_head_has_no_body_and_delete_has_one(tmp_path: Path) -> None:
    """The length that HEAD is told is that of what is left out; the connection goes on."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

    def talk(app: App, line: Line) -> None:
        for answer in (head, OK):
            app.request(line)
            line.say(answer)

    with forwarding(tmp_path, talk) as (app, hookcli), dial(hookcli.local_url) as line:
        line.say(request(start="HEAD /x HTTP/1.1"))
        first = line.message(bodiless=True)
        raw = request("Content-Length: 2", body=b"{}", start="DELETE /x HTTP/1.1")
        line.say(raw)
        second = line.message()

    assert (first, second) == (head, OK)
    assert app.requests == [
        as_forwarded(app, request(start="HEAD /x HTTP/1.1")),
        as_forwarded(app, raw),
    ]


def test_who_asks_before_sending_a_body_is_told_to_go_on(tmp_path: Path) -> None:
    """By hookcli, at once; the app is not asked: it gets the whole."""
    raw = request("Expect: 100-continue", "Content-Length: 2")

    with forwarding(tmp_path, answering()) as (app, hookcli), dial(hookcli.local_url) as line:
        line.say(raw)
        interim = line.message(bodiless=True)
        line.say(b"{}")
        answer = line.message()

    assert (interim, answer) == (b"HTTP/1.1 100 Continue\r\n\r\n", OK)
    assert app.requests == [as_forwarded(app, request("Content-Length: 2", body=b"{}"))]
