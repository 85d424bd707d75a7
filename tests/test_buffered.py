"""Bytes come through one buffer as they were sent, and reading goes on where it was paused."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp.http import HttpRequestParser

from hookcli.buffered import BufferedProtocol, new_buffer

if TYPE_CHECKING:
    from collections.abc import Iterable


class Ear(BufferedProtocol):
    """Keeps what it hears, and when it is told to read on."""

    def __init__(self, buffer: memoryview) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(loop, HttpRequestParser(self, loop, 1024))
        self.incoming = buffer
        self.heard: list[bytes] = []
        self.ended = asyncio.Event()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Tell that all is heard."""
        super().connection_lost(exc)
        self.ended.set()

    def data_received(self, data: bytes) -> None:
        """Keep it; nothing is said where the parser is to go on with what it has."""
        self.heard.append(data)


def put(ear: Ear, pieces: Iterable[bytes]) -> None:
    """Do as a transport does."""
    for piece in pieces:
        ear.get_buffer(-1)[: len(piece)] = piece
        ear.buffer_updated(len(piece))


async def test_what_is_heard_stays_when_another_connection_uses_the_buffer() -> None:
    buffer = new_buffer()
    one, other = Ear(buffer), Ear(buffer)

    put(one, [b"POST / HT", b"TP/1.1"])
    put(other, [b"GET /other"])

    assert one.heard == [b"POST / HT", b"TP/1.1"]
    assert other.heard == [b"GET /other"]


async def test_more_than_the_buffer_holds_comes_in_pieces() -> None:
    """Through a real socket: no byte is lost or changed between two fillings."""
    sent = bytes(range(256)) * 1000
    ear = Ear(new_buffer())
    server = await asyncio.get_running_loop().create_server(lambda: ear, "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(sent)
    writer.write_eof()
    await writer.drain()
    await asyncio.wait_for(ear.ended.wait(), 5)
    writer.close()
    server.close()

    assert b"".join(ear.heard) == sent
    assert len(ear.heard) > 1


async def test_the_parser_goes_on_only_where_it_was_paused() -> None:
    ear = Ear(new_buffer())

    ear.resume_reading()
    heard_before = list(ear.heard)
    ear._reading_paused = True
    ear.resume_reading()

    assert heard_before == []
    assert ear.heard == [b""]
    assert not ear._reading_paused
