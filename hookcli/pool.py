"""Connections to apps, kept for the next delivery: aiohttp's parser, our own bytes.

aiohttp's ClientSession would change what is sent: header text goes out as UTF-8, URLs are quoted
anew, one of two spellings of a name is lost, Host moves, and what fails is sent again. So its
protocol, which reads the answers, is used without it; that also halves the cost of a send.
"""

from __future__ import annotations

import asyncio
import ssl
from functools import partial
from typing import TYPE_CHECKING

from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import BadHttpMessage

from hookcli.buffered import BufferedProtocol, new_buffer
from hookcli.dialling import dial

if TYPE_CHECKING:
    from aiohttp import StreamReader
    from aiohttp.http import RawResponseMessage

_IDLE_S = 15.0
"""Seconds that a connection is kept without use; many apps close theirs after little more."""
_AT_ONCE = 100
"""Connections to one endpoint; further sends wait."""
_READ_AHEAD = 64 * 1024
"""Bytes of an answer that are read ahead; about four times as many may be held."""
_INTERIM = 1_000
"""Answers of 1xx that are passed over; an app could send them for ever, and fast."""
_MAX_HEADERS = 1_000
_MAX_FIELD = 64 * 1024
"""Bytes of one header field of an answer."""


class Connection(BufferedProtocol, ResponseHandler):
    """One connection to an app, for one request at a time."""

    reused = False
    """Whether it has carried a request before."""
    heard = False
    """Whether anything has come since the request."""
    idle_since = 0.0
    """When it was given back, as a time of the loop."""
    _asked_at = 0.0
    _awaiting = False

    def __init__(self, loop: asyncio.AbstractEventLoop, buffer: memoryview) -> None:
        ResponseHandler.__init__(self, loop)
        self.incoming = buffer

    @property
    def should_close(self) -> bool:
        """Whether it must not carry another request: something is still to come, or to go out."""
        unsent = self.transport is not None and self.transport.get_write_buffer_size() > 0
        return self._awaiting or unsent or super().should_close

    @property
    def asked_s(self) -> float:
        """Seconds since the request."""
        return self._loop.time() - self._asked_at

    def expect(self, *, bodiless: bool) -> None:
        """Get ready for the answer to the next request; `bodiless`: as to HEAD."""
        self.heard = False
        self._asked_at = self._loop.time()
        self._awaiting = True
        self.set_response_params(
            skip_payload=bodiless,
            read_until_eof=True,
            auto_decompress=False,
            read_bufsize=_READ_AHEAD,
            max_line_size=_MAX_FIELD,
            max_field_size=_MAX_FIELD,
            max_headers=_MAX_HEADERS,
        )

    def write(self, data: bytes) -> None:
        """Send bytes; where the connection is lost, `answer` and `drain` tell."""
        if self.transport is not None:
            self.transport.write(data)

    async def drain(self) -> None:
        """Wait until more can be sent. Raises ConnectionError where the app has gone away."""
        await self._drain_helper()

    async def answer(self) -> tuple[RawResponseMessage, StreamReader]:
        """Return the head of the answer, and its body to read; interim answers are passed over.

        Raises aiohttp's ClientError and HttpProcessingError, and OSError.
        """
        for _ in range(_INTERIM):
            message, body = await self.read()
            if message.code < 100:
                raise BadHttpMessage(f"Its status is {message.code:03}")
            if message.code >= 200 or message.code == 101:
                self._awaiting = False
                return message, body
        raise BadHttpMessage(f"After {_INTERIM:,} interim answers there is none")

    def fail(self, error: Exception) -> None:
        """Make `answer` raise `error`, unless the app has closed the connection or answered."""
        if self.transport is not None:
            self.set_exception(error)
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take bytes in."""
        self.heard = True
        super().data_received(data)


class Pool:
    """All connections to one endpoint."""

    def __init__(self, address: tuple[str, int], trust: ssl.SSLContext | None) -> None:
        """Connect to an address, by TLS where `trust` is given."""
        self.address = address
        """Host and port."""
        self._trust = trust
        self._buffer = new_buffer()
        self._idle: list[Connection] = []
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._closed = False
        self._sweeping: asyncio.TimerHandle | None = None

    async def take(self, *, fresh: bool = False) -> Connection:
        """Return a connection, a new one if it has to be `fresh`; each has to be given back.

        Raises OSError, ssl.SSLError among them, where there is none to be had.
        """
        await self._room.acquire()
        try:
            while self._idle and not fresh:
                connection = self._idle.pop()
                if connection.is_connected() and not connection.should_close:
                    connection.reused = True
                    return connection
                connection.abort()
            return await self._connect()
        except BaseException:
            self._room.release()
            raise

    def give(self, connection: Connection, *, keep: bool) -> None:
        """Take a connection back, and `keep` it if it can carry another request."""
        self._room.release()
        if not keep or self._closed or connection.should_close or not connection.is_connected():
            connection.abort()
            return
        connection.idle_since = asyncio.get_running_loop().time()
        self._idle.append(connection)
        if self._sweeping is None:
            self._sweep()

    def close(self) -> None:
        """Close what lies idle, and what is given back from now on."""
        self._closed = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        while self._idle:
            self._idle.pop().abort()

    def _sweep(self) -> None:
        """Close what has been idle for too long, and come again while anything is left."""
        loop = asyncio.get_running_loop()
        while self._idle and loop.time() - self._idle[0].idle_since >= _IDLE_S:
            self._idle.pop(0).abort()
        self._sweeping = loop.call_later(_IDLE_S, self._sweep) if self._idle else None

    async def _connect(self) -> Connection:
        new = partial(Connection, asyncio.get_running_loop(), self._buffer)
        _, connection = await dial(new, self.address, self._trust)
        return connection


def trust(*, insecure: bool) -> ssl.SSLContext:
    """Return which certificates are accepted. Blocks: it reads files."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
