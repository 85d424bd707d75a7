"""Group commit: one thread that commits, in one transaction, whatever has queued meanwhile."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from contextlib import suppress
from itertools import count, groupby
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from hookcli.stores import CHUNK
from hookcli.stores.pruning import remove
from hookcli.stores.rows import BODY, INSERT_ATTEMPTS, INSERT_DELIVERIES, TOGETHER, insert
from hookcli.stores.transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookcli.stores.rows import Row

_BATCH = 256
"""Jobs at which no more are added to a transaction: at most twice as many are in one."""
_MOVED_AT_ONCE = 512 * 1024
"""Bytes that come into SQLite's log before it is moved into the database."""
_BESIDE_BODY = 1024
"""Bytes that a row takes beside its body, at about."""


class Arrival(NamedTuple):
    """A delivery to be kept, and what is kept with it."""

    delivery: Row
    body: BinaryIO | None
    """A file of the body, where that is too large for the row."""


class Removal(NamedTuple):
    """Deliveries to be removed."""

    deliveries: Sequence[int]


class _Job(NamedTuple):
    what: Arrival | Row | Removal
    """A delivery, the row of an attempt, or what is to go."""
    number: asyncio.Future[int]


class Writer:
    """The only one in this process that writes to the database.

    A transaction's cost is waiting for the disk, and it costs the same for one job as for many.
    """

    def __init__(self, db: sqlite3.Connection, on_commit: Callable[[], None]) -> None:
        """`db` is in autocommit mode; `on_commit` is called on the event loop."""
        self._db = db
        self._on_commit = on_commit
        self._loop = asyncio.get_running_loop()
        self._gathered: list[_Job] = []
        self._jobs: queue.SimpleQueue[list[_Job] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="hookcli-writer", daemon=True)
        self._thread.start()

    def insert(self, what: Arrival | Row) -> asyncio.Future[int]:
        """Keep a delivery, or an attempt; what is returned has its number, once it is durable.

        Or else sqlite3.Error, or what reading the body raises. Where one of a transaction fails,
        all are undone, and each goes alone.
        """
        return self._to_do(what)

    def remove(self, deliveries: Sequence[int]) -> asyncio.Future[int]:
        """Remove deliveries in a transaction of their own; return the bytes that are free then.

        Or else sqlite3.Error.
        """
        return self._to_do(Removal(deliveries))

    def _to_do(self, what: Arrival | Row | Removal) -> asyncio.Future[int]:
        number: asyncio.Future[int] = self._loop.create_future()
        self._gathered.append(_Job(what, number))
        if len(self._gathered) == 1:
            self._loop.call_soon(self._hand_over, 0)
        return number

    def _hand_over(self, before: int) -> None:
        """Give the thread what has gathered, once the loop brings nothing more.

        Two threads that take turns get on faster than two that both want the interpreter.
        """
        if before < len(self._gathered) < _BATCH:
            self._loop.call_soon(self._hand_over, len(self._gathered))
            return
        self._put_gathered()

    def _put_gathered(self) -> None:
        # At once: each time the queue is put to wakes the thread, which wants the interpreter.
        self._jobs.put(self._gathered)
        self._gathered = []

    async def close(self) -> None:
        """Finish what is queued, and end the thread."""
        self._put_gathered()
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        open_ = True
        logged = 0  # bytes, at about, that came into SQLite's log since it was moved
        while open_:
            jobs, open_ = self._next()
            for removes, group in groupby(jobs, lambda job: isinstance(job.what, Removal)):
                some = list(group)
                done = self._remove(some) if removes else self._commit(some)
                self._loop.call_soon_threadsafe(self._settle, some, done)
                logged += sum(map(_bytes, some))
            if logged >= _MOVED_AT_ONCE:
                self._checkpoint()
                logged = 0

    def _next(self) -> tuple[Sequence[_Job], bool]:
        """Wait; return all that has queued, and whether more may come."""
        jobs: list[_Job] = []
        some = self._jobs.get()
        with suppress(queue.Empty):
            while some is not None:
                jobs += some
                if len(jobs) >= _BATCH:
                    return jobs, True
                some = self._jobs.get_nowait()
            return jobs, False
        return jobs, True

    def _checkpoint(self) -> None:
        """Move the log into the database, while those who have their answers come again.

        SQLite would do so within a transaction, and let its senders wait; it still does where a
        transaction is as large as several logs.
        """
        with suppress(sqlite3.Error):  # it stays where it is as safe, and moves the next time
            self._db.executescript("PRAGMA wal_checkpoint(PASSIVE)")

    def _remove(self, jobs: Sequence[_Job]) -> Sequence[int | Exception]:
        """Return the bytes set free by each removal, or an exception."""
        return [self._removed(job.what) for job in jobs if isinstance(job.what, Removal)]

    def _removed(self, removal: Removal) -> int | Exception:
        try:
            return remove(self._db, removal.deliveries)
        except Exception as error:  # noqa: BLE001 - it goes to whoever asked for the job
            return error

    def _commit(self, jobs: Sequence[_Job]) -> Sequence[int | Exception]:
        """Return a number or an exception for each job."""
        try:
            return self._transaction(jobs)
        except Exception as error:  # noqa: BLE001 - it goes to whoever asked for the job
            if len(jobs) == 1 or _is_locked(error):
                return [error] * len(jobs)
            return [self._commit([job])[0] for job in jobs]

    def _transaction(self, jobs: Sequence[_Job]) -> Sequence[int]:
        things = [job.what for job in jobs if not isinstance(job.what, Removal)]
        # One statement is a transaction of its own, and waits for the interpreter only once.
        if _are_one_statement(things):
            return self._insert(things)
        with transaction(self._db):
            return self._insert(things)

    def _insert(self, things: Sequence[Arrival | Row]) -> Sequence[int]:
        """Insert deliveries, then attempts; return the number of each of `things`."""
        arrivals = [thing for thing in things if isinstance(thing, Arrival)]
        first = insert(self._db, INSERT_DELIVERIES, [arrival.delivery for arrival in arrivals])
        for number, arrival in enumerate(arrivals, first):
            if arrival.body is not None:
                self._insert_chunks(number, arrival.body)
        attempts = [thing for thing in things if not isinstance(thing, Arrival)]
        first_attempt = insert(self._db, INSERT_ATTEMPTS, attempts)
        deliveries, rest = count(first), count(first_attempt)
        return [next(deliveries if isinstance(thing, Arrival) else rest) for thing in things]

    def _insert_chunks(self, number: int, body: BinaryIO) -> None:
        body.seek(0)
        while chunk := body.read(CHUNK):
            self._db.execute("INSERT INTO chunks (delivery, data) VALUES (?, ?)", (number, chunk))

    def _settle(self, jobs: Sequence[_Job], done: Sequence[int | Exception]) -> None:
        for job, result in zip(jobs, done, strict=True):
            if job.number.cancelled():
                continue
            if isinstance(result, Exception):
                job.number.set_exception(result)
            else:
                job.number.set_result(result)
        self._on_commit()


def _are_one_statement(things: Sequence[Arrival | Row]) -> bool:
    """Whether they are rows of one table, as many as one statement takes."""
    arrivals = [thing.body is None for thing in things if isinstance(thing, Arrival)]
    return len(things) <= TOGETHER and len(arrivals) in {0, len(things)} and all(arrivals)


def _bytes(job: _Job) -> int:
    """Return about how many bytes a job adds to the log, but for large bodies and answers'."""
    what = job.what
    return _BESIDE_BODY + (len(what.delivery[BODY]) if isinstance(what, Arrival) else 0)


def _is_locked(error: Exception) -> bool:
    """Whether another program holds the database: then each job would wait in vain for as long."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
