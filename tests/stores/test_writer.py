"""What has queued is committed together, and one that fails does not take the others with it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import asynccontextmanager, closing
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from hookcli.stores import CHUNK
from hookcli.stores.migrations import migrate
from hookcli.stores.rows import attempt_row, delivery_row
from hookcli.stores.writer import Arrival, Writer
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


CHECKPOINT = "PRAGMA wal_checkpoint(PASSIVE)"


class Gate(BytesIO):
    """A body that the writer cannot read before it may: meanwhile others queue."""

    def __init__(self) -> None:
        super().__init__(b"behind the gate")
        self.reached = threading.Event()
        self.opened = threading.Event()

    def seek(self, *place: int) -> int:
        """Wait."""
        self.reached.set()
        assert self.opened.wait(5)
        return super().seek(*place)


class Broken(BytesIO):
    """A body of which only the beginning can be read."""

    def read(self, size: int | None = -1) -> bytes:
        """Read, or fail."""
        if self.tell():
            raise OSError("the disk went")
        return super().read(size)


class Bench:
    """A writer, its database, and what it does there."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.commits = 0
        self.writer = Writer(self.db, self.committed)
        self.statements: list[str] = []
        self.db.set_trace_callback(self.statements.append)

    def committed(self) -> None:
        """Count."""
        asyncio.get_running_loop()
        self.commits += 1

    def arrive(
        self, path: str = "/", body: BytesIO | None = None, held: bytes = b"{}"
    ) -> asyncio.Future[int]:
        """Queue a delivery with its answer; its body is `held`, or in a file."""
        row = delivery_row(make_delivery(path=path, body=held), 0)
        return self.writer.insert(Arrival(row, body))

    def held_up_at(self, statement: str) -> Gate:
        """Have a gate before each such statement."""
        gate = Gate()

        def trace(executed: str) -> None:
            self.statements.append(executed)
            if executed == statement:
                gate.seek(0)

        self.db.set_trace_callback(trace)
        return gate

    def begun(self) -> int:
        """Return how many transactions there were."""
        return self.statements.count("BEGIN IMMEDIATE")

    def stored(self, columns: str = "path") -> list[str]:
        """Return what is in the database, in order."""
        self.db.set_trace_callback(None)
        rows = self.db.execute(f"SELECT {columns} FROM deliveries ORDER BY id").fetchall()
        return [value for row in rows for value in row]

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        self.db.set_trace_callback(None)
        found: int = self.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return found


@asynccontextmanager
async def writing(db: sqlite3.Connection) -> AsyncIterator[Bench]:
    """Start a writer, and let it end."""
    bench = Bench(db)
    yield bench
    await bench.writer.close()


@asynccontextmanager
async def held_up(bench: Bench) -> AsyncIterator[asyncio.Future[int]]:
    """Keep the writer busy with a first delivery while others queue."""
    gate = Gate()
    first = bench.arrive("/first", gate)
    await asyncio.to_thread(gate.reached.wait, 5)
    yield first
    await asyncio.sleep(0)
    gate.opened.set()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the database is."""
    return tmp_path / "hooks.db"


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    """Return the database, with nothing in it."""
    with closing(connected(path)) as db:
        migrate(db, "x")
        yield db


def connected(path: Path) -> sqlite3.Connection:
    """Connect to a database, from any thread."""
    return sqlite3.connect(path, timeout=0.05, isolation_level=None, check_same_thread=False)


async def test_what_queues_meanwhile_is_committed_together(db: sqlite3.Connection) -> None:
    """Waiting for the disk costs the same for one as for many; each gets its own number."""
    async with writing(db) as bench:
        async with held_up(bench) as first:
            others = [bench.arrive(f"/{n}") for n in range(40)]
            late = bench.writer.insert(attempt_row(make_answer(delivery=1)))

        assert await first == 1
        assert await asyncio.gather(*others) == list(range(2, 42))
        assert await late == 1
        assert bench.begun() == bench.commits == 2
        assert bench.stored() == ["/first", *(f"/{n}" for n in range(40))]
        assert bench.count("attempts") == 1


async def test_a_few_are_kept_in_a_single_statement(db: sqlite3.Connection) -> None:
    """It is a transaction of its own."""
    async with writing(db) as bench:
        numbers = await asyncio.gather(*(bench.arrive(f"/{n}") for n in range(16)))

        assert numbers == list(range(1, 17))
        assert bench.begun() == 0
        assert bench.commits == 1
        assert len(bench.statements) == 1


async def test_so_are_a_few_attempts(db: sqlite3.Connection) -> None:
    async with writing(db) as bench:
        await bench.arrive()
        attempts = [attempt_row(make_answer(delivery=1)) for _ in range(16)]
        numbers = await asyncio.gather(*map(bench.writer.insert, attempts))

        assert numbers == list(range(1, 17))
        assert bench.begun() == 0
        assert len(bench.statements) == 2


@pytest.mark.parametrize(("size", "count"), [(2, 512), (7_000, 66), (25_000, 21)])
async def test_the_log_moves_once_those_in_it_have_their_answers(
    db: sqlite3.Connection, size: int, count: int
) -> None:
    """Senders wait for the log to be on the disk, and not for it to be in the database."""
    async with writing(db) as bench:
        gate = bench.held_up_at(CHECKPOINT)
        await bench.arrive(held=b"x" * size)
        await asyncio.gather(*(bench.arrive(held=b"x" * size) for _ in range(count - 2)))
        early = bench.statements.count(CHECKPOINT)

        assert await asyncio.wait_for(bench.arrive(held=b"x" * size), 5) == count
        await asyncio.to_thread(gate.reached.wait, 5)
        assert (early, bench.statements[-1]) == (0, CHECKPOINT)
        gate.opened.set()
        assert await bench.arrive() == count + 1
        assert bench.statements.count(CHECKPOINT) == 1


async def test_a_log_that_does_not_move_keeps_nobody_waiting(db: sqlite3.Connection) -> None:
    """Its disk may be full. It is as safe where it is, and moves another time."""
    refused = []

    def no_checkpoint(action: int, name: str | None, *_: object) -> int:
        if action == sqlite3.SQLITE_PRAGMA and name == "wal_checkpoint":
            refused.append(name)
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    async with writing(db) as bench:
        bench.db.set_authorizer(no_checkpoint)
        numbers = [await bench.arrive(held=b"x" * 7_000) for _ in range(133)]

        assert numbers == list(range(1, 134))
        assert len(refused) == 2


async def test_one_that_fails_is_alone_in_that(db: sqlite3.Connection) -> None:
    """The others are stored, no number is used up, and no chunk is left without its delivery."""
    async with writing(db) as bench:
        async with held_up(bench) as first:
            before = bench.arrive("/before")
            failing = bench.arrive("/failing", Broken(b"x" * (2 * CHUNK)))
            after = bench.arrive("/after")

        with pytest.raises(OSError, match="the disk went"):
            await failing
        assert [await each for each in (first, before, after)] == [1, 2, 3]
        assert bench.stored("id || path") == ["1/first", "2/before", "3/after"]
        assert bench.count("chunks") == 1


async def test_a_locked_database_fails_all_of_them_at_once(
    db: sqlite3.Connection, path: Path
) -> None:
    """If each waited for the lock by itself, the last would wait for minutes."""
    async with writing(db) as bench:
        with closing(connected(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = [bench.arrive() for _ in range(20)]
            results = await asyncio.gather(*waiting, return_exceptions=True)

        assert {type(result) for result in results} == {sqlite3.OperationalError}
        assert bench.begun() <= 2
        assert await bench.arrive() == 1


async def test_a_full_disk_fails_what_does_not_fit(db: sqlite3.Connection) -> None:
    """SQLite undoes it by itself; as soon as there is room, all goes on."""
    async with writing(db) as bench:
        pages = bench.db.execute("PRAGMA page_count").fetchone()[0]
        bench.db.execute(f"PRAGMA max_page_count = {pages + 20}")
        async with held_up(bench) as first:
            large = bench.arrive("/large", BytesIO(b"x" * 2 * CHUNK))
            small = bench.arrive("/small")

        with pytest.raises(sqlite3.OperationalError, match="full"):
            await large
        assert [await each for each in (first, small)] == [1, 2]
        bench.db.execute("PRAGMA max_page_count = 100000")
        assert await bench.arrive("/large", BytesIO(b"x" * 2 * CHUNK)) == 3
        assert bench.stored() == ["/first", "/small", "/large"]
        assert bench.count("chunks") == 3


async def test_who_gave_up_waiting_is_no_harm(db: sqlite3.Connection) -> None:
    """What was queued is stored all the same."""
    async with writing(db) as bench:
        async with held_up(bench):
            gone = bench.arrive("/gone")
            await asyncio.sleep(0)
            gone.cancel()
            stays = bench.arrive("/stays")

        assert await stays == 3
        assert bench.stored() == ["/first", "/gone", "/stays"]


async def test_closing_finishes_what_is_queued(db: sqlite3.Connection) -> None:
    bench = Bench(db)
    async with held_up(bench) as first:
        others = [bench.arrive() for _ in range(3)]
        await asyncio.sleep(0)
    await bench.writer.close()

    assert await asyncio.gather(first, *others) == [1, 2, 3, 4]
    assert bench.count("deliveries") == 4
