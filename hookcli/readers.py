"""Read a SQLite store with neither a loop nor a thread, which cost more than the reading."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from hookcli.errors import HookError
from hookcli.stores.files import connect, explained, tidy
from hookcli.stores.rows import SELECT_ATTEMPT, SELECT_DELIVERY, attempt_of, delivery_of, select

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from sqlite3 import Connection

    from hookcli.delivery import Attempt, Delivery
    from hookcli.stores import Query

T = TypeVar("T")


class Reader(Protocol):
    """The part of a store that a command needs which only reads."""

    async def get(self, delivery: int) -> Delivery | None:
        """Return the delivery of that id, with its body if that is `held`."""
        ...

    async def query(self, query: Query) -> list[Delivery]:
        """Return the deliveries asked for, oldest first, all of them without bodies."""
        ...

    async def attempts(self, deliveries: Sequence[int]) -> list[Attempt]:
        """Return all attempts at these deliveries, oldest first."""
        ...

    def body(self, delivery: int) -> AsyncIterator[bytes]:
        """Yield a body of any size in chunks."""
        ...


class SqliteReader:
    """A log in a file, read at once: none of its methods ever waits."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raises HookError where there is none, or it cannot be read."""
        if not path.exists():
            raise HookError(
                f"Nothing is kept in {tidy(path)} yet",
                "hookcli listen 4567 receives webhooks and keeps them",
            )
        self._path = path
        with explained(path):
            self._db = connect(path, create=False)

    async def get(self, delivery: int) -> Delivery | None:
        """Return the delivery of that id, with its body if that is `held`."""
        sql = f"{SELECT_DELIVERY} WHERE id = ?"
        row = await self._read(lambda db: db.execute(sql, (delivery,)).fetchone())
        return delivery_of(row) if row else None

    async def query(self, query: Query) -> list[Delivery]:
        """Return the deliveries asked for, oldest first, all of them without bodies."""
        sql, values = select(query)
        rows = await self._read(lambda db: db.execute(sql, values).fetchall())
        return [delivery_of(row) for row in reversed(rows)]

    async def attempts(self, deliveries: Sequence[int]) -> list[Attempt]:
        """Return all attempts at these deliveries, oldest first."""
        sql = f"{SELECT_ATTEMPT} WHERE delivery = ?"

        def read(db: Connection) -> list[Attempt]:
            return [attempt_of(row) for number in deliveries for row in db.execute(sql, (number,))]

        return sorted(await self._read(read), key=lambda attempt: attempt.id)

    async def body(self, delivery: int) -> AsyncIterator[bytes]:
        """Yield a body of any size in chunks."""
        known = await self.get(delivery)
        if known is None or known.held:
            if known is not None and known.body:
                yield known.body
            return
        last = 0
        while row := await self._read(partial(_chunk_after, delivery, last)):
            last, data = row
            yield data

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    async def _read(self, job: Callable[[Connection], T]) -> T:
        with explained(self._path):
            return job(self._db)


def sqlite_reader(url: str | None) -> SqliteReader | None:
    """Return a reader of the store that `--store` names, or None if that is none of SQLite's.

    Raises HookError where there is nothing to read.
    """
    if url is None:
        import platformdirs  # noqa: PLC0415 - slow to load, and needed here only

        return SqliteReader(platformdirs.user_data_path("hookcli", appauthor=False) / "hooks.db")
    scheme, _, rest = url.partition(":")
    if scheme != "sqlite" or not rest:
        return None
    return SqliteReader(Path(rest.removeprefix("//")).expanduser())


def _chunk_after(delivery: int, last: int, db: Connection) -> tuple[int, bytes] | None:
    sql = "SELECT id, data FROM chunks WHERE delivery = ? AND id > ? ORDER BY id LIMIT 1"
    row: tuple[int, bytes] | None = db.execute(sql, (delivery, last)).fetchone()
    return row
