"""What cannot be kept is refused in words, noted once, and harms nobody else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, BinaryIO

import pytest

from hookcli import intake
from hookcli import listener as module
from hookcli.answers import BuiltIn
from hookcli.delivery import HELD_BODY, Attempt, Delivery
from hookcli.errors import HookError
from hookcli.stores.memory import MemoryStore
from tests.senders import HOST, chunked, listening, post

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 1000
ENDLESS = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


class FullStore(MemoryStore):
    """A store whose disk is full, until there is room."""

    full = True

    async def append(
        self, delivery: Delivery, answer: Attempt | None = None, body: BinaryIO | None = None
    ) -> int:
        """Keep it, if there is room."""
        if self.full:
            raise HookError("The disk is full", "Free some space")
        return await super().append(delivery, answer, body)


async def test_a_body_that_is_announced_too_large_is_refused_unread() -> None:
    async with listening(max_body=LIMIT) as running:
        answer = await running.say(post(b"a" * (LIMIT + 1)))
        fitting = await running.say(post(b"a" * LIMIT))

    assert (answer.status, fitting.status) == (413, 200)
    assert "Connection: close" in answer.headers
    assert running.notices.lines == [f"A body of 1 kB from {HOST} was refused (413)"]
    assert running.notices.hints == ["See --max-body"]
    assert running.total.deliveries == 1


@pytest.mark.parametrize("limit", [LIMIT, HELD_BODY + LIMIT])
async def test_a_body_that_grows_too_large_is_refused(limit: int) -> None:
    """It did not say how long it would be; no more of it is read than is needed to know."""
    piece = b"10000\r\n" + b"a" * 65_536 + b"\r\n"

    async with listening(max_body=limit) as running, await running.connect() as sender:
        await sender.send(ENDLESS, *[piece] * (1 + limit // 65_536))
        answer = await sender.answer()

    assert answer.status == 413
    assert running.notices.lines == [f"A body without end from {HOST} was refused (413)"]
    assert running.total.deliveries == 0


async def test_a_small_body_in_chunks_may_be_too_large_as_well() -> None:
    """All of it has come before it is looked at."""
    async with listening(max_body=LIMIT) as running:
        answer = await running.say(chunked(b"a" * LIMIT, b"a"))

    assert answer.status == 413
    assert running.total.deliveries == 0


async def test_a_body_that_stops_coming_is_given_up() -> None:
    async with listening(silence_s=0.05) as running:
        answer = await running.say(post(b"half")[:-2])

    assert answer.status == 408
    assert running.notices.lines == [f"A body from {HOST} stopped coming, and was given up"]
    assert running.total.deliveries == 0


@pytest.mark.parametrize(
    "beginning", [post(b"half")[:-2], ENDLESS + b"5\r\nhal", post(b"a" * 3 * HELD_BODY)[:-2]]
)
@pytest.mark.parametrize("leave", ["close", "write_eof"])
async def test_a_sender_that_breaks_off_leaves_nothing(beginning: bytes, leave: str) -> None:
    """Its half of a body is not stored, and nobody takes it for the disk's fault."""
    async with listening() as running, await running.connect() as sender:
        await sender.send(beginning)
        await running.busy()
        getattr(sender.writer, leave)()
        lines = await running.notices.until(1)

    assert lines == [f"A request from {HOST} broke off; nothing of it is kept"]
    assert running.total.deliveries == 0
    assert running.listener.in_flight == 0


async def test_a_sender_that_leaves_before_its_answer_is_kept() -> None:
    """All of it came; that nobody waits for the answer is no harm."""
    async with listening(answer=BuiltIn(delay_s=0.02)) as running:
        pages = await running.store.follow()
        async with await running.connect() as sender:
            await sender.send(post(b"whole"))
            await asyncio.wait_for(anext(pages), 5)
        answered = await asyncio.wait_for(anext(pages), 5)
        kept = await running.kept()

    assert kept.body == b"whole"
    assert len(answered.entries) == 1
    assert running.notices.lines == []


async def test_what_cannot_be_stored_is_not_acknowledged() -> None:
    """The sender is to come again; the person is told why, once, and when it works again."""
    store = FullStore()

    async with listening(store=store) as running:
        refused = [await running.say(post()) for _ in range(3)]
        store.full = False
        kept = [await running.say(post()) for _ in range(2)]

    assert {answer.status for answer in refused} == {503}
    assert "Retry-After: 10" in refused[0].headers
    assert {answer.status for answer in kept} == {200}
    assert running.notices.lines == [
        "Not stored: The disk is full. Senders get 503 until it works again",
        "Storing again; 3 were answered 503 meanwhile",
    ]
    assert running.notices.hints == ["Free some space", None]
    assert running.total.deliveries == 2


async def test_a_large_body_for_which_there_is_no_disk_is_not_acknowledged(tmp_path: Path) -> None:
    """On its way to the store it needs a file."""
    async with listening(folder=tmp_path / "gone") as running:
        large = await running.say(post(b"a" * (HELD_BODY + 1)))
        small = await running.say(post())

    assert (large.status, small.status) == (503, 200)
    assert running.notices.lines == [
        "Not stored: No such file or directory. Senders get 503 until it works again",
        "Storing again; 1 was answered 503 meanwhile",
    ]


async def test_more_bodies_than_there_is_room_for_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of their senders is refused, nor is one that brings little."""
    monkeypatch.setattr(intake, "_IN_MEMORY", 2 * HELD_BODY)
    large = post(b"a" * HELD_BODY)

    async with listening() as running:
        senders = [await running.connect() for _ in range(6)]
        for sender in senders:
            await sender.send(large[:-1])
        small = asyncio.ensure_future(running.say(post()))
        for sender in senders:
            await sender.send(large[-1:])
        answers = [await sender.answer() for sender in senders]
        for sender in senders:
            sender.writer.close()

        assert {answer.status for answer in (*answers, await small)} == {200}
    assert running.total.deliveries == 7
    assert running.notices.lines == []


async def test_who_is_being_answered_at_the_end_gets_the_answer() -> None:
    """Nobody new is taken in meanwhile."""
    answer = BuiltIn(delay_s=0.05)

    async with listening(answer=answer) as running, await running.connect() as sender:
        await sender.send(post())
        await running.busy()
        stopping = asyncio.ensure_future(running.listener.stop())
        await asyncio.sleep(0)
        with pytest.raises(OSError, match=r"refused|Connect call failed"):
            await running.connect()
        answered = await sender.answer()
        await stopping

        assert answered.status == 200
        assert await sender.rest() == b""
    assert running.notices.lines == []


async def test_who_takes_too_long_at_the_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end does not wait for ever, and says so."""
    monkeypatch.setattr(module, "_DRAIN_S", 0.02)

    async with listening(answer=BuiltIn(delay_s=30)) as running, await running.connect() as sender:
        await sender.send(post())
        await running.busy()
        await running.listener.stop()

    assert running.notices.lines == ["A sender was still waiting for an answer"]
    assert await sender.rest() == b""


async def test_a_connection_that_lies_idle_does_not_hold_the_end_up() -> None:
    """Browsers and proxies keep theirs open."""
    async with listening() as running, await running.connect() as sender:
        await sender.send(post())
        await sender.answer()
        await asyncio.wait_for(running.listener.stop(), 1)

        assert await sender.rest() == b""


async def test_a_listener_that_never_started_stops() -> None:
    """Its port was taken."""
    async with listening() as running:
        await running.listener.stop()
        await running.listener.stop()

    assert running.notices.lines == []


async def test_who_is_still_sending_at_the_end_is_answered() -> None:
    """What is under way when hookcli stops comes in whole, and gets its answer."""
    async with listening() as running, await running.connect() as sender:
        await sender.send(post(b"half")[:-2])
        await running.busy()
        stopping = asyncio.ensure_future(running.listener.stop())
        await asyncio.sleep(0)
        await sender.send(b"lf")
        answer = await sender.answer()
        await stopping

        assert answer.status == 200


async def test_answers_that_nobody_reads_do_not_pile_up() -> None:
    """Whoever asks and asks, and never reads, is not listened to any more."""
    answer = BuiltIn(body=b"x" * 1_000_000)
    async with listening(answer=answer) as running, await running.connect() as sender:
        for _ in range(50):
            await sender.send(post())
        for _ in range(2000):
            await asyncio.sleep(0)
        (connection,) = running.listener._server.connections

        assert connection.transport is not None
        assert connection.transport.get_write_buffer_size() < 5_000_000
