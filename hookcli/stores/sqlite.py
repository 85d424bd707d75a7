"""The store in a SQLite file: durable before it returns, shared between processes."""

from __future__ import annotations

import asyncio
import math
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from secrets import randbits
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from hookcli.stores import Page, Stats
from hookcli.stores.files import connect, explained, explanation
from hookcli.stores.pruning import batches, filled, steps_to_shrink
from hookcli.stores.reader import SqliteReader
from hookcli.stores.repeats import RECENT, Repeats
from hookcli.stores.rows import (
    BODY,
    ORIGIN,
    SELECT_ATTEMPT,
    SELECT_DELIVERY,
    SELECT_NAMED,
    Row,
    answer_in,
    attempt_of,
    attempt_row,
    delivery_of,
    delivery_row,
    named_in,
)
from hookcli.stores.writer import Arrival, Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from hookcli.delivery import Attempt, Delivery, Entry
    from hookcli.stores.repeats import Named

T = TypeVar("T")

_POLL = 0.05
"""Seconds between looks for what other processes have written."""
_POLL_OWN = 0.5
"""The same, where only their answers matter."""
_PAGE_ENTRIES = 256
_PAGE_BYTES = 4 << 20


class SqliteStore(SqliteReader):
    """A log in one file. Readers never wait for the writer, nor the writer for readers."""

    def __init__(
        self,
        path: Path,
        for_writing: sqlite3.Connection,
        for_reading: sqlite3.Connection,
        repeats: Repeats,
    ) -> None:
        super().__init__(path, for_reading)
        self._repeats = repeats
        self._for_writing = for_writing
        self._origin = randbits(62)
        self._writer: Writer | None = None
        self._reader = ThreadPoolExecutor(1, "hookcli-reader")
        self._committed = asyncio.Event()

    @classmethod
    async def open(cls, path: Path, *, create: bool) -> SqliteStore:
        """Open the file; `create` makes it. Raises HookError where it cannot be used."""

        def parts() -> tuple[sqlite3.Connection, sqlite3.Connection, Repeats]:
            db = connect(path, create=create)
            recent = db.execute(SELECT_NAMED, (RECENT,)).fetchall()
            return db, connect(path, create=create), Repeats(recent)

        with explained(path):
            return cls(path, *await asyncio.to_thread(parts))

    async def append(
        self, delivery: Delivery, answer: Attempt | None = None, body: BinaryIO | None = None
    ) -> int:
        """Keep a delivery, with its built-in answer if it has one; return the id it got."""
        writer = self._writing()

        def insert(delivery: Delivery) -> Awaitable[int]:
            return writer.insert(Arrival(delivery_row(delivery, self._origin, answer), body))

        try:  # not `explained`, which would cost each delivery 0.7 us
            return await self._repeats.append(delivery, insert)
        except (sqlite3.Error, OSError) as error:
            raise explanation(error, self._path) from error

    async def append_attempt(self, attempt: Attempt) -> int:
        """Keep an attempt at a stored delivery; return the id it got."""
        with explained(self._path):
            return 2 * await self._writing().insert(attempt_row(attempt))

    async def follow(
        self, cursor: str | None = None, *, own: bool = False, events: Sequence[str] = ()
    ) -> AsyncIterator[Page]:
        """Iterate, without end, over what comes after `cursor`; None: after this very call."""
        if cursor is None:
            place = await self._read(_end)
        else:
            delivery, attempt = cursor.split(".")
            place = _Place(int(delivery), int(attempt))
        return self._pages(place, _Wanted(self._origin if own else None, *_of_events(events)))

    async def prune(self, deliveries: Sequence[int]) -> int:
        """Remove these deliveries with their attempts; return the bytes that are free now."""
        freed = 0
        for some in await self._read(partial(batches, deliveries)):
            freed += await self._remove(some)
        for _ in range(await self._read(steps_to_shrink)):
            await self._remove(())
        return freed

    async def stats(self) -> Stats:
        """Count what is there."""

        def read(db: sqlite3.Connection) -> Stats:
            (deliveries,) = db.execute("SELECT count(*) FROM deliveries").fetchone()
            return Stats(deliveries, filled(db))

        return await self._read(read)

    async def close(self) -> None:
        """Finish what is queued, and let go."""
        if self._writer is not None:
            await self._writer.close()
        await asyncio.to_thread(self._reader.shutdown)
        with explained(self._path):
            await asyncio.to_thread(self._db.close)
            await asyncio.to_thread(self._for_writing.close)

    async def _remove(self, deliveries: Sequence[int]) -> int:
        """Remove them at once, and leave as much time to others as that took."""
        started = monotonic()
        with explained(self._path):
            freed = await self._writing().remove(deliveries)
        await asyncio.sleep(monotonic() - started)
        return freed

    def _writing(self) -> Writer:
        if self._writer is None:
            self._writer = Writer(self._for_writing, self._committed.set)
        return self._writer

    async def _read(self, job: Callable[[sqlite3.Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        with explained(self._path):
            return await loop.run_in_executor(self._reader, job, self._db)

    async def _pages(self, place: _Place, wanted: _Wanted) -> AsyncIterator[Page]:
        while True:
            self._committed.clear()
            entries, reached, others = await self._read(partial(_after, place, wanted))
            self._repeats.learn(others)
            if entries or (wanted.events and reached != place):
                yield Page(entries, f"{reached.delivery}.{reached.attempt}", reached.delivery)
            elif reached == place:
                with suppress(TimeoutError):
                    pause = _POLL if wanted.origin is None else _POLL_OWN
                    await asyncio.wait_for(self._committed.wait(), pause)
            place = reached


class _Place(NamedTuple):
    """A place in the log: the numbers of the last delivery and the last attempt before it."""

    delivery: int
    attempt: int


class _Wanted(NamedTuple):
    """What a follower is brought."""

    origin: int | None
    """Only what this opening of the store has appended."""
    events: str
    """What holds for its deliveries, in SQL; empty for all of them."""
    globs: Sequence[str]
    """The values in that."""


class _Next(NamedTuple):
    """What comes next in the log."""

    entries: list[Entry]
    reached: _Place
    """The place behind them."""
    others: list[Named]
    """Deliveries of other processes that are passed over."""


def _end(db: sqlite3.Connection) -> _Place:
    last = dict(db.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    return _Place(last.get("deliveries", 0), 2 * last.get("attempts", 0))


def _of_events(events: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return what holds for deliveries of these events, in SQL, and the values in that."""
    fits = "event GLOB ? OR event || '.' || action GLOB ?"
    globs = [glob.replace("[!", "[^") for glob in events for _ in "12"]
    return (f"({' OR '.join([fits] * len(events))})" if events else ""), globs


def _after(place: _Place, wanted: _Wanted, db: sqlite3.Connection) -> _Next:
    """Return a page of what comes after `place`, as of one moment."""
    db.execute("BEGIN")
    try:
        rows, complete = _deliveries_after(db, place.delivery, wanted)
        end = _end(db)
        last = max(place.delivery, end.delivery) if complete else rows[-1][0]
        attempts, complete = _attempts_after(
            db, place.attempt, math.inf if complete else last, wanted
        )
    finally:
        db.execute("COMMIT")
    by_delivery: dict[int, list[Entry]] = {}
    for attempt in attempts:
        by_delivery.setdefault(attempt.delivery, []).append(attempt)
    entries: list[Entry] = []
    others: list[Named] = []
    for row in rows:
        late = by_delivery.pop(row[0], ())
        if wanted.origin in {None, row[ORIGIN]}:
            answer = answer_in(row)
            entries += [delivery_of(row), *([answer] if answer else []), *late]
        else:
            others.append(named_in(row))
    earlier = [attempt for at_one in by_delivery.values() for attempt in at_one]
    read = attempts[-1].id if attempts else place.attempt
    reached = _Place(last, max(read, end.attempt) if complete else read)
    return _Next(earlier + entries, reached, others)


def _deliveries_after(
    db: sqlite3.Connection, delivery: int, wanted: _Wanted
) -> tuple[list[Row], bool]:
    """Return the rows of the next deliveries, and whether these are all."""
    # By SQL, as each row that Python looks at has to wait for the interpreter.
    terms = f" AND {wanted.events}" if wanted.events else ""
    sql = f"{SELECT_DELIVERY} WHERE id > ?{terms} ORDER BY id"
    found: list[Row] = []
    held = 0
    with closing(db.execute(sql, (delivery, *wanted.globs))) as rows:
        for row in rows:
            found.append(row)
            held += len(row[BODY])
            if len(found) == _PAGE_ENTRIES or held >= _PAGE_BYTES:
                return found, False
    return found, True


def _attempts_after(
    db: sqlite3.Connection, attempt: int, last_delivery: float, wanted: _Wanted
) -> tuple[list[Attempt], bool]:
    """Return the next attempts, up to the first at a delivery that is not on this page.

    And whether these are all.
    """
    terms = ""
    if wanted.events:
        at = f"SELECT 1 FROM deliveries AS d WHERE d.id = delivery AND {wanted.events}"  # noqa: S608 - our own words
        terms = f" AND EXISTS ({at})"
    sql = f"{SELECT_ATTEMPT} WHERE id > ? / 2{terms} ORDER BY id LIMIT ?"
    found: list[Attempt] = []
    held = 0
    with closing(db.execute(sql, (attempt, *wanted.globs, _PAGE_ENTRIES))) as rows:
        for row in rows:
            next_ = attempt_of(row)
            if next_.delivery > last_delivery or held >= _PAGE_BYTES:
                return found, False
            found.append(next_)
            held += len(next_.body) + len((next_.request and next_.request.body) or b"")
    return found, len(found) < _PAGE_ENTRIES
