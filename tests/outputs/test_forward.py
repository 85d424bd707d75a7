"""A second app gets each delivery once and in order, and nobody waits for what it answers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from hookcli.errors import HookError
from hookcli.forwarder import Forwarder
from hookcli.health import Health
from hookcli.outputs.forward import Forward
from hookcli.routes import endpoint
from hookcli.stores.memory import MemoryStore
from tests.apps import OK, answering, free_port, make_delivery, running
from tests.senders import until
from tests.stores.builders import NOON, make_answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookcli.delivery import Attempt, Entry
    from hookcli.endpoint_lines import EndpointChange
    from hookcli.routes import Endpoint
    from tests.apps import Line

PATIENCE_S = 5


class Full(MemoryStore):
    """A store without room for attempts."""

    full = True

    async def append_attempt(self, attempt: Attempt) -> int:
        """Fail, while it is full."""
        if self.full:
            raise HookError("The disk is full", "Free some space")
        return await super().append_attempt(attempt)


class Bench:
    """An output to an endpoint, and what is told of it."""

    def __init__(self, to: Endpoint, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.notices: list[str] = []
        self.late: list[tuple[int, str]] = []
        self.changes: asyncio.Queue[EndpointChange] = asyncio.Queue()
        self.forwarder = Forwarder(timeout_s=PATIENCE_S)
        self.health = Health(
            [to], connect=self._connect, say=self.changes.put_nowait, clock=lambda: NOON
        )
        self.output = Forward(
            to,
            forwarder=self.forwarder,
            health=self.health,
            store=self.store,
            notice=lambda message, _: self.notices.append(message),
            late=lambda delivery, url: self.late.append((delivery, url)),
        )

    async def _connect(self, _: Endpoint) -> bool:
        return False

    async def keep(self, *bodies: bytes) -> None:
        """Store deliveries with these bodies, and send them."""
        entries: list[Entry] = []
        for body in bodies:
            delivery = make_delivery(("Content-Type", "text/plain"), body=body)
            number = await self.store.append(delivery)
            entries += [replace(delivery, id=number), make_answer(delivery=number)]
        async with self.forwarder:
            await self.output.handle(entries)

    async def attempts(self, *deliveries: int) -> list[tuple[str, int, int | None, str | None]]:
        """Return what is stored of the attempts at them."""
        found = await self.store.attempts(deliveries)
        return [(each.kind, each.delivery, each.status, each.error) for each in found]


async def test_sends_in_order_and_stores_what_comes_of_it() -> None:
    """Answers to senders are not sent."""
    no = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    async with running(answering(OK, no, OK)) as app:
        bench = Bench(app.endpoint)
        await bench.keep(b"one", b"two", b"three")

    assert [raw.rpartition(b"\r\n\r\n")[2] for raw in app.requests] == [b"one", b"two", b"three"]
    assert await bench.attempts(1, 2, 3) == [
        ("forward", 1, 200, None),
        ("forward", 2, 404, None),
        ("forward", 3, 200, None),
    ]
    assert app.connections == 1
    assert bench.notices == []


async def test_an_app_that_is_down_is_an_attempt_without_a_status() -> None:
    """The one that knows whether apps are there is told."""
    port = free_port()
    bench = Bench(endpoint(str(port)))
    await bench.keep(b"one")
    looking = asyncio.ensure_future(bench.health.run())
    change = await asyncio.wait_for(bench.changes.get(), PATIENCE_S)
    looking.cancel()

    error = f"Nothing listens on 127.0.0.1:{port}"
    assert await bench.attempts(1) == [("forward", 1, None, error)]
    assert (change.up, change.missed) == (False, 1)


async def test_a_large_body_comes_from_the_store() -> None:
    async with running(answering(OK)) as app:
        bench = Bench(app.endpoint)
        bench.store._large[1] = b"large"
        large = make_delivery(("Content-Length", "5"), body=b"", size=5)
        await bench.store.append(large)
        async with bench.forwarder:
            await bench.output.handle([replace(large, id=1)])

    assert app.requests[0].endswith(b"\r\n\r\nlarge")


async def test_a_body_that_cannot_be_read_is_told() -> None:
    """The next one is sent all the same."""

    class Pruned(MemoryStore):
        async def body(self, delivery: int) -> AsyncIterator[bytes]:
            raise HookError(f"the body of #{delivery} is gone", "Was it pruned?")
            yield b""

    async with running(answering(OK)) as app:
        bench = Bench(app.endpoint, Pruned())
        large = make_delivery(("Content-Length", "5"), body=b"", size=5)
        async with bench.forwarder:
            await bench.output.handle([replace(large, id=1), make_delivery(body=b"two")])

    assert bench.notices == ["#1 was not forwarded: the body of #1 is gone"]
    assert app.requests[-1].endswith(b"two")


async def test_what_cannot_be_stored_is_told_once() -> None:
    """Until storing works again."""
    async with running(answering(OK)) as app:
        store = Full()
        bench = Bench(app.endpoint, store)
        await bench.keep(b"one", b"two")
        store.full = False
        await bench.keep(b"three")
        store.full = True
        await bench.keep(b"four")

    assert bench.notices == [
        f"What came of forwarding #{number} is not stored: The disk is full" for number in (1, 4)
    ]
    assert len(app.requests) == 4


async def test_what_is_under_way_at_the_end_is_told() -> None:
    """With where to go on."""
    asked = asyncio.Event()

    async def talk(line: Line) -> None:
        await line.request()
        asked.set()
        await asyncio.Event().wait()

    async with running(talk) as app:
        bench = Bench(app.endpoint)
        sending = asyncio.ensure_future(bench.keep(b"one", b"two"))
        await asyncio.wait_for(asked.wait(), PATIENCE_S)
        sending.cancel()
        await asyncio.wait({sending}, timeout=PATIENCE_S)

    assert bench.notices == [f"Forwarding #1 to {app.url} was ended, as hookcli ends"]
    assert len(app.requests) == 1


async def test_an_app_that_lets_wait_for_it_is_told_of() -> None:
    """Although no sender waits: what comes next does."""

    async def slow(line: Line) -> None:
        await line.request()
        await until(lambda: bool(one.late))
        await line.say(OK)

    async with running(slow) as app:
        one = Bench(app.endpoint)
        await one.keep(b"1")

    assert one.late == [(1, app.url)]
    assert (await one.attempts(1))[0][2] == 200
