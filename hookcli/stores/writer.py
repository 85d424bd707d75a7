"""Group commit: one thread that commits, in one transaction, whatever has queued meanwhile."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

_BATCH = 256
"""Jobs in one transaction; more wait for the next."""


class _Job(NamedTuple, Generic[T]):
    run: Callable[[sqlite3.Connection], T]
    result: asyncio.Future[T]


class Writer:
    """The only one in this process that writes to the database.

    A transaction's cost is waiting for the disk, and it costs the same for one job as for many.
    """

    def __init__(self, db: sqlite3.Connection, on_commit: Callable[[], None]) -> None:
        """`db` is in autocommit mode; `on_commit` is called on the event loop."""
        self._db = db
        self._on_commit = on_commit
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[_Job[object] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="hookcli-writer", daemon=True)
        self._thread.start()

    async def run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `job` returns, once it is durable. Raises what it raises, and sqlite3.Error.

        A job may run twice: where one of a batch fails, all are undone and each goes alone.
        """
        result: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put(_Job(job, result))  # type: ignore[arg-type] # the queue mixes results
        return await result

    async def close(self) -> None:
        """Finish what is queued, and end the thread."""
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        open_ = True
        while open_:
            batch = [self._jobs.get()]
            with suppress(queue.Empty):
                while len(batch) < _BATCH:
                    batch.append(self._jobs.get_nowait())
            open_ = None not in batch
            jobs = [job for job in batch if job is not None]
            if jobs:
                done = self._commit(jobs)
                self._loop.call_soon_threadsafe(self._settle, jobs, done)

    def _commit(self, jobs: Sequence[_Job[object]]) -> Sequence[object]:
        """Return a result or an exception for each job."""
        try:
            return self._transaction(jobs)
        except Exception as error:  # noqa: BLE001 - it goes to whoever asked for the job
            if len(jobs) == 1 or _is_locked(error):
                return [error] * len(jobs)
            return [self._commit([job])[0] for job in jobs]

    def _transaction(self, jobs: Sequence[_Job[object]]) -> Sequence[object]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            results = [job.run(self._db) for job in jobs]
            self._db.execute("COMMIT")
        except BaseException:
            # A full disk has rolled back already.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        return results

    def _settle(self, jobs: Sequence[_Job[object]], done: Sequence[object]) -> None:
        for job, result in zip(jobs, done, strict=True):
            if job.result.cancelled():
                continue
            if isinstance(result, Exception):
                job.result.set_exception(result)
            else:
                job.result.set_result(result)
        self._on_commit()


def _is_locked(error: Exception) -> bool:
    """Whether another program holds the database: then each job would wait in vain for as long."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
