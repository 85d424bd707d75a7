"""One file, many processes: nothing is lost, repeated or left behind."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from hookcli.delivery import HELD_BODY, Attempt, Delivery, Entry
from hookcli.errors import HookError
from hookcli.stores import CHUNK, Query, files, sqlite
from hookcli.stores.sqlite import SqliteStore
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from hookcli.stores import Page

LARGE = make_delivery(body=b"", size=HELD_BODY + 1)


class Broken(BytesIO):
    """A body of which only the first chunk can be read."""

    def __init__(self) -> None:
        super().__init__(b"x" * LARGE.size)

    def read(self, size: int | None = -1) -> bytes:
        """Read, or fail."""
        if self.tell() >= CHUNK:
            raise OSError(5, "Input/output error")
        return super().read(size)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the store is."""
    return tmp_path / "hooks.db"


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[SqliteStore]:
    """Open a store, and close it."""
    store = await SqliteStore.open(path, create=True)
    yield store
    await store.close()


async def following(pages: AsyncIterator[Page], count: int) -> list[Entry]:
    """Return the next `count` entries or more."""
    entries: list[Entry] = []
    async with asyncio.timeout(5):
        while len(entries) < count:
            entries += (await anext(pages)).entries
    return entries


async def rows(path: Path, table: str) -> int:
    """Return how many rows a table has."""

    def count() -> int:
        with closing(sqlite3.connect(path)) as db:
            found: int = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            return found

    return await asyncio.to_thread(count)


async def test_knows_what_was_kept_before_it_was_opened(path: Path) -> None:
    """One sent again after a restart is one sent again, and it is the first that it repeats."""
    for _ in range(3):
        async with opened(path) as store:
            await store.append(make_delivery())

    async with opened(path) as store:
        assert [each.repeats for each in await store.query(Query())] == [None, 1, 1]


async def test_knows_what_another_process_keeps(path: Path) -> None:
    """Whoever follows only its own has passed over it."""
    async with opened(path) as store, opened(path) as other:
        pages = await store.follow(own=True)
        await other.append(make_delivery())
        await store.append(make_delivery(delivery_id="another"))
        await following(pages, 1)

        number = await store.append(make_delivery())

        found = await store.get(number)
        assert found is not None
        assert found.repeats == 1


async def test_what_was_kept_is_there_after_the_end(path: Path) -> None:
    async with opened(path) as store:
        await store.append(make_delivery(), make_answer())
    async with opened(path) as store:
        number = await store.append(make_delivery())

        assert number == 2
        assert len(await store.attempts([1])) == 1


async def test_two_that_write_never_give_the_same_number(path: Path) -> None:
    """Each of them many at once."""
    async with opened(path) as one, opened(path) as two:
        both = [store.append(make_delivery(), make_answer()) for store in (one, two) * 25]
        numbers = await asyncio.gather(*both)
        attempts = await one.attempts(numbers)

    assert sorted(numbers) == list(range(1, 51))
    assert len({attempt.id for attempt in attempts}) == 50


async def test_a_follower_sees_what_another_process_writes(path: Path) -> None:
    """Without being woken; in the order of the log."""
    async with opened(path) as one, opened(path) as two:
        pages = await one.follow()
        waiting = asyncio.ensure_future(following(pages, 4))
        for delivery in ("/1", "/2"):
            await two.append(make_delivery(path=delivery), make_answer())
        entries = await waiting

    assert [type(entry) for entry in entries] == [Delivery, Attempt] * 2
    assert [entry.path for entry in entries if isinstance(entry, Delivery)] == ["/1", "/2"]


async def test_a_follower_of_its_own_passes_over_what_others_write(path: Path) -> None:
    """Neither their deliveries nor the answers to them, however many there are."""
    async with opened(path) as own, opened(path) as other:
        pages = await own.follow(own=True)
        for _ in range(300):
            await other.append(make_delivery(path="/theirs"), make_answer())
        await own.append(make_delivery(path="/own"), make_answer())
        await other.append(make_delivery(path="/theirs"), make_answer())
        await own.append(make_delivery(path="/own"), make_answer())
        entries = await following(pages, 4)

    deliveries = [entry for entry in entries if isinstance(entry, Delivery)]
    answers = [entry for entry in entries if isinstance(entry, Attempt)]
    assert [(each.id, each.path) for each in deliveries] == [(301, "/own"), (303, "/own")]
    assert [answer.delivery for answer in answers] == [301, 303]


async def test_many_late_answers_come_one_by_one(path: Path) -> None:
    """More than a page of them, behind deliveries that came with theirs."""
    async with opened(path) as store:
        for _ in range(300):
            await store.append(make_delivery())
        pages = await store.follow()
        await asyncio.gather(
            *(store.append_attempt(make_answer(delivery=n)) for n in range(1, 301)),
            *(store.append(make_delivery(), make_answer()) for _ in range(300)),
        )
        entries = await following(pages, 900)

    told = set(range(1, 301))
    for entry in entries:
        if isinstance(entry, Delivery):
            told.add(entry.id)
        else:
            assert entry.delivery in told
    assert [entry.id for entry in entries if isinstance(entry, Delivery)] == list(range(301, 601))
    assert len(told) == 600


async def test_a_page_of_bodies_has_its_bounds(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what its bodies weigh; a follower that is slow does not fill the memory."""
    monkeypatch.setattr(sqlite, "_PAGE_BYTES", 1000)
    async with opened(path) as store:
        pages = await store.follow()
        for _ in range(5):
            await store.append(make_delivery(body=b"x" * 600))
        sizes = [len((await anext(pages)).entries) for _ in range(3)]

    assert sizes == [2, 2, 1]


async def test_the_log_beside_the_file_stays_small(path: Path) -> None:
    """It begins anew each time that all of it has moved, also while somebody follows."""
    async with opened(path) as store:
        pages = await store.follow("0.0")
        for number in range(40):
            await asyncio.gather(
                *(store.append(make_delivery(body=b"x" * 7_000)) for _ in "x" * 16)
            )
            await following(pages, 16)
            assert await store.get(16 * number + 1)

        assert path.with_name("hooks.db-wal").stat().st_size < 1 << 20


async def test_what_fails_midway_leaves_nothing(path: Path) -> None:
    """No chunk without its delivery, no delivery without its body, and no number used."""
    async with opened(path) as store:
        with pytest.raises(HookError):
            await store.append(LARGE, make_answer(), Broken())
        number = await store.append(make_delivery())

    assert number == 1
    assert [await rows(path, table) for table in ("deliveries", "chunks", "attempts")] == [1, 0, 0]


async def test_a_full_disk_is_an_error_until_there_is_room(path: Path) -> None:
    async with opened(path) as store:
        await store.append(make_delivery())
        store._for_writing.execute("PRAGMA max_page_count = 20")
        with pytest.raises(HookError, match="The disk is full") as caught:
            await store.append(LARGE, make_answer(), BytesIO(b"x" * LARGE.size))
        small = await store.append(make_delivery(), make_answer())
        store._for_writing.execute("PRAGMA max_page_count = 10000")
        large = await store.append(LARGE, None, BytesIO(b"x" * LARGE.size))

    assert "Free some space" in caught.value.hint
    assert (small, large) == (2, 3)


async def test_a_lock_is_an_error_until_it_goes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading goes on meanwhile."""
    monkeypatch.setattr(files, "_BUSY_MS", 1)
    async with opened(path) as store:
        await store.append(make_delivery())
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(HookError, match="locked by another program"):
                await store.append(make_delivery())
            read = await store.get(1)
        number = await store.append(make_delivery())

    assert read is not None
    assert number == 2


async def test_a_store_that_cannot_be_opened_is_an_error(path: Path) -> None:
    await asyncio.to_thread(path.write_text, "no database " * 100)

    with pytest.raises(HookError, match="no SQLite database"):
        await SqliteStore.open(path, create=True)
