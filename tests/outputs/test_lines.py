"""Programs get a line each, whole and exact; on a terminal nothing in it acts."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hookcli.delivery import HELD_BODY, Delivery, Entry
from hookcli.outputs.lines import Lines
from hookcli.state import Ready, TunnelState
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import Sequence

READY = Ready(public_url=None, local_url="http://127.0.0.1:4567", store="memory", pid=1)
ONLINE = TunnelState(state="online", public_url="https://x.test", at=datetime.now(UTC))
HOSTILE = '{"a": "\x1b[31m \u202e \x9b"}'


class Reader:
    """Who reads the lines, as slowly as a test wants."""

    def __init__(self) -> None:
        self.data = b""
        self.room = asyncio.Event()
        self.room.set()

    def write(self, data: bytes) -> None:
        """Take a line."""
        self.data += data

    async def drained(self) -> None:
        """Wait until the reader wants more."""
        await self.room.wait()

    async def body(self, delivery: Delivery) -> bytes:
        """Return the body; one that is not held is all `x`."""
        return delivery.body if delivery.held else b"x" * delivery.size

    @property
    def records(self) -> list[Any]:
        """The lines, read as JSON."""
        assert self.data.endswith(b"\n")
        return [json.loads(line) for line in self.data.splitlines()]


async def written(entries: Sequence[Entry], **options: bool) -> Reader:
    """Write entries, and how the listener stands; return their reader."""
    reader = Reader()
    lines = Lines(write=reader.write, body=reader.body, drained=reader.drained, **options)
    lines.tunnel(ONLINE)
    lines.ready(READY)
    await lines.handle(entries)
    return reader


DELIVERY = make_delivery(id=42, body=b'{ "action" : "opened" }')
ANSWER = make_answer(id=17, delivery=42)


async def test_a_delivery_is_a_line() -> None:
    """Answers, the tunnel and the start are not, where only deliveries are wanted."""
    reader = await written([DELIVERY, ANSWER, DELIVERY])

    assert [record["type"] for record in reader.records] == ["delivery"] * 2
    assert reader.records[0]["body"] == '{ "action" : "opened" }'
    assert reader.records[0]["payload"] == {"action": "opened"}


async def test_all_that_happens_is_a_line_where_that_is_wanted() -> None:
    reader = await written([DELIVERY, ANSWER], everything=True)

    assert [record["type"] for record in reader.records] == [
        "tunnel",
        "ready",
        "delivery",
        "attempt",
    ]
    assert reader.records[3]["delivery"] == 42


async def test_a_body_that_is_not_held_is_read() -> None:
    """A record is whole, however large."""
    large = make_delivery(body=b"", size=HELD_BODY + 1)

    reader = await written([large])

    assert reader.records[0]["body"] == "x" * (HELD_BODY + 1)


async def test_payloads_alone_are_a_line_each() -> None:
    """JSON compacted, all else as it came, binary as well."""
    others = [make_delivery(body=body) for body in (b"a=1", b"\xff\x1b\x00", b"")]

    reader = await written([DELIVERY, ANSWER, *others], payloads=True)

    assert reader.data == b'{"action":"opened"}\na=1\n\xff\x1b\x00\n\n'


async def test_on_a_terminal_nothing_received_acts() -> None:
    """Neither in a record nor in a payload; it is still JSON."""
    hostile = make_delivery(body=HOSTILE.encode(), path="/\x9b31m")

    record = await written([hostile], terminal=True)
    payload = await written([hostile], payloads=True, terminal=True)

    for reader in record, payload:
        assert reader.data.count(b"\n") == 1
        assert set("\x1b\u202e\x9b").isdisjoint(reader.data.decode())
    assert record.records[0]["body"] == HOSTILE
    assert payload.records[0]["a"] == "\x1b[31m \u202e \x9b"


async def test_on_a_terminal_what_is_binary_is_told_of() -> None:
    binary = make_delivery(id=42, body=b"\xff\x1b\x00")

    reader = await written([binary], payloads=True, terminal=True)

    assert reader.data == b"(binary, 3 B: hookcli show 42 --format body > FILE)\n"


async def test_a_slow_reader_gets_one_more_and_no_page_of_them() -> None:
    """Of 256 bodies of 25 MB at most one is on its way."""
    reader = Reader()
    reader.room.clear()
    lines = Lines(write=reader.write, body=reader.body, drained=reader.drained)
    writing = asyncio.ensure_future(lines.handle([DELIVERY] * 3))
    for _ in range(10):
        await asyncio.sleep(0)

    assert len(reader.records) == 1
    reader.room.set()
    await writing
    assert len(reader.records) == 3
