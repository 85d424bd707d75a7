"""Apps that deliveries are forwarded to, down to the bytes: good ones, bad ones, odd ones."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from hookcli.delivery import NO_HEADERS, Delivery, Headers
from hookcli.failures import BreakOffError
from hookcli.routes import Endpoint, endpoint

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

HOST = "127.0.0.1"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class App:
    """One that runs."""

    port: int = 0
    scheme: str = "http"
    requests: list[bytes] = field(default_factory=list)
    """All that came whole, byte for byte."""
    connections: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when one of its connections has ended."""

    @property
    def url(self) -> str:
        """As a person types it."""
        return f"{self.scheme}://{HOST}:{self.port}"

    @property
    def endpoint(self) -> Endpoint:
        """As deliveries are sent to it."""
        return endpoint(self.url)


class Line(NamedTuple):
    """One connection to an app, on its side."""

    app: App
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def request(self) -> bytes:
        """Take a whole request."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        raw = head + await self.reader.readexactly(int(length[1]) if length else 0)
        self.app.requests.append(raw)
        return raw

    async def say(self, *pieces: bytes) -> None:
        """Send the pieces one after the other."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    def reset(self) -> None:
        """End the connection as a crash does."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


if TYPE_CHECKING:
    Talk = Callable[[Line], Awaitable[None]]


def answering(*answers: bytes) -> Talk:
    """Answer each request with the next of these, the last of them for ever."""
    left = list(answers)

    async def talk(line: Line) -> None:
        while True:
            await line.request()
            await line.say(left.pop(0) if len(left) > 1 else left[0])

    return talk


def closing(*pieces: bytes) -> Talk:
    """Answer one request on each connection, and close it."""

    async def talk(line: Line) -> None:
        await line.request()
        await line.say(*pieces)

    return talk


async def silent(line: Line) -> None:
    """Take a request, and wait for the end of the connection."""
    await line.request()
    await line.reader.read()


@asynccontextmanager
async def running(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[App]:
    """Run an app that talks so on each of its connections."""
    app = App(scheme="https" if tls else "http")

    async def serve(line: Line) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await talk(line)
        finally:
            line.writer.close()
            app.gone.set()

    async with asyncio.TaskGroup() as tasks:
        serving = []

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            app.connections += 1
            serving.append(tasks.create_task(serve(Line(app, reader, writer))))

        server = await asyncio.start_server(connected, HOST, 0, ssl=tls)
        app.port = server.sockets[0].getsockname()[1]
        try:
            yield app
        finally:
            server.close()
            for task in serving:
                task.cancel()


@dataclass
class Told:
    """A relay that keeps what it is told."""

    status: int = 0
    headers: Headers = NO_HEADERS
    start: bytes = b""
    rest: int | None = None
    """Bytes of the rest; None where there was none."""
    broke_off: bool = False
    calls: list[int] = field(default_factory=list)

    async def __call__(
        self, status: int, headers: Headers, start: bytes, rest: AsyncIterator[bytes] | None
    ) -> None:
        """Take an answer."""
        self.calls.append(status)
        self.status, self.headers, self.start = status, headers, start
        if rest is not None:
            self.rest = 0
            try:
                async for piece in rest:
                    self.rest += len(piece)
            except BreakOffError:
                self.broke_off = True
                raise


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as closed:
        closed.bind((HOST, 0))
        port: int = closed.getsockname()[1]
        return port


def make_delivery(
    *pairs: tuple[str, str],
    method: str = "POST",
    path: str = "/hook",
    query: str = "",
    body: bytes = b"{}",
    size: int = -1,
) -> Delivery:
    """Return a delivery as the listener makes it."""
    return Delivery(
        id=7,
        method=method,
        path=path,
        query=query,
        headers=Headers([("Host", "otter.example"), *pairs]),
        body=body,
        size=size,
        remote="140.82.115.7",
    )
