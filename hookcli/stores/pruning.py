"""Removes deliveries from the SQLite store, and gives their room back, in small steps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hookcli.stores.transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from sqlite3 import Connection

_TOGETHER = 64
_TOGETHER_BYTES = 4 << 20
"""Deliveries, and bytes of their bodies, in one transaction: it takes a millisecond or two."""
_SPARE = 16
"""For so many full pages one may be empty: to fill it again costs less than to move others."""
_PAGES = 128
"""Pages that are given back at once: 2 ms."""

_LATE = "DELETE FROM attempts WHERE delivery < (SELECT min(id) FROM deliveries)"
"""What an app answered when its delivery was gone."""


def batches(numbers: Sequence[int], db: Connection) -> list[list[int]]:
    """Return those of the deliveries that are there, in groups that are small enough."""
    found = db.execute(
        "SELECT id, size FROM deliveries WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(list(numbers)),),
    )
    return list(_grouped(found))


def _grouped(sizes: Iterator[tuple[int, int]]) -> Iterator[list[int]]:
    group: list[int] = []
    held = 0
    for number, size in sizes:
        if group and (len(group) == _TOGETHER or held + size > _TOGETHER_BYTES):
            yield group
            group, held = [], 0
        group.append(number)
        held += size
    if group:
        yield group


def remove(db: Connection, numbers: Sequence[int]) -> int:
    """Remove deliveries with all that is theirs, in one transaction; return the bytes set free.

    Then some of the file's empty room is given back, if there is too much of it.
    """
    with transaction(db):
        before = filled(db)
        for rows in ("chunks WHERE delivery", "attempts WHERE delivery", "deliveries WHERE id"):
            sql = f"DELETE FROM {rows} IN (SELECT value FROM json_each(?))"  # noqa: S608 - our own names
            db.execute(sql, (json.dumps(list(numbers)),))
        db.execute(_LATE)
        freed = before - filled(db)
    if spare := min(excess(db), _PAGES):
        # Not `execute`, which would give back a single page.
        db.executescript(f"PRAGMA incremental_vacuum({spare})")
    return freed


def steps_to_shrink(db: Connection) -> int:
    """Return how often `remove` is to be called until no more room has to be given back."""
    return -(-excess(db) // _PAGES)


def excess(db: Connection) -> int:
    """Return how many pages of the file are empty beyond what may be."""
    (incremental,) = db.execute("SELECT auto_vacuum = 2 FROM pragma_auto_vacuum").fetchone()
    pages, free = _pages(db)
    return max(0, free - (pages - free) // _SPARE) if incremental else 0


def filled(db: Connection) -> int:
    """Return the bytes of the file that hold something."""
    pages, free = _pages(db)
    (size,) = db.execute("PRAGMA page_size").fetchone()
    return int((pages - free) * size)


def _pages(db: Connection) -> tuple[int, int]:
    found: tuple[int, int] = db.execute("""
        SELECT page_count, freelist_count FROM pragma_page_count, pragma_freelist_count
        """).fetchone()
    return found
