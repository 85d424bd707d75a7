"""The file gets smaller, step by step, and what fails midway leaves it as it was."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from hookcli.stores.files import connect
from hookcli.stores.pruning import batches, excess, remove, steps_to_shrink
from hookcli.stores.rows import (
    INSERT_ATTEMPTS,
    INSERT_DELIVERIES,
    attempt_row,
    delivery_row,
    insert,
)
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROW = delivery_row(make_delivery(body=bytes(7000)), 0)
LARGE = delivery_row(make_delivery(body=b"", size=3 << 20), 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the store is."""
    return tmp_path / "hooks.db"


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    """Return a store of 600 deliveries, of 7 kB each."""
    with closing(connect(path, create=True)) as db:
        db.execute("BEGIN")
        insert(db, INSERT_DELIVERIES, [ROW] * 600)
        db.execute("COMMIT")
        yield db


def number(db: sqlite3.Connection, what: str) -> int:
    """Return what a pragma says."""
    found: int = db.execute(f"PRAGMA {what}").fetchone()[0]
    return found


def prune(db: sqlite3.Connection, numbers: range) -> int:
    """Remove deliveries as a store does; return the bytes set free."""
    freed = sum(remove(db, some) for some in batches(numbers, db))
    for _ in range(steps_to_shrink(db)):
        remove(db, ())
    return freed


def test_the_file_gets_smaller_by_what_is_removed(db: sqlite3.Connection, path: Path) -> None:
    """All but a little, which what comes next fills."""
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = path.stat().st_size

    freed = prune(db, range(1, 501))

    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert freed >= 500 * 7000
    assert before - path.stat().st_size > 0.9 * freed
    assert excess(db) == 0
    assert number(db, "page_count") - number(db, "freelist_count") > 100


def test_a_little_room_is_left_for_what_comes(db: sqlite3.Connection) -> None:
    """Where few are removed nothing is moved about."""
    pages = number(db, "page_count")

    prune(db, range(1, 17))

    assert number(db, "page_count") == pages
    assert number(db, "freelist_count") > 0


def test_each_step_is_a_small_one(db: sqlite3.Connection) -> None:
    """By how many they are, and by what their bodies weigh; one that is larger goes alone."""
    first = insert(db, INSERT_DELIVERIES, [LARGE, LARGE, ROW])

    groups = batches([*range(1, 101), first, first + 1, first + 2, 9999], db)

    assert [len(group) for group in groups] == [64, 37, 2]
    assert [number for group in groups for number in group] == [*range(1, 101), *range(601, 604)]


def test_room_is_given_back_bit_by_bit(db: sqlite3.Connection) -> None:
    """However much is there to be given back at once."""
    db.execute("DELETE FROM deliveries WHERE id < 500")
    before = number(db, "page_count")
    steps = steps_to_shrink(db)

    remove(db, ())

    assert steps > 3
    assert before - number(db, "page_count") == 128


def test_a_file_of_before_is_filled_again(db: sqlite3.Connection) -> None:
    """One that cannot shrink keeps its size, and what comes goes into the gaps."""
    db.execute("PRAGMA auto_vacuum = NONE")
    db.execute("VACUUM")
    pages = number(db, "page_count")

    prune(db, range(1, 501))
    insert(db, INSERT_DELIVERIES, [ROW] * 16)

    assert number(db, "auto_vacuum") == 0
    assert number(db, "page_count") == pages


def test_answers_that_came_too_late_go_as_well(db: sqlite3.Connection) -> None:
    """An app may still be at a delivery when that is removed."""
    remove(db, [1, 2])
    late = [attempt_row(make_answer(kind="forward", delivery=number)) for number in (1, 4)]
    insert(db, INSERT_ATTEMPTS, late)

    remove(db, [3])

    assert db.execute("SELECT delivery FROM attempts").fetchall() == [(4,)]


def test_what_fails_midway_removes_nothing(db: sqlite3.Connection) -> None:
    """No delivery without its attempts, no attempts without their delivery."""
    insert(db, INSERT_ATTEMPTS, [attempt_row(make_answer(kind="forward", delivery=1))])
    db.execute("CREATE TRIGGER no BEFORE DELETE ON deliveries BEGIN SELECT RAISE(FAIL, 'no'); END")

    with pytest.raises(sqlite3.DatabaseError, match="no"):
        remove(db, [1, 2])

    assert not db.in_transaction
    assert db.execute("SELECT count(*) FROM attempts").fetchone() == (1,)
    assert db.execute("SELECT count(*) FROM deliveries").fetchone() == (600,)
