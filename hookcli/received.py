"""One request as it is received: the parsed head, the body to read, and the way back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from aiohttp import ClientError
from aiohttp.http import HttpVersion11

if TYPE_CHECKING:
    from aiohttp import StreamReader
    from aiohttp.http import RawRequestMessage

_LINGER_S = 10.0
"""Seconds in which the rest of a body that nobody wants is thrown away."""


class Line(Protocol):
    """The connection that a request came on, and its answer goes back on."""

    remote: str | None
    """Address of the sender."""

    async def write(self, data: bytes) -> None:
        """Send; wait while the sender does not read. Raises ConnectionError where it has gone."""
        ...

    def close(self) -> None:
        """End it, once all that was written is sent."""
        ...


class Received:
    """A request. Made once for each delivery, so it holds no more than is asked for."""

    __slots__ = ("content", "headers", "line", "message", "method", "raw_headers", "raw_path")

    def __init__(self, message: RawRequestMessage, content: StreamReader, line: Line) -> None:
        self.message = message
        self.method: str = message.method
        self.raw_path: str = message.path
        """As in the request line; bytes that are no UTF-8 are surrogates."""
        self.headers = message.headers
        self.raw_headers = message.raw_headers
        self.content = content
        """The body, as it was sent."""
        self.line = line

    @property
    def http_version(self) -> str:
        """Like `1.1`."""
        return f"{self.message.version.major}.{self.message.version.minor}"

    @property
    def modern(self) -> bool:
        """Whether it is HTTP/1.1 or newer: connections stay by default, bodies come in chunks."""
        return self.message.version >= HttpVersion11

    @property
    def keep_alive(self) -> bool:
        """Whether the sender wants the connection to stay."""
        return not self.message.should_close

    @property
    def content_length(self) -> int | None:
        """Bytes of the body, where that was announced."""
        length = self.headers.get("Content-Length")
        return int(length) if length else None

    async def throw_away(self) -> bool:
        """Read what is left of a body that nobody wants; return whether its end came."""
        try:
            async with asyncio.timeout(_LINGER_S):
                while not self.content.is_eof():
                    await self.content.readany()
        except (OSError, ClientError):
            return False
        return True


class Answer(Protocol):
    """What a request is answered."""

    async def send(self, request: Received) -> bool:
        """Write it; return whether the connection stays. Raises ConnectionError."""
        ...
