"""aiohttp's HTTP server, with what it lacks: a limit on slow headers, and quiet errors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

_HEADERS_S = 30.0
"""Seconds from a request's first byte to the end of its headers."""
_IDLE_S = 75.0
"""Seconds that a connection may lie idle between requests."""
_MAX_HEADERS = 1_000
_MAX_FIELD = 64 * 1024
"""Bytes of one header field, or of the request line."""

Refused = Callable[[str | None, int, str], None]
"""Told the sender's address and what is wrong, for each request that is no HTTP."""


class Server(web.Server):
    """A protocol factory for `loop.create_server`; hands each request to `handler`."""

    def __init__(
        self,
        handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        refused: Refused,
        headers_s: float = _HEADERS_S,
    ) -> None:
        super().__init__(handler)
        self._refused = refused
        self._headers_s = headers_s

    def __call__(self) -> RequestHandler:
        """Make the protocol of one connection."""
        return _Connection(self, refused=self._refused, headers_s=self._headers_s)


class _Connection(RequestHandler):
    __slots__ = ("_headers_end", "_headers_s", "_refused")

    def __init__(self, server: Server, *, refused: Refused, headers_s: float) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=_NO_LOG,
            logger=_NO_LOG,
            keepalive_timeout=_IDLE_S,
            max_headers=_MAX_HEADERS,
            max_field_size=_MAX_FIELD,
            max_line_size=_MAX_FIELD,
            auto_decompress=False,
        )
        self._refused = refused
        self._headers_s = headers_s
        self._headers_end: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Take bytes in; a request that has begun has to get to the end of its headers."""
        before = self._request_count
        super().data_received(data)
        if self._headers_end is not None:
            if self._request_count > before:
                self._headers_end.cancel()
                self._headers_end = None
        elif self._waiter is not None and not self._waiter.done():
            self._headers_end = self._loop.call_later(self._headers_s, self._too_slow)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Forget the timer."""
        if self._headers_end is not None:
            self._headers_end.cancel()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be parsed, or failed here, without a traceback."""
        what = message or f"{type(exc).__name__}: {exc}"
        self._refused(request.remote, status, what.partition("\n")[0].rstrip(":"))
        said = "not understood" if status == HTTPStatus.BAD_REQUEST else "failed"
        response = web.Response(status=status, text=f"{status}: {said}\n")
        response.force_close()
        return response

    def _too_slow(self) -> None:
        self._headers_end = None
        peer = self.peername
        remote = peer[0] if isinstance(peer, tuple) else None
        self._refused(remote, HTTPStatus.BAD_REQUEST, "its headers never ended")
        self.force_close()


_NO_LOG = logging.getLogger("hookcli.server")
_NO_LOG.disabled = True
