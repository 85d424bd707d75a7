"""Answers, put on the wire as they are: our own, and those of apps."""

from __future__ import annotations

from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time
from typing import TYPE_CHECKING

from hookcli.delivery import BODILESS
from hookcli.failures import BreakOffError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookcli.delivery import Headers
    from hookcli.received import Received


class Reply:
    """A whole answer of ours."""

    def __init__(self, status: int, headers: Headers, body: bytes, *, close: bool = False) -> None:
        """`close` ends the connection after it."""
        self._status = status
        self._pairs = headers.pairs
        self._body = body
        self._close = close

    async def send(self, request: Received) -> bool:
        """Write it, head and body; return whether the connection stays.

        Raises ConnectionError where the sender has gone away.
        """
        keep = request.keep_alive and not self._close
        connection = _connection(request, keep=keep)
        head = _head(self._status, self._pairs, len(self._body), connection, int(time()))
        bodiless = request.method == "HEAD" or self._status in BODILESS
        await request.line.write(head if bodiless else head + self._body)
        return keep


class Passed:
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
        self.status = status
        self._pairs = headers.pairs
        self._start = start
        self._rest = rest
        self._close = close
        self._keep: bool | None = None

    async def send(self, request: Received) -> bool:
        """Write it, head and body, unless that was done before; as Reply does.

        Raises BreakOffError where the app breaks off: then the connection ends too early.
        """
        if self._keep is not None:
            return self._keep
        self._keep = False
        keep, chunked, framing = self._framing(request)
        lines = [f"{name}: {value}\r\n" for name, value in self._pairs]
        head = f"{_status_line(self.status)}{''.join(lines)}{framing}\r\n".encode("latin-1")
        await request.line.write(head + (_chunk(self._start) if chunked else self._start))
        if self._rest is not None:
            await self._send_rest(request, self._rest, chunked=chunked)
        self._keep = keep
        return keep

    async def _send_rest(
        self, request: Received, rest: AsyncIterator[bytes], *, chunked: bool
    ) -> None:
        try:
            async for piece in rest:
                await request.line.write(_chunk(piece) if chunked else piece)
        except BreakOffError:
            request.line.close()
            raise
        if chunked:
            await request.line.write(b"0\r\n\r\n")

    def _framing(self, request: Received) -> tuple[bool, bool, str]:
        """Return whether the connection stays, whether the body goes in chunks, and their headers.

        A body whose end is told neither by a length nor by chunks ends with the connection.
        """
        told = request.method == "HEAD" or self.status in BODILESS
        told |= any(name.lower() == "content-length" for name, _ in self._pairs)
        length = chunks = ""
        if not told and self._rest is None:
            told, length = True, f"Content-Length: {len(self._start)}\r\n"
        chunked = not told and request.modern
        if chunked:
            told, chunks = True, "Transfer-Encoding: chunked\r\n"
        keep = request.keep_alive and not self._close and told
        return keep, chunked, f"{length}{chunks}{_connection(request, keep=keep)}"


def last_words(status: int, said: str) -> bytes:
    """Return an answer to what is no request, with which the connection ends."""
    body = f"{status}: {said}\n".encode()
    return _head(status, (), len(body), "Connection: close\r\n", int(time())) + body


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b""


def _connection(request: Received, *, keep: bool) -> str:
    if keep == request.modern:
        return ""
    return "Connection: keep-alive\r\n" if keep else "Connection: close\r\n"


@lru_cache(maxsize=64)
def _status_line(status: int) -> str:
    try:
        return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
    except ValueError:
        return f"HTTP/1.1 {status} \r\n"


@lru_cache(maxsize=64)
def _head(
    status: int, pairs: tuple[tuple[str, str], ...], size: int, connection: str, second: int
) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in pairs]
    if size and not any(name.lower() == "content-type" for name, _ in pairs):
        lines.append("Content-Type: text/plain; charset=utf-8\r\n")
    if status not in BODILESS:
        lines.append(f"Content-Length: {size}\r\n")
    date = f"Date: {formatdate(second, usegmt=True)}\r\n"
    return f"{_status_line(status)}{''.join(lines)}{date}{connection}\r\n".encode("latin-1")
