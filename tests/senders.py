"""A listener that runs, and senders that say byte for byte what they are told to."""

from __future__ import annotations

import asyncio
import resource
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from hookcli.answers import BuiltIn
from hookcli.delivery import Attempt
from hookcli.forwarder import Forwarder, reachable
from hookcli.health import Health
from hookcli.intake import Intake
from hookcli.judging import Judge, Rules
from hookcli.listener import Listener
from hookcli.passing import Passing
from hookcli.routes import Routes, route
from hookcli.setting_up import SettingUp
from hookcli.stores.memory import MemoryStore
from hookcli.tunnel_lines import Total

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from pathlib import Path

    from hookcli.delivery import Delivery
    from hookcli.stores import Store

HOST = "127.0.0.1"
EMPTY: Mapping[str, Any] = MappingProxyType({})
PATIENCE_S = 5
"""Seconds after which something that has to come is missed."""


class Answer(NamedTuple):
    """One answer, as it came."""

    status: int
    head: str
    body: bytes

    @property
    def headers(self) -> list[str]:
        """The lines of the head behind the first."""
        return self.head.split("\r\n")[1:-2]


class Sender:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port: int) -> Self:
        """Connect to a listener."""
        return cls(*await asyncio.open_connection(HOST, port))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.writer.close()

    async def send(self, *pieces: bytes) -> None:
        """Send the pieces, and let each be seen before the next."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0)

    async def answer(self, *, bodiless: bool = False) -> Answer:
        """Wait for the next answer."""
        async with asyncio.timeout(PATIENCE_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = 0
            for line in head.lower().split("\r\n"):
                if line.startswith("content-length:") and not bodiless:
                    length = int(line.partition(":")[2])
            return Answer(int(head.split()[1]), head, await self.reader.readexactly(length))

    async def rest(self) -> bytes:
        """Wait until the other side has closed the connection; return what came until then."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.reader.read()


async def say(port: int, raw: bytes) -> Answer:
    """Send one request on a connection of its own; return the answer."""
    async with await Sender.connect(port) as sender:
        await sender.send(raw)
        return await sender.answer(bodiless=raw.startswith(b"HEAD "))


def post(body: bytes = b"{}", *, path: str = "/", head: str = "") -> bytes:
    """Return a whole request; `head` are further header lines, each with its end."""
    start = f"POST {path} HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {len(body)}\r\n\r\n"
    return start.encode("latin-1") + body


def chunked(*chunks: bytes) -> bytes:
    """Return a whole request whose body comes in chunks."""
    start = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    return start + b"".join(b"%x\r\n%b\r\n" % (len(c), c) for c in chunks) + b"0\r\n\r\n"


async def until(condition: Callable[[], bool]) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(PATIENCE_S):
        for _ in iter(condition, True):
            await asyncio.sleep(0)


def peak() -> int:
    """Return the most bytes of memory that this process has had."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


@dataclass
class Notices:
    """What a listener tells the person, a line each."""

    lines: list[str] = field(default_factory=list)
    hints: list[str | None] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, line: str, hint: str | None = None) -> None:
        """Take a line, and what to do about it."""
        self.lines.append(line)
        self.hints.append(hint)
        self._more.set()

    async def until(self, count: int) -> list[str]:
        """Wait until there are so many; return them."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.lines) < count:
                self._more.clear()
                await self._more.wait()
        return self.lines


@dataclass
class Running:
    """A listener, and what stands around it."""

    listener: Listener
    store: Store
    total: Total
    notices: Notices
    late: list[tuple[int, str]]
    """What was told of answers that let wait for them: deliveries and URLs."""
    port: int = 0

    async def say(self, raw: bytes) -> Answer:
        """Send one request on a connection of its own; return the answer."""
        return await say(self.port, raw)

    async def connect(self) -> Sender:
        """Connect to it."""
        return await Sender.connect(self.port)

    async def busy(self) -> None:
        """Wait until a request is under way."""
        await until(lambda: self.listener.in_flight > 0)

    async def kept(self, number: int = 1) -> Delivery:
        """Return a delivery that was stored."""
        delivery = await self.store.get(number)
        assert delivery is not None
        return delivery


@asynccontextmanager
async def listening(
    *,
    store: Store | None = None,
    answer: BuiltIn | None = None,
    own: dict[str, Callable[[], bytes]] | None = None,
    tunnelled: bool = False,
    max_body: int = 25 << 20,
    folder: Path | None = None,
    forward: Sequence[str] = (),
    rules: Mapping[str, Any] = EMPTY,
    timeout_s: float = PATIENCE_S,
    **intake: Any,
) -> AsyncIterator[Running]:
    """Run a listener on a free port, with what a test needs of it."""
    store, total, notices = store or MemoryStore(), Total(), Notices()
    late: list[tuple[int, str]] = []
    routes = Routes(map(route, forward))
    forwarder = Forwarder(timeout_s=timeout_s)
    health = Health(
        [endpoint for _, endpoint in routes],
        connect=reachable,
        say=print,
        clock=lambda: datetime.now(UTC),
    )
    judge = Judge(
        Rules(answer=answer or BuiltIn(), routes=routes, **rules), lambda: "https://otter.test"
    )
    passing = Passing(
        forwarder=forwarder,
        health=health,
        store=store,
        late=lambda number, url: late.append((number, url)),
    )
    listener = Listener(
        store=store,
        intake=Intake(max_body=max_body, folder=folder, **intake),
        judge=judge,
        passing=passing,
        setting_up=SettingUp(notices, confirming=None),
        own=own or {},
        tunnelled=tunnelled,
        total=total,
        notice=notices,
    )
    later: list[asyncio.Future[None]] = []
    async with forwarder:
        port = await listener.start(HOST, 0, lambda job: later.append(asyncio.ensure_future(job)))
        try:
            yield Running(listener, store, total, notices, late, port)
        finally:
            await listener.stop()
            await asyncio.gather(*later)


async def attempted(listener: Running) -> Attempt:
    """Wait for the attempt at the first delivery, and return it."""
    async with asyncio.timeout(5):
        async for page in await listener.store.follow("0"):
            for entry in page.entries:
                if isinstance(entry, Attempt):
                    return entry
    raise AssertionError
