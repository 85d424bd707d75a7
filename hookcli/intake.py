"""Reads request bodies within bounds: of size, of memory, of disk and of time."""

from __future__ import annotations

import asyncio
import tempfile
from collections import deque
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from hookcli.delivery import HELD_BODY

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import StreamReader

_IN_MEMORY = 64 << 20
"""Bytes of all bodies that are held in memory at once; further senders wait."""
_ON_DISK = 8
"""Bodies that are on their way to disk at once; further senders wait."""
_PIECE = 256 * 1024
"""Bytes that are gathered before they are written to disk."""
_SILENCE_S = 60.0


class TooLargeError(Exception):
    """The body is over the limit."""


class SilentError(Exception):
    """The sender sent nothing for too long."""


class Body(NamedTuple):
    """A whole body: its bytes, or a file of them."""

    held: bytes
    """Empty where the body is over `HELD_BODY`."""
    size: int
    room: int
    """Bytes of memory that are set aside for it."""
    file: BinaryIO | None = None


class Intake:
    """Takes bodies in. A sender waits, rather than fails, while there is no room."""

    def __init__(
        self, *, max_body: int, folder: Path | None, silence_s: float = _SILENCE_S
    ) -> None:
        """Refuse bodies over `max_body` bytes; keep large ones in `folder` on their way."""
        self._max_body = max_body
        self._folder = folder
        self._silence_s = silence_s
        self._memory = _Budget(_IN_MEMORY)
        self._files = asyncio.Semaphore(_ON_DISK)

    def whole(self, content: StreamReader) -> Body | None:
        """Return a body that has come already, as most have, if there is room for it.

        Give it back with `release`. None: `take` waits for it, or refuses it.
        """
        size = content.total_bytes
        there = content.is_eof() and content.exception() is None
        if there and size <= min(HELD_BODY, self._max_body) and self._memory.given(size):
            return Body(content.read_nowait(), size, size)
        return None

    async def take(self, content: StreamReader, length: int | None) -> Body:
        """Read a body that is announced with `length` bytes; None: not announced.

        Give it back with `release`. Raises TooLargeError, SilentError, OSError where it cannot
        be kept, and what `content` raises where the sender goes away.
        """
        if content.is_eof():
            length = content.total_bytes
        if length is not None and length > self._max_body:
            raise TooLargeError
        room = HELD_BODY if length is None else min(length, HELD_BODY)
        await self._memory.take(room)
        try:
            start = await self._read(content, HELD_BODY)
            if len(start) <= HELD_BODY:
                return Body(start, len(start), room)
            return await self._take_large(content, start, room)
        except BaseException:
            self._memory.give(room)
            raise

    async def release(self, body: Body) -> None:
        """Give back the room of a body that is kept, or not wanted any more."""
        self._memory.give(body.room)
        if body.file is not None:
            self._files.release()
            await asyncio.to_thread(body.file.close)

    async def _take_large(self, content: StreamReader, start: bytes, room: int) -> Body:
        await self._files.acquire()
        file = None
        try:
            file = await asyncio.to_thread(self._file)
            return Body(b"", await self._spool(content, start, file), room, file)
        except BaseException:
            self._files.release()
            if file is not None:
                await asyncio.to_thread(file.close)
            raise

    def _file(self) -> BinaryIO:
        """Make a file without a name: however hookcli ends, it leaves none behind."""
        return tempfile.TemporaryFile(dir=self._folder)

    async def _spool(self, content: StreamReader, start: bytes, file: BinaryIO) -> int:
        """Write the whole body to the file, a piece at a time; return its size."""
        size, piece = 0, start
        while piece:
            size += len(piece)
            if size > self._max_body:
                raise TooLargeError
            await asyncio.to_thread(file.write, piece)
            piece = await self._read(content, _PIECE)
        return size

    async def _read(self, content: StreamReader, most: int) -> bytes:
        """Return the rest of the body, or the next bytes of it: over `most` then."""
        pieces = []
        size = 0
        while size <= most:
            try:
                async with asyncio.timeout(self._silence_s):
                    piece = await content.readany()
            except TimeoutError:
                raise SilentError from None
            if not piece:
                break
            pieces.append(piece)
            size += len(piece)
            if size > self._max_body:
                raise TooLargeError
        return b"".join(pieces)


class _Budget:
    """A number of bytes; whoever wants more than there are waits for its turn."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    def given(self, size: int) -> bool:
        """Take so many if they are there and nobody waits; return whether that is so."""
        given = size <= self._left and not self._waiting
        self._left -= size if given else 0
        return given

    async def take(self, size: int) -> None:
        if self.given(size):
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give(size)
            raise

    def give(self, size: int) -> None:
        self._left += size
        while self._waiting and self._waiting[0][0] <= self._left:
            wanted, turn = self._waiting.popleft()
            if not turn.cancelled():
                self._left -= wanted
                turn.set_result(None)
