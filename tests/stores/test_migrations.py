"""A file comes up to date step by step, whoever opens it first, or stays as it was."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from hookcli.errors import HookError
from hookcli.stores import migrations
from hookcli.stores.migrations import APPLICATION_ID, MIGRATIONS, migrate
from hookcli.stores.rows import (
    BODY,
    INSERT_DELIVERIES,
    SELECT_DELIVERY,
    answer_in,
    delivery_row,
    insert,
)
from tests.stores.builders import make_delivery

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """Return an empty database."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        yield db


def layout(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return the tables and indexes of a database."""
    return db.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()


def number(db: sqlite3.Connection, name: str) -> int:
    """Return a number in the header of a database."""
    found: int = db.execute(f"PRAGMA {name}").fetchone()[0]
    return found


def test_an_empty_file_gets_the_whole_layout(db: sqlite3.Connection) -> None:
    """And says whose it is, and how new."""
    migrate(db, "x")

    assert {"deliveries", "chunks", "attempts"} <= {name for name, _ in layout(db)}
    assert number(db, "application_id") == APPLICATION_ID
    assert number(db, "user_version") == len(MIGRATIONS)


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS)))
def test_an_older_file_gets_what_it_lacks(
    db: sqlite3.Connection, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends as if it had been made today."""
    monkeypatch.setattr(migrations, "MIGRATIONS", MIGRATIONS[:version])
    migrate(db, "x")
    monkeypatch.undo()

    migrate(db, "x")

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as new:
        migrate(new, "y")
        assert layout(db) == layout(new)
    assert number(db, "user_version") == len(MIGRATIONS)


def test_what_an_older_file_holds_stays(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A delivery keeps its number, its body and its answer, and the number stays taken."""
    monkeypatch.setattr(migrations, "MIGRATIONS", MIGRATIONS[:3])
    migrate(db, "x")
    monkeypatch.undo()
    db.execute("""
        INSERT INTO deliveries VALUES (7, 0, 'POST', '/', '', '1.1', NULL, NULL, NULL, NULL, NULL,
            'unsigned', '', 4, 1, '[]', x'00ff00ff')""")
    db.execute("""
        INSERT INTO attempts VALUES (3, 7, 'answer', NULL, 0, 1.5, 200, '[]', x'', 0, NULL)""")

    migrate(db, "x")

    (row,) = db.execute(SELECT_DELIVERY).fetchall()
    assert (row[0], row[BODY], answer_in(row)) == (7, b"\0\xff\0\xff", None)
    assert db.execute("SELECT delivery, status FROM attempts").fetchall() == [(7, 200)]
    db.execute("DELETE FROM deliveries")
    assert insert(db, INSERT_DELIVERIES, [delivery_row(make_delivery(), 0)]) == 8


def test_a_number_stays_taken_though_its_delivery_is_gone(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if it is gone before the file comes up to date."""
    monkeypatch.setattr(migrations, "MIGRATIONS", MIGRATIONS[:3])
    migrate(db, "x")
    monkeypatch.undo()
    db.execute("INSERT INTO sqlite_sequence VALUES ('deliveries', 41)")

    migrate(db, "x")

    assert insert(db, INSERT_DELIVERIES, [delivery_row(make_delivery(), 0)]) == 42


def test_a_file_that_is_up_to_date_is_only_read(db: sqlite3.Connection) -> None:
    migrate(db, "x")
    before = db.total_changes, layout(db)
    db.execute("PRAGMA query_only = 1")

    migrate(db, "x")

    assert (db.total_changes, layout(db)) == before


def test_a_step_that_fails_leaves_the_file_as_it_was(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE half_done (x)")
        raise sqlite3.OperationalError("no more")

    migrate(db, "x")
    before = layout(db)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, fails))

    with pytest.raises(sqlite3.OperationalError, match="no more"):
        migrate(db, "x")
    assert layout(db) == before
    assert number(db, "user_version") == len(MIGRATIONS)
    assert not db.in_transaction


def test_a_full_disk_is_what_is_told(db: sqlite3.Connection) -> None:
    """Not that there is nothing to roll back."""
    db.execute("PRAGMA max_page_count = 2")

    with pytest.raises(sqlite3.OperationalError) as caught:
        migrate(db, "x")
    assert caught.value.sqlite_errorcode == sqlite3.SQLITE_FULL


@pytest.mark.parametrize(
    "mark", ["PRAGMA application_id = 7", "PRAGMA user_version = 1", "CREATE TABLE theirs (x)"]
)
def test_a_file_of_another_program_is_left_alone(db: sqlite3.Connection, mark: str) -> None:
    """Whatever tells that it is one."""
    db.execute(mark)
    before = layout(db)

    with pytest.raises(HookError, match="x is a database of another program"):
        migrate(db, "x")
    assert layout(db) == before


def test_a_file_of_a_newer_hookcli_is_left_alone(db: sqlite3.Connection) -> None:
    migrate(db, "x")
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")

    with pytest.raises(HookError, match="newer hookcli"):
        migrate(db, "x")


def test_many_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    """One makes it, and the others find it made."""
    start = threading.Barrier(4)
    errors: list[Exception] = []

    def open_it() -> None:
        path = tmp_path / "new.db"
        with closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as db:
            start.wait(5)
            try:
                migrate(db, "x")
            except (HookError, sqlite3.Error) as error:
                errors.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []


def test_who_comes_second_finds_nothing_left_to_do(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process was faster, between a look and the lock."""
    migrate(db, "x")
    looks = iter([0, len(MIGRATIONS)])
    monkeypatch.setattr(migrations, "_version", lambda *_: next(looks))

    migrate(db, "x")

    assert number(db, "user_version") == len(MIGRATIONS)
