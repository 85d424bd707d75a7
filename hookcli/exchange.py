"""One request to an app and its answer, neither of them held whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from aiohttp import EMPTY_PAYLOAD, ClientError, StreamReader

from hookcli.delivery import NO_HEADERS, Headers
from hookcli.failures import FAILURES, BreakOffError, UpgradeError, sentence

if TYPE_CHECKING:
    from hookcli.pool import Connection, Pool

KEPT_BODY = 64 * 1024
"""Bytes of an answer that are kept, and up to which all of it is waited for."""
_WITH_HEAD = 64 * 1024
"""Bytes of a body up to which it goes out in one piece with its head."""
_CROSSED_S = 0.1
"""Seconds within which a connection ends that the app had closed before the request came."""

Body = bytes | Callable[[], AsyncIterator[bytes]]
"""A whole body, or what begins to yield it: once more where it has to be sent again."""


class Exchange:
    """Sends and reads; has to be ended. Whatever the app does, it tells by `error`."""

    def __init__(self, pool: Pool, timeout_s: float) -> None:
        """Be done with the whole answer after so long."""
        self._pool = pool
        self._timeout_s = timeout_s
        self._deadline = asyncio.get_running_loop().time() + timeout_s
        self._connection: Connection | None = None
        self._upload: asyncio.Future[None] | None = None
        self._content: StreamReader = EMPTY_PAYLOAD
        self.status: int | None = None
        """None where the answer did not come so far that it could be handed on."""
        self.headers = NO_HEADERS
        self.error: str | None = None
        """Why there is no answer, or not all of it: a sentence for a person."""
        self.timed_out = False

    @property
    def whole(self) -> bool:
        """Whether nothing of the answer is left to read."""
        return self._content.at_eof()

    async def start(self, head: bytes, body: Body, *, bodiless: bool) -> bytes:
        """Send; return the body of the answer up to `KEPT_BODY` bytes, or its beginning: more.

        `bodiless`: the answer has no body whatever its head says. Raises what `body` raises.
        """
        try:
            async with asyncio.timeout_at(self._deadline):
                await self._answered(head, body, bodiless=bodiless)
                return await self._beginning()
        except FAILURES as error:
            self._fail(error)
            self.status, self.headers = None, NO_HEADERS
            return b""

    async def rest(self) -> AsyncIterator[bytes]:
        """Yield what comes behind the beginning. Raises BreakOffError where its end is missing."""
        try:
            while not self._content.at_eof():
                async with asyncio.timeout_at(self._deadline):
                    piece = await self._content.readany()
                yield piece
        except FAILURES as error:
            self._fail(error)
            raise BreakOffError from error

    async def end(self) -> None:
        """Give the connection back; it is closed where anything is left to send or to read."""
        connection, self._connection = self._connection, None
        upload, self._upload = self._upload, None
        if connection is not None:
            self._pool.give(connection, keep=upload is None or upload.done())
        if upload is not None:
            upload.cancel()
            await asyncio.wait([upload])

    async def _answered(self, head: bytes, body: Body, *, bodiless: bool) -> None:
        """Send, and once more on a new connection where the app had closed the kept one."""
        try:
            await self._request(head, body, bodiless=bodiless)
        except (ClientError, OSError) as error:
            used = self._connection
            if used is None or used.heard or not used.reused or used.asked_s > _CROSSED_S:
                raise  # it may have done what was asked: it is not asked twice
            await self.end()
            try:
                await self._request(head, body, bodiless=bodiless, fresh=True)
            except OSError:
                if self._connection is None:  # it is gone, and was there: that is what is told
                    raise error from None
                raise

    async def _request(
        self, head: bytes, body: Body, *, bodiless: bool, fresh: bool = False
    ) -> None:
        connection = self._connection = await self._pool.take(fresh=fresh)
        connection.expect(bodiless=bodiless)
        if not isinstance(body, bytes):
            connection.write(head)
            self._upload = asyncio.ensure_future(_send(connection, body()))
        elif len(body) <= _WITH_HEAD:
            connection.write(head + body)
        else:
            connection.write(head)
            connection.write(body)
        message, self._content = await connection.answer()
        if message.code == 101:
            raise UpgradeError
        self.status = message.code
        self.headers = Headers.from_raw(message.raw_headers)

    async def _beginning(self) -> bytes:
        content = self._content
        if content.is_eof():
            return content.read_nowait()
        pieces = []
        size = 0
        while size <= KEPT_BODY and (piece := await content.readany()):
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)

    def _fail(self, error: BaseException) -> None:
        begun = self._connection is not None and self._connection.heard
        self.error = sentence(error, self._pool.address, self._timeout_s, begun=begun)
        self.timed_out = isinstance(error, TimeoutError)


async def _send(connection: Connection, pieces: AsyncIterator[bytes]) -> None:
    """Send a body no faster than the app takes it; what fails is told to who reads the answer."""
    try:
        async for piece in pieces:
            connection.write(piece)
            await connection.drain()
    except Exception as error:  # noqa: BLE001 - the store's error is raised by `answer`
        connection.fail(error)
