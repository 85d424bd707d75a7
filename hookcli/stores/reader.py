"""Read a SQLite store with neither a loop nor a thread, which cost more than the reading."""

from __future__ import annotations

from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from hookcli.stores.files import connect, explained
from hookcli.stores.querying import find
from hookcli.stores.rows import (
    SELECT_ANSWER,
    SELECT_ATTEMPT,
    SELECT_DELIVERY,
    answer_of,
    attempt_of,
    delivery_of,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from pathlib import Path
    from sqlite3 import Connection

    from hookcli.delivery import Attempt, Delivery
    from hookcli.stores import Query

T = TypeVar("T")


class SqliteReader:
    """A log in a file, read at once: none of its methods ever waits."""

    def __init__(self, path: Path, db: Connection) -> None:
        self.url = f"sqlite:{path}"
        self._path = path
        self._db = db

    async def get(self, delivery: int) -> Delivery | None:
        """Return the delivery of that id, with its body if that is `held`."""
        sql = f"{SELECT_DELIVERY} WHERE id = ?"
        row = await self._read(lambda db: db.execute(sql, (delivery,)).fetchone())
        return delivery_of(row) if row else None

    async def query(self, query: Query) -> list[Delivery]:
        """Return the deliveries asked for, oldest first, all of them without bodies."""
        rows = await self._read(lambda db: find(db, query))
        return [delivery_of(row) for row in (rows if query.oldest else reversed(rows))]

    async def attempts(self, deliveries: Sequence[int]) -> list[Attempt]:
        """Return all attempts at these deliveries, oldest first."""

        def read(db: Connection) -> list[Attempt]:
            return [
                attempt for number in sorted({*deliveries}) for attempt in _attempts_at(db, number)
            ]

        return sorted(await self._read(read), key=lambda attempt: attempt.started_at)

    async def body(self, delivery: int) -> AsyncIterator[bytes]:
        """Yield a body of any size in chunks."""
        sql = "SELECT size, body FROM deliveries WHERE id = ?"
        row = await self._read(lambda db: db.execute(sql, (delivery,)).fetchone())
        size, body = row or (0, b"")
        if len(body) == size:
            if body:
                yield body
            return
        last = 0
        while row := await self._read(partial(_chunk_after, delivery, last)):
            last, data = row
            yield data

    async def _read(self, job: Callable[[Connection], T]) -> T:
        with explained(self._path):
            return job(self._db)


@contextmanager
def sqlite_reader(path: Path) -> Iterator[SqliteReader]:
    """Open the file at `path`, and close it. Raises HookError where nothing can be read."""
    with explained(path):
        db = connect(path, create=False)
    with closing(db):
        yield SqliteReader(path, db)


def _attempts_at(db: Connection, delivery: int) -> list[Attempt]:
    """Return the attempts at a delivery, in the order in which they were appended."""
    at_once = (answer_of(row) for row in db.execute(f"{SELECT_ANSWER} WHERE id = ?", (delivery,)))
    late = db.execute(f"{SELECT_ATTEMPT} WHERE delivery = ? ORDER BY id", (delivery,))
    return [*(answer for answer in at_once if answer), *map(attempt_of, late)]


def _chunk_after(delivery: int, last: int, db: Connection) -> tuple[int, bytes] | None:
    sql = "SELECT id, data FROM chunks WHERE delivery = ? AND id > ? ORDER BY id LIMIT 1"
    row: tuple[int, bytes] | None = db.execute(sql, (delivery, last)).fetchone()
    return row
