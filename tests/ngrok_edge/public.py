"""The public side: one connection from the internet, passed on to the agent behind its name."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.ngrok_edge.http1 import BadRequestError, Head, copy_body, http_response

if TYPE_CHECKING:
    from tests.ngrok_edge.edge import NgrokEdge
    from tests.ngrok_edge.muxado import MuxStream
    from tests.ngrok_edge.protocol import Tunnel

log = logging.getLogger("ngrok_edge")


class PublicConnection:
    """One public connection: all its requests to one endpoint share one stream to the agent."""

    def __init__(
        self,
        edge: NgrokEdge,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        scheme: str = "https",
    ) -> None:
        self.edge, self.reader, self.writer, self.scheme = edge, reader, writer, scheme
        self.peer = writer.get_extra_info("peername") or ("127.0.0.1", 0)
        self.stream: MuxStream | None = None
        self.responses: asyncio.Task[None] | None = None
        self.current: Tunnel | None = None

    async def serve(self) -> None:
        """Serve it until either side hangs up."""
        try:
            while (head := await self._next_head()) and await self._serve_one(head):
                continue
        except BadRequestError as error:
            self.writer.write(http_response("400 Bad Request", f"{error}\n"))
        except ConnectionError as error:
            log.info("public connection broken: %s", error)
            if self.stream is None:
                self.writer.write(http_response("502 Bad Gateway", f"{error}\n"))
        finally:
            await self._finish()

    async def _next_head(self) -> Head | None:
        # Also watch the agent's side: if it hangs up, so do we.
        heads = asyncio.ensure_future(Head.read(self.reader))
        waited = {heads, self.responses} if self.responses else {heads}
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if heads.done():
            return heads.result()
        heads.cancel()
        return None

    async def _serve_one(self, head: Head) -> bool:
        """Pass one request on; False where it was the last of this connection."""
        if head.method == "CONNECT":
            await self._connect()
            return False
        if "://" in head.target:
            self._unproxy(head)
        host = head.get("Host")
        tunnel = self.edge.find_tunnel(host, self.scheme)
        if tunnel is None:
            self.writer.write(offline_page(host))
            return False
        if self.edge.interstitial and is_browser(head):
            self.writer.write(interstitial_page(tunnel.host))
            return False
        tunnel.requests += 1
        stream = await self._stream_to(tunnel)
        prior = head.get("X-Forwarded-For")
        head.set("X-Forwarded-For", f"{prior}, {self.peer[0]}" if prior else self.peer[0])
        head.set("X-Forwarded-Host", host)
        head.set("X-Forwarded-Proto", tunnel.scheme)
        await stream.write(head.encode())
        if head.get("Upgrade"):
            while chunk := await self.reader.read(64 * 1024):
                await stream.write(chunk)
            stream.write_eof()
            return False
        await copy_body(head, self.reader, stream.write)
        return True

    async def _connect(self) -> None:
        """Act as https://<public host>, with a certificate from our authority."""
        self.writer.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
        await self.writer.drain()
        await self.writer.start_tls(self.edge.tls)
        await PublicConnection(self.edge, self.reader, self.writer, "https").serve()

    def _unproxy(self, head: Head) -> None:
        """Turn a forward proxy's request into the one that the endpoint would get."""
        parts = urlsplit(head.target)
        self.scheme = parts.scheme
        head.target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        head.set("Host", parts.netloc)

    async def _stream_to(self, tunnel: Tunnel) -> MuxStream:
        if self.stream is not None and tunnel is self.current:
            return self.stream
        if self.responses is not None:
            self.responses.cancel()
        if self.stream is not None:
            self.stream.close()
        self.current = tunnel
        self.stream = await tunnel.session.open_proxy(tunnel, f"{self.peer[0]}:{self.peer[1]}")
        self.responses = asyncio.ensure_future(copy_stream(self.stream, self.writer))
        return self.stream

    async def _finish(self) -> None:
        if self.stream is None or self.responses is None:
            return
        # The client may have closed only its sending side: an answer in progress may finish.
        self.stream.write_eof()
        await asyncio.wait({self.responses}, timeout=30)
        if (
            not self.responses.done()
            or self.responses.cancelled()
            or self.responses.exception() is not None
        ):
            # The client must not take what it got so far for a complete answer.
            self.responses.cancel()
            self.writer.transport.abort()
        self.stream.close()


async def copy_stream(stream: MuxStream, writer: asyncio.StreamWriter) -> None:
    """Copy from the agent to the public client until the agent finishes. Raises if it resets."""
    while chunk := await stream.read():
        writer.write(chunk)
        await writer.drain()


def is_browser(head: Head) -> bool:
    """Tell whether the free plan would put its warning page before this request."""
    skips = head.get("ngrok-skip-browser-warning")
    return head.get("User-Agent").startswith("Mozilla/") and not skips


def interstitial_page(host: str) -> bytes:
    """Return the free plan's warning page."""
    body = (
        f"<!DOCTYPE html><title>ngrok</title><p>You are about to visit {host} (ERR_NGROK_6024)</p>"
    )
    headers = (("Content-Type", "text/html"), ("Ngrok-Error-Code", "ERR_NGROK_6024"))
    return http_response("200 OK", body, headers)


def offline_page(host: str) -> bytes:
    """Return what answers where no endpoint of that name is online."""
    body = f"The endpoint {host} is offline.\r\n\r\nERR_NGROK_3200\r\n"
    headers = (("Content-Type", "text/plain"), ("Ngrok-Error-Code", "ERR_NGROK_3200"))
    return http_response("404 Not Found", body, headers)
