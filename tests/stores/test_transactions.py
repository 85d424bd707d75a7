"""What is done together is there together, or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from hookcli.stores.transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the database is."""
    return tmp_path / "hooks.db"


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    """Return a database with a table."""
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        opened.execute("CREATE TABLE things (name)")
        yield opened


def names(db: sqlite3.Connection) -> list[str]:
    """Return what is in the table."""
    return [row[0] for row in db.execute("SELECT name FROM things")]


def test_what_ends_well_stays(db: sqlite3.Connection, path: Path) -> None:
    with transaction(db):
        db.execute("INSERT INTO things VALUES ('a')")
        db.execute("INSERT INTO things VALUES ('b')")

    with closing(sqlite3.connect(path)) as other:
        assert names(other) == ["a", "b"]
    assert not db.in_transaction


def test_what_fails_leaves_nothing(db: sqlite3.Connection) -> None:
    def broken_off() -> None:
        with transaction(db):
            db.execute("INSERT INTO things VALUES ('a')")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()

    assert names(db) == []
    assert not db.in_transaction


def test_what_a_full_disk_has_undone_is_told_as_that(db: sqlite3.Connection) -> None:
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")

    with pytest.raises(sqlite3.OperationalError, match="full"), transaction(db):
        db.execute("INSERT INTO things VALUES (zeroblob(1000000))")

    assert names(db) == []


def test_nobody_else_writes_meanwhile(db: sqlite3.Connection, path: Path) -> None:
    with transaction(db), closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        with pytest.raises(sqlite3.OperationalError, match="locked"), transaction(other):
            pass
        assert not other.in_transaction
