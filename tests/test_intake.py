"""Bodies are read within bounds, and a sender waits rather than fails."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol

from hookcli import intake as module
from hookcli.delivery import HELD_BODY
from hookcli.intake import Body, Intake, SilentError, TooLargeError, _Budget
from tests.senders import until

if TYPE_CHECKING:
    from pathlib import Path


def content(*pieces: bytes, ends: bool = True) -> StreamReader:
    """Return a body of which these pieces have come."""
    loop = asyncio.get_running_loop()
    protocol = BaseProtocol(loop)
    protocol.connection_made(asyncio.Transport())
    reader = StreamReader(protocol, 1 << 30, loop=loop)
    for piece in pieces:
        reader.feed_data(piece)
    if ends:
        reader.feed_eof()
    return reader


def intake(max_body: int = 25 << 20, *, silence_s: float = 5, folder: Path | None = None) -> Intake:
    """Return an intake with nothing in it."""
    return Intake(max_body=max_body, folder=folder, silence_s=silence_s)


async def take_all(taker: Intake) -> None:
    """Take all the room there is; nobody else has any of it then."""
    async with asyncio.timeout(5):
        await taker._memory.take(module._IN_MEMORY)
        for _ in range(module._ON_DISK):
            await taker._files.acquire()


async def read_back(body: Body) -> bytes:
    """Return what is in the file of a large body."""
    file = body.file
    assert file is not None

    def whole() -> bytes:
        file.seek(0)
        return file.read()

    return await asyncio.to_thread(whole)


@pytest.mark.parametrize("length", [None, 6])
async def test_a_small_body_is_held(length: int | None) -> None:
    """Whether it is announced, or its end tells how long it is."""
    body = await intake().take(content(b"abc", b"def"), length)

    assert (body.held, body.size, body.file) == (b"abcdef", 6, None)


async def test_a_body_that_has_come_is_not_waited_for() -> None:
    """Nor is one that is still on its way taken in part."""
    taker = intake(10)
    coming = content(b"abc", ends=False)

    assert taker.whole(content(b"abc", b"def")) == (b"abcdef", 6, 6, None)
    assert taker.whole(content()) == (b"", 0, 0, None)
    assert taker.whole(coming) is None
    assert coming.read_nowait() == b"abc"


async def test_what_is_refused_or_goes_to_disk_is_not_taken_at_once() -> None:
    broken = content(b"abc")
    broken.set_exception(ConnectionResetError("gone"))

    assert intake().whole(broken) is None
    assert intake(10).whole(content(b"a" * 11)) is None
    assert intake().whole(content(b"a" * (HELD_BODY + 1))) is None


async def test_who_comes_later_does_not_pass_those_who_wait_for_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_IN_MEMORY", HELD_BODY + 2)
    taker = intake()
    first = taker.whole(content(b"a" * HELD_BODY))
    second = asyncio.ensure_future(taker.take(content(b"bbb"), 3))
    await asyncio.sleep(0)

    assert first
    assert taker.whole(content(b"c")) is None
    await taker.release(first)
    assert (await asyncio.wait_for(second, 5)).held == b"bbb"
    assert taker.whole(content(b"c")) == (b"c", 1, 1, None)


async def test_a_body_may_come_slowly() -> None:
    """Each byte is waited for anew."""
    reader = content(ends=False)
    taking = asyncio.ensure_future(intake(silence_s=0.3).take(reader, 3))
    for byte in (b"a", b"b", b"c"):
        await asyncio.sleep(0.12)
        reader.feed_data(byte)
    reader.feed_eof()

    body = await taking

    assert body.held == b"abc"


async def test_the_largest_body_that_is_held_is_held() -> None:
    taker = intake()

    exact = await taker.take(content(b"a" * HELD_BODY), None)
    over = await taker.take(content(b"a" * HELD_BODY, b"b"), None)

    assert (len(exact.held), exact.file) == (HELD_BODY, None)
    assert (over.held, over.size) == (b"", HELD_BODY + 1)
    assert await read_back(over) == b"a" * HELD_BODY + b"b"
    await taker.release(over)


async def test_a_large_body_stands_in_a_file_without_a_name(tmp_path: Path) -> None:
    """However hookcli ends, it leaves none behind."""
    folder = tmp_path / "store"
    await asyncio.to_thread(folder.mkdir)
    pieces = [bytes([number]) * 100_000 for number in range(30)]
    taker = intake(folder=folder)

    body = await taker.take(content(*pieces), None)

    assert await asyncio.to_thread(os.listdir, folder) == []
    assert await read_back(body) == b"".join(pieces)
    await taker.release(body)
    assert body.file is not None
    assert body.file.closed


@pytest.mark.parametrize("length", [11, None])
async def test_a_body_over_the_limit_is_refused(length: int | None) -> None:
    """Announced it is not read at all."""
    reader = content(b"a" * 11, ends=False)

    with pytest.raises(TooLargeError):
        await intake(10).take(reader, length)
    assert reader.total_bytes == 11


async def test_a_body_over_the_limit_that_has_come_whole_is_refused() -> None:
    with pytest.raises(TooLargeError):
        await intake(10).take(content(b"a" * 11), None)


async def test_a_body_that_grows_over_the_limit_on_disk_is_refused() -> None:
    """Its file goes, and its room is free again."""
    taker = intake(2 * HELD_BODY)
    reader = content(b"a" * (HELD_BODY + 1), ends=False)
    taking = asyncio.ensure_future(taker.take(reader, None))
    for _ in range(2):
        await until(lambda: not reader._buffer)
        reader.feed_data(b"a" * HELD_BODY)

    with pytest.raises(TooLargeError):
        await taking
    await take_all(taker)


async def test_silence_ends_a_body() -> None:
    taker = intake(silence_s=0.02)

    with pytest.raises(SilentError):
        await taker.take(content(b"abc", ends=False), 4)
    with pytest.raises(SilentError):
        await taker.take(content(b"a" * (HELD_BODY + 1), ends=False), None)
    await take_all(taker)


async def test_a_sender_that_breaks_off_leaves_its_room() -> None:
    taker = intake()
    reader = content(b"a" * (HELD_BODY + 1), ends=False)
    taking = asyncio.ensure_future(taker.take(reader, None))
    await asyncio.sleep(0)
    reader.set_exception(ConnectionResetError("gone"))

    with pytest.raises(ConnectionResetError):
        await taking
    await take_all(taker)


async def test_a_disk_that_fails_is_the_callers_to_tell(tmp_path: Path) -> None:
    taker = intake(folder=tmp_path / "gone")

    with pytest.raises(FileNotFoundError):
        await taker.take(content(b"a" * (HELD_BODY + 1)), None)
    await take_all(taker)


async def test_who_finds_no_room_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The third of three is read once the first has been released."""
    monkeypatch.setattr(module, "_IN_MEMORY", 2 * HELD_BODY)
    taker = intake()
    first = await taker.take(content(b"a" * HELD_BODY), HELD_BODY)
    await taker.take(content(b"b" * HELD_BODY), HELD_BODY)
    third = asyncio.ensure_future(taker.take(content(b"c"), 1))
    await asyncio.sleep(0)

    assert not third.done()
    await taker.release(first)
    assert (await asyncio.wait_for(third, 5)).held == b"c"


async def test_who_brings_nothing_needs_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GET does not say that it has no body; it has come whole all the same."""
    monkeypatch.setattr(module, "_IN_MEMORY", HELD_BODY)
    taker = intake()
    await taker.take(content(b"a" * HELD_BODY), HELD_BODY)

    body = await asyncio.wait_for(taker.take(content(), None), 5)

    assert body.size == 0


async def test_only_so_many_bodies_go_to_disk_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ON_DISK", 1)
    taker = intake()
    first = await taker.take(content(b"a" * (HELD_BODY + 1)), None)
    second = asyncio.ensure_future(taker.take(content(b"b" * (HELD_BODY + 1)), None))
    for _ in range(20):
        await asyncio.sleep(0)

    assert not second.done()
    await taker.release(first)
    body = await asyncio.wait_for(second, 5)
    assert body.size == HELD_BODY + 1
    await taker.release(body)


async def test_a_budget_serves_in_order() -> None:
    """Whoever wants much is not passed by those who want little for ever."""
    budget, served = _Budget(10), []

    async def take(size: int) -> None:
        await budget.take(size)
        served.append(size)

    await take(6)
    waiting = [asyncio.ensure_future(take(size)) for size in (9, 1, 2)]
    await asyncio.sleep(0)
    assert served == [6]
    budget.give(6)
    await asyncio.sleep(0)
    assert served == [6, 9, 1]
    budget.give(9)
    await asyncio.gather(*waiting)

    assert served == [6, 9, 1, 2]


async def test_who_gives_up_waiting_takes_nothing() -> None:
    """Before its turn came, or in the very moment that it comes."""
    budget = _Budget(10)
    await budget.take(10)
    early, late = (asyncio.ensure_future(budget.take(10)) for _ in "12")
    await asyncio.sleep(0)
    early.cancel()
    await asyncio.sleep(0)
    budget.give(10)
    late.cancel()

    results = await asyncio.gather(early, late, return_exceptions=True)

    assert [type(result) for result in results] == [asyncio.CancelledError] * 2
    await asyncio.wait_for(budget.take(10), 5)
