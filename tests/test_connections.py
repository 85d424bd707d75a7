"""What is no HTTP gets 400 and one line; whose headers never end is cut off."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from hookcli.connections import Server
from hookcli.delivery import Headers
from hookcli.replies import Reply
from tests.senders import HOST, Notices, Sender, chunked, post, say

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from hookcli.received import Received

TLS_HELLO = bytes.fromhex("16030100f8010000f40303") + b"\x01" * 200

SOON = 0.15
TOO_SLOW = f"{HOST}: 400, its headers never ended"


@asynccontextmanager
async def serving(
    headers_s: float = 30, handler: Callable[[Received], Awaitable[Reply]] | None = None
) -> AsyncIterator[tuple[int, Notices]]:
    """Run a server that answers with the body it got; yield its port, and what it noted."""
    notices = Notices()

    async def echo(request: Received) -> Reply:
        if request.raw_path == "/fails":
            raise RuntimeError("of our own making")
        body = b"" if request.raw_path == "/unread" else await request.content.read()
        return Reply(200, Headers(), body)

    def refused(remote: str | None, status: int, what: str) -> None:
        notices(f"{remote}: {status}, {what}")

    server = Server(handler or echo, refused, headers_s)
    listening = await asyncio.get_running_loop().create_server(server, HOST, 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1], notices
        await server.shutdown(0.1)


async def headers_of_now_are_late(port: int) -> None:
    """Wait until headers that began before this would be late: those of another sender are."""
    async with await Sender.connect(port) as other:
        await other.send(b"GET /")
        assert await other.rest() == b""


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\xff\xfe garbage \x1b[31m\r\n\r\n",
        TLS_HELLO,
        b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"post / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 1_200 + b"\r\n",
    ],
)
async def test_what_is_no_http_gets_400_and_one_line(
    raw: bytes, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback, no log, no second line; and the next sender is served."""
    async with serving() as (port, notices):
        async with await Sender.connect(port) as sender:
            await sender.send(raw)
            answer = await sender.answer()
            rest = await sender.rest()
        after = await say(port, post(b"next"))

    assert (answer.status, rest) == (400, b"")
    assert answer.body == b"400: not understood\n"
    (line,) = notices.lines
    assert line.startswith(f"{HOST}: 400, ")
    assert "\n" not in line
    assert after.body == b"next"
    assert caplog.records == []
    assert capsys.readouterr() == ("", "")


async def test_a_failure_of_our_own_is_no_traceback_either(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is noted, and the sender may come again."""
    async with serving() as (port, notices):
        answer = await say(port, post(path="/fails"))

    assert answer.status == 500
    assert notices.lines == [f"{HOST}: 500, RuntimeError: of our own making"]
    assert caplog.records == []


@pytest.mark.parametrize("beginning", [b"GET /", b"POST / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_headers_that_never_end_end_the_connection(beginning: bytes) -> None:
    """However busily the sender goes on with them."""
    async with serving(SOON) as (port, notices), await Sender.connect(port) as sender:
        await sender.send(beginning, b"o", b"o")
        rest = await sender.rest()

    assert rest == b""
    assert notices.lines == [TOO_SLOW]


async def test_headers_may_come_in_pieces() -> None:
    """Their end is what counts; the next request has as long again."""
    async with serving(SOON) as (port, notices), await Sender.connect(port) as sender:
        for _ in range(2):
            await sender.send(*(bytes([byte]) for byte in post(b"body")))
            assert (await sender.answer()).body == b"body"
        await headers_of_now_are_late(port)
        await sender.send(post(b"later"))
        assert (await sender.answer()).body == b"later"

    assert notices.lines == [TOO_SLOW]


async def test_a_slow_body_is_no_slow_header() -> None:
    """There are other bounds for it."""
    *beginning, end = (bytes([byte]) for byte in post(b"slow body"))

    async with serving(SOON) as (port, notices), await Sender.connect(port) as sender:
        await sender.send(*beginning)
        await headers_of_now_are_late(port)
        await sender.send(end)
        answer = await sender.answer()

    assert answer.body == b"slow body"
    assert notices.lines == [TOO_SLOW]


async def test_a_body_that_nobody_reads_is_no_slow_header() -> None:
    """It is thrown away, and the connection is good for another request."""
    *beginning, end = (bytes([byte]) for byte in post(b"nobody reads it", path="/unread"))

    async with serving(SOON) as (port, notices), await Sender.connect(port) as sender:
        await sender.send(*beginning)
        first = await sender.answer()
        await sender.send(end)
        await headers_of_now_are_late(port)
        await sender.send(post(b"next"))
        second = await sender.answer()

    assert (first.body, second.body) == (b"", b"next")
    assert notices.lines == [TOO_SLOW]


async def test_a_sender_that_leaves_within_its_headers_is_nobodys_business() -> None:
    """A port scanner, say: the timer goes with it."""
    async with serving(SOON) as (port, notices):
        async with await Sender.connect(port) as sender:
            await sender.send(b"GET / HT")
        await headers_of_now_are_late(port)

    assert notices.lines == [TOO_SLOW]


async def test_bodies_come_as_they_were_sent() -> None:
    """Nothing is decompressed on the way."""
    head = "Content-Encoding: gzip\r\n"

    async with serving() as (port, _):
        plain, pieces = (
            await say(port, post(b"\x1f\x8b", head=head)),
            await say(port, chunked(b"a")),
        )

    assert (plain.body, pieces.body) == (b"\x1f\x8b", b"a")


async def test_its_log_is_its_own() -> None:
    """No other program's logging is touched."""
    async with serving() as (port, _):
        await say(port, post())

    assert not logging.getLogger("aiohttp").disabled


async def test_requests_that_come_together_are_answered_in_order() -> None:
    """Also more of them than may wait: the others are read when there is room."""
    bodies = [b"%d" % number for number in range(200)]

    async with serving() as (port, _), await Sender.connect(port) as sender:
        await sender.send(b"".join(map(post, bodies)))
        answers = [(await sender.answer()).body for _ in bodies]

    assert answers == bodies
