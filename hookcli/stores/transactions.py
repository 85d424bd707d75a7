"""A transaction of the SQLite store: all of it, or nothing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection


@contextmanager
def transaction(db: Connection) -> Iterator[None]:
    """Keep others from writing; undo what was done where anything fails. Raises sqlite3.Error.

    `db` is in autocommit mode. By ways that let go of the interpreter once: a statement with a
    cursor does so three times, and waits for it each time.
    """
    db.executescript("BEGIN IMMEDIATE")
    try:
        yield
        db.commit()
    except BaseException:
        # Where a full disk has rolled back already, this does nothing.
        db.rollback()
        raise
