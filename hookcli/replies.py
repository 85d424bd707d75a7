"""Answers whose bytes are known beforehand, put on the wire as they are."""

from __future__ import annotations

from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.http import HttpVersion11

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter

    from hookcli.delivery import Headers

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
        if request.transport is None:
            raise ConnectionResetError
        keep = request.keep_alive and not self._closes
        self._keep_alive = keep
        head = _head(self.status, self._head.pairs, len(self._content))
        as_default = keep == (request.version >= HttpVersion11)
        connection = "" if as_default else f"Connection: {'keep-alive' if keep else 'close'}\r\n"
        text = f"{head}Date: {_date(int(time()))}\r\n{connection}\r\n"
        bodiless = request.method == "HEAD" or self.status in _UNFRAMED
        request.transport.write(text.encode("latin-1") + (b"" if bodiless else self._content))
        # Who does not read its answers gets no more of them.
        await request.writer.drain()
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing more: all has been written."""


@lru_cache(maxsize=64)
def _head(status: int, pairs: tuple[tuple[str, str], ...], size: int) -> str:
    try:
        reason = HTTPStatus(status).phrase
    except ValueError:
        reason = ""
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in pairs)]
    if size and not any(name.lower() == "content-type" for name, _ in pairs):
        lines.append("Content-Type: text/plain; charset=utf-8")
    if status not in _UNFRAMED:
        lines.append(f"Content-Length: {size}")
    return "".join(f"{line}\r\n" for line in lines)


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
