"""Answers, put on the wire as they are: our own, and those of apps."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.http import HttpVersion11

from hookcli.failures import BreakOffError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp.abc import AbstractStreamWriter

    from hookcli.delivery import Headers

_UNREAD_S = 60.0
"""Seconds that a sender may go without reading its answer."""
_UNFRAMED = {204, 304}
"""Statuses whose answers have no body, and do not say how long it is."""


class Reply(web.StreamResponse):
    """A whole answer. It costs a third of a `web.Response`, and keeps the spelling of headers."""

    def __init__(self, status: int, headers: Headers, body: bytes, *, close: bool = False) -> None:
        """`close` ends the connection after it."""
        super().__init__(status=status)
        self._head = headers
        self._content = body
        self._closes = close

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Write it, head and body. Raises ConnectionError where the sender has gone away."""
        self._keep_alive = request.keep_alive and not self._closes
        head = _head(self.status, self._head.pairs, len(self._content))
        connection = _connection(request, keep=self._keep_alive)
        text = f"{head}Date: {_date(int(time()))}\r\n{connection}\r\n"
        bodiless = request.method == "HEAD" or self.status in _UNFRAMED
        await _write(request, text.encode("latin-1") + (b"" if bodiless else self._content))
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing more: all has been written."""


class Passed(web.StreamResponse):
    """An app's answer, passed on with its own headers, as fast as the sender takes it."""

    def __init__(
        self,
        status: int,
        headers: Headers,
        start: bytes,
        rest: AsyncIterator[bytes] | None,
        *,
        close: bool,
    ) -> None:
        """`start` is the whole body, or its beginning where `rest` yields what comes behind it.

        The headers tell its length or leave that open. `close` ends the connection after it.
        """
        super().__init__(status=status)
        self._pairs = headers.pairs
        self._beginning = start
        self._rest = rest
        self._closes = close
        self._written = False

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Write it, head and body, unless that was done before.

        Raises ConnectionError where the sender has gone away, and BreakOffError where the app
        has; the sender can tell by a connection that ends too early.
        """
        if self._written:
            return None
        self._written = True
        chunked, framing = self._framing(request)
        lines = [f"{name}: {value}\r\n" for name, value in self._pairs]
        head = f"{_status_line(self.status)}{''.join(lines)}{framing}\r\n".encode("latin-1")
        await _write(request, head + (_chunk(self._beginning) if chunked else self._beginning))
        if self._rest is not None:
            await self._write_rest(request, self._rest, chunked=chunked)
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing more: all has been written."""

    async def _write_rest(
        self, request: web.BaseRequest, rest: AsyncIterator[bytes], *, chunked: bool
    ) -> None:
        try:
            async for piece in rest:
                await _write(request, _chunk(piece) if chunked else piece)
        except BreakOffError:
            self._keep_alive = False
            if request.transport is not None:
                request.transport.close()
            raise
        if chunked:
            await _write(request, b"0\r\n\r\n")

    def _framing(self, request: web.BaseRequest) -> tuple[bool, str]:
        """Return whether the body goes in chunks, and the headers that tell where it ends."""
        told = request.method == "HEAD" or self.status in _UNFRAMED
        told |= any(name.lower() == "content-length" for name, _ in self._pairs)
        length = chunks = ""
        if not told and self._rest is None:
            told, length = True, f"Content-Length: {len(self._beginning)}\r\n"
        chunked = not told and request.version >= HttpVersion11
        if chunked:
            told, chunks = True, "Transfer-Encoding: chunked\r\n"
        self._keep_alive = request.keep_alive and not self._closes and told
        return chunked, f"{length}{chunks}{_connection(request, keep=self._keep_alive)}"


async def _write(request: web.BaseRequest, data: bytes) -> None:
    if request.transport is None:
        raise ConnectionResetError
    request.transport.write(data)
    if not request.transport.get_write_buffer_size():
        return
    # Who does not read its answers gets no more of them, and after a while none at all.
    try:
        async with asyncio.timeout(_UNREAD_S):
            await request.writer.drain()
    except TimeoutError:
        request.transport.abort()
        raise ConnectionResetError from None


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b""


def _connection(request: web.BaseRequest, *, keep: bool) -> str:
    as_default = keep == (request.version >= HttpVersion11)
    return "" if as_default else f"Connection: {'keep-alive' if keep else 'close'}\r\n"


def _status_line(status: int) -> str:
    try:
        return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
    except ValueError:
        return f"HTTP/1.1 {status} \r\n"


@lru_cache(maxsize=64)
def _head(status: int, pairs: tuple[tuple[str, str], ...], size: int) -> str:
    lines = [f"{name}: {value}" for name, value in pairs]
    if size and not any(name.lower() == "content-type" for name, _ in pairs):
        lines.append("Content-Type: text/plain; charset=utf-8")
    if status not in _UNFRAMED:
        lines.append(f"Content-Length: {size}")
    return _status_line(status) + "".join(f"{line}\r\n" for line in lines)


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
