"""However a connection ends, nobody waits for ever, and who asked is answered as far as can be."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import ClientError

from hookcli import connections, received
from hookcli.connections import Server
from hookcli.delivery import Headers
from hookcli.replies import Reply
from tests.senders import HOST, Sender, chunked, post, until
from tests.test_connections import SOON, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from hookcli.received import Received


class Gate:
    """A handler that answers when it may."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()
        self.failed: list[str] = []

    async def __call__(self, request: Received) -> Reply:
        """Wait, and read the body."""
        self.reached.set()
        await self.opened.wait()
        try:
            return Reply(200, Headers(), await request.content.read())
        except ClientError as error:
            self.failed.append(str(error))
            return Reply(400, Headers(), b"broken", close=True)


@asynccontextmanager
async def ending(gate: Gate) -> AsyncIterator[tuple[Server, int]]:
    """Run a server that the test shuts down; yield it and its port."""
    server = Server(gate, print)
    listening = await asyncio.get_running_loop().create_server(server, HOST, 0)
    async with listening:
        yield server, listening.sockets[0].getsockname()[1]


async def test_what_is_no_http_waits_for_its_turn() -> None:
    """What came before it is answered first."""
    gate = Gate()

    async with serving(handler=gate) as (port, notices), await Sender.connect(port) as sender:
        await sender.send(post(b"first"))
        await gate.reached.wait()
        await sender.send(b"garbage\r\n\r\n")
        gate.opened.set()
        answers = [await sender.answer() for _ in range(2)]
        rest = await sender.rest()

    assert [answer.body for answer in answers] == [b"first", b"400: not understood\n"]
    assert rest == b""
    assert len(notices.lines) == 1


async def test_a_body_that_the_sender_breaks_off_ends_its_request() -> None:
    """It has said that it will say no more."""
    gate = Gate()
    gate.opened.set()

    async with serving(handler=gate) as (port, _), await Sender.connect(port) as sender:
        sender.writer.write(post(b"half")[:-2])
        sender.writer.write_eof()
        answer = await sender.answer()

    assert answer.status == 400
    assert gate.failed == ["The body broke off"]


async def test_a_chunk_that_is_none_ends_its_request() -> None:
    """At once, not by a silence."""
    gate = Gate()

    async with serving(handler=gate) as (port, _), await Sender.connect(port) as sender:
        await sender.send(chunked(b"a")[:-5])
        await gate.reached.wait()
        gate.opened.set()
        await sender.send(b"zz\r\n")
        answer = await sender.answer()
        rest = await sender.rest()

    assert (answer.status, rest) == (400, b"")
    assert len(gate.failed) == 1


async def test_an_idle_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it never was used, or not any more."""
    monkeypatch.setattr(connections, "_IDLE_S", SOON)

    async with serving() as (port, notices), await Sender.connect(port) as unused:
        async with await Sender.connect(port) as used:
            await used.send(post(b"once"))
            assert (await used.answer()).body == b"once"
            assert await used.rest() == b""
        assert await unused.rest() == b""

    assert notices.lines == []


async def test_who_waits_for_an_answer_is_not_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long that takes: a connection that was made later is closed meanwhile."""
    monkeypatch.setattr(connections, "_IDLE_S", SOON)
    gate = Gate()

    async with serving(handler=gate) as (port, _), await Sender.connect(port) as waiting:
        await waiting.send(post(b"slow"))
        await gate.reached.wait()
        async with await Sender.connect(port) as idle:
            assert await idle.rest() == b""
        gate.opened.set()
        answer = await waiting.answer()

    assert answer.body == b"slow"


async def test_a_body_that_never_ends_and_nobody_wants_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(received, "_LINGER_S", SOON)

    async with serving() as (port, _), await Sender.connect(port) as sender:
        await sender.send(post(b"never ends", path="/unread")[:-3])
        answer = await sender.answer()
        rest = await sender.rest()

    assert (answer.status, rest) == (200, b"")


async def test_another_protocol_is_answered_in_this_one() -> None:
    """Nobody here speaks it, so the connection ends."""
    upgrade = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"

    async with serving() as (port, _), await Sender.connect(port) as sender:
        await sender.send(upgrade + b"\x81\x05hello")
        answer = await sender.answer()
        rest = await sender.rest()

    assert (answer.status, rest) == (200, b"")


async def test_a_sender_that_will_say_no_more_gets_its_answer() -> None:
    """It has closed its side only; without a request there is nothing to wait for."""
    async with serving() as (port, _), await Sender.connect(port) as sender:
        sender.writer.write(post(b"last words"))
        sender.writer.write_eof()
        answer = await sender.answer()
        rest = await sender.rest()

    assert (answer.body, rest) == (b"last words", b"")


async def test_at_the_end_who_waits_for_an_answer_still_gets_it() -> None:
    """For a while; who only keeps a connection does not hold the end up."""
    gate = Gate()

    async with (
        ending(gate) as (server, port),
        await Sender.connect(port) as idle,
        await Sender.connect(port) as waiting,
    ):
        await waiting.send(post(b"slow"))
        await gate.reached.wait()
        await until(lambda: len(server.connections) == 2)
        end = asyncio.ensure_future(server.shutdown(5))
        left = await idle.rest()
        gate.opened.set()
        answer = await waiting.answer()
        await end
        await waiting.rest()

    assert (left, answer.body) == (b"", b"slow")
    assert server.connections == set()


async def test_at_the_end_nobody_waits_for_ever() -> None:
    """An answer that does not come is given up."""
    gate = Gate()

    async with ending(gate) as (server, port), await Sender.connect(port) as sender:
        await sender.send(post())
        await gate.reached.wait()
        await server.shutdown(0.01)
        rest = await sender.rest()

    assert rest == b""
