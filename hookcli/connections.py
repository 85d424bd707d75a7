"""The HTTP server: aiohttp's parser, in connections of our own.

aiohttp's server would make two tasks and a response of forty fields for each request, which costs
as much as all the rest of receiving it; it has no limit on slow headers, logs tracebacks, and
leaves a sender waiting whose body is broken.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import EMPTY_PAYLOAD, ClientPayloadError
from aiohttp.http import HttpRequestParser
from aiohttp.http_exceptions import HttpProcessingError

from hookcli.buffered import BufferedProtocol, new_buffer
from hookcli.received import Received
from hookcli.replies import last_words

if TYPE_CHECKING:
    from aiohttp import StreamReader
    from aiohttp.http import RawRequestMessage

    from hookcli.received import Answer

_HEADERS_S = 30.0
"""Seconds from a request's first byte to the end of its headers."""
_IDLE_S = 75.0
"""Seconds that a connection may lie idle between requests."""
_UNREAD_S = 60.0
"""Seconds that a sender may go without reading its answer."""
_MAX_HEADERS = 1_000
_MAX_FIELD = 64 * 1024
"""Bytes of one header field, or of the request line."""
_READ_AHEAD = 64 * 1024
"""Bytes of a body that are read before they are asked for; about twice as many may be held."""
_WAITING = 16
"""Requests that may wait on one connection; then no more is read from it."""

Refused = Callable[[str | None, int, str], None]
"""Told the sender's address and what is wrong, for each request that is no HTTP."""


class Server:
    """Makes the connections for `loop.create_server`; hands each request to `handler`."""

    def __init__(
        self,
        handler: Callable[[Received], Awaitable[Answer]],
        refused: Refused,
        headers_s: float = _HEADERS_S,
    ) -> None:
        self.handler = handler
        self.refused = refused
        self.headers_s = headers_s
        self.connections: set[Connection] = set()
        self.buffer = new_buffer()
        self._sweeping: asyncio.TimerHandle | None = None

    def __call__(self) -> Connection:
        """Make the protocol of one connection."""
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(_IDLE_S, self._sweep)
        return Connection(self)

    async def shutdown(self, timeout_s: float) -> None:
        """Close what is idle; let the others answer what they have, for so long."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        serving = [each for each in [connection.end() for connection in self.connections] if each]
        if serving:
            _, late = await asyncio.wait(serving, timeout=timeout_s)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        for connection in list(self.connections):
            connection.close()

    def _sweep(self) -> None:
        """Close what has been idle for too long, and come again for the next of the others."""
        loop = asyncio.get_running_loop()
        ends = {connection: connection.idle_end for connection in self.connections}
        late = [connection for connection, end in ends.items() if end <= loop.time()]
        for connection in late:
            del ends[connection]
            connection.close()
        self._sweeping = loop.call_at(min(ends.values()), self._sweep) if ends else None


class Connection(BufferedProtocol):
    """One connection of a sender: its requests are answered one after the other."""

    transport: asyncio.Transport | None

    def __init__(self, server: Server) -> None:
        loop = asyncio.get_running_loop()
        parser = HttpRequestParser(
            self,
            loop,
            _READ_AHEAD,
            max_line_size=_MAX_FIELD,
            max_headers=_MAX_HEADERS,
            max_field_size=_MAX_FIELD,
            payload_exception=ClientPayloadError,
            auto_decompress=False,
        )
        super().__init__(loop, parser)
        self.incoming = server.buffer
        self.remote: str | None = None
        """Address of the sender."""
        self._requests = parser
        self._server = server
        self._waiting: deque[tuple[RawRequestMessage, StreamReader]] = deque()
        self._newest: StreamReader = EMPTY_PAYLOAD
        """The body of the last request that has come."""
        self._malformed: str | None = None
        """What is wrong with what came behind that."""
        self._serving: asyncio.Task[None] | None = None
        self._rest: asyncio.Future[None] | None = None
        """What it waits for while there is nothing to answer."""
        self._deaf = False
        """Whether nothing more is taken in."""
        self._headers_end: asyncio.TimerHandle | None = None
        self._idle_since = loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Know who sends."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self.remote = peer[0] if isinstance(peer, tuple) else None
        self._server.connections.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Let go; a body that is under way ends with an error."""
        self._server.connections.discard(self)
        self._headers_are_in()
        self._waiting.clear()
        self._hear_no_more()
        self._break_off(ConnectionResetError("The sender has gone away"))
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes in; a request that has begun has to get to the end of its headers."""
        if self._deaf:
            return
        try:
            messages, upgraded, _ = self._requests.feed_data(data)
        except HttpProcessingError as error:
            self._take_malformed(error.message)
            return
        if messages:
            self._headers_are_in()
            self._waiting.extend(messages)
            self._newest = messages[-1][1]
            # What comes behind it is another protocol's, which nobody here speaks.
            self._deaf = upgraded
            self._serve_waiting()
        elif data and self._idle and self._headers_end is None:
            self._headers_end = self._loop.call_later(self._server.headers_s, self._too_slow)

    def eof_received(self) -> bool:
        """Answer what has come, although the sender will say no more."""
        self._hear_no_more()
        self._break_off(ClientPayloadError("The body broke off"))
        return not self._idle

    async def write(self, data: bytes) -> None:
        """Send; wait while the sender does not read, and give it up after a while.

        Raises ConnectionError where it has gone away.
        """
        if self.transport is None:
            raise ConnectionResetError
        self.transport.write(data)
        if not self.writing_paused:
            return
        try:
            async with asyncio.timeout(_UNREAD_S):
                await self._drain_helper()
        except TimeoutError:
            self.abort()
            raise ConnectionResetError from None

    def close(self) -> None:
        """End it, once all that was written is sent."""
        self._hear_no_more()
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        """End it at once."""
        if self.transport is not None:
            self.transport.abort()

    def end(self) -> asyncio.Future[None] | None:
        """Take nothing more in; close it now, or once what is returned is done."""
        if self._idle:
            self.close()
        self._hear_no_more()
        return self._serving

    @property
    def idle_end(self) -> float:
        """When it will have been idle for too long if nothing comes, as a time of the loop."""
        return (self._idle_since if self._idle else self._loop.time()) + _IDLE_S

    @property
    def _idle(self) -> bool:
        return self._serving is None or self._rest is not None

    def _hear_no_more(self) -> None:
        self._deaf = True
        self._wake()

    def _wake(self) -> None:
        if self._rest is not None and not self._rest.done():
            self._rest.set_result(None)
        self._rest = None

    def _serve_waiting(self) -> None:
        if self._serving is None:
            self._serving = self._loop.create_task(self._serve())
        else:
            self._wake()
        if len(self._waiting) >= _WAITING and not self._buffer_paused:
            self._pause_reading_for_buffer()

    async def _serve(self) -> None:
        """Answer what comes, and then what is no request; one task serves them all."""
        keep = True
        try:
            while keep and (self._waiting or not self._deaf):
                if not self._waiting:
                    self._idle_since = self._loop.time()
                    self._rest = self._loop.create_future()
                    await self._rest
                    continue
                message, content = self._waiting.popleft()
                if self._buffer_paused and len(self._waiting) < _WAITING:
                    self._resume_reading_for_buffer()
                keep = await self._answer(Received(message, content, self))
            if keep and self._malformed is not None:
                self._refuse(HTTPStatus.BAD_REQUEST, self._malformed, "not understood")
        finally:
            self._serving = self._rest = None
            self.close()

    async def _answer(self, request: Received) -> bool:
        """Answer one request; return whether another one may come."""
        try:
            answer = await self._server.handler(request)
            keep = await answer.send(request)
        except ConnectionError:
            return False
        except Exception as error:  # noqa: BLE001 - whatever failed, the sender has to hear of it
            what = f"{type(error).__name__}: {error}"
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, what, "failed")
            return False
        # A connection that is closed over unread bytes may take the answer with it.
        return (request.content.is_eof() or await request.throw_away()) and keep

    def _refuse(self, status: int, what: str, said: str) -> None:
        self._server.refused(self.remote, status, what.partition("\n")[0].rstrip(":"))
        if self.transport is not None:
            self.transport.write(last_words(status, said))

    def _take_malformed(self, what: str) -> None:
        """Refuse it, once what came before it is answered; a body that it breaks is broken off."""
        self._deaf = True
        self._headers_are_in()
        if self._newest.is_eof():
            self._malformed = what
            self._serve_waiting()
        else:
            self._break_off(ClientPayloadError(what))

    def _break_off(self, error: Exception) -> None:
        if not self._newest.is_eof():
            self._newest.set_exception(error)

    def _headers_are_in(self) -> None:
        if self._headers_end is not None:
            self._headers_end.cancel()
            self._headers_end = None

    def _too_slow(self) -> None:
        self._server.refused(self.remote, HTTPStatus.BAD_REQUEST, "its headers never ended")
        self.close()
