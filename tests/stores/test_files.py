"""The file of the store is opened safely, or an error says why not and what to do."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from hookcli.errors import HookError, UsageError
from hookcli.stores import files
from hookcli.stores.files import connect, explained, store_path, tidy
from hookcli.stores.rows import INSERT_DELIVERIES, delivery_row, insert
from tests.stores.builders import make_delivery

ROW = delivery_row(make_delivery(body=bytes(3000)), 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a store may be."""
    return tmp_path / "folder" / "hooks.db"


@pytest.fixture
def stored(path: Path) -> Path:
    """Return a store with some deliveries."""
    with closing(connect(path, create=True)) as db:
        insert(db, INSERT_DELIVERIES, [ROW] * 100)
    return path


def opened(path: Path, *, create: bool = True) -> None:
    """Open a store as all do, and close it."""
    with explained(path):
        connect(path, create=create).close()


def test_only_the_user_may_read_what_is_kept(path: Path) -> None:
    """The file, what SQLite puts beside it, and the folder."""
    with closing(connect(path, create=True)) as db:
        insert(db, INSERT_DELIVERIES, [ROW])

        modes = {each.name: each.stat().st_mode & 0o777 for each in path.parent.iterdir()}

    assert modes == {"hooks.db": 0o600, "hooks.db-wal": 0o600, "hooks.db-shm": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_is_there_stays_as_it_is(path: Path) -> None:
    path.parent.mkdir(mode=0o755)

    opened(path)

    assert path.parent.stat().st_mode & 0o777 == 0o755


def test_what_is_committed_is_on_the_disk(path: Path) -> None:
    """Readers do not wait for the writer, and a checkpoint holds nobody up for long."""
    with closing(connect(path, create=True)) as db:
        asked = ("journal_mode", "synchronous", "wal_autocheckpoint", "busy_timeout")
        told = [db.execute(f"PRAGMA {name}").fetchone()[0] for name in asked]

    assert told == ["wal", 2, 256, 5000]


def test_who_looks_from_another_process_leaves_the_log_in_place(stored: Path) -> None:
    """Else what is committed from then on is seen by nobody, and gone after a crash."""
    look = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("SELECT count(*) FROM deliveries").fetchone()
db.close()
"""
    with closing(connect(stored, create=True)) as db:
        insert(db, INSERT_DELIVERIES, [ROW])
        with closing(connect(stored, create=True)):
            subprocess.run([sys.executable, "-c", look, str(stored)], check=True)
            insert(db, INSERT_DELIVERIES, [ROW])

            assert stored.with_name(f"{stored.name}-wal").exists()
            with closing(sqlite3.connect(stored)) as other:
                assert other.execute("SELECT count(*) FROM deliveries").fetchone() == (102,)


def test_a_name_may_hold_what_urls_may_not(tmp_path: Path) -> None:
    path = tmp_path / "a ?b=#c%20é" / "h&x.db"

    opened(path)

    assert path.exists()


def test_nothing_is_made_for_who_only_reads(path: Path) -> None:
    with pytest.raises(HookError, match="cannot be opened"):
        opened(path, create=False)
    assert not path.parent.exists()


def test_a_newer_layout_is_left_alone(stored: Path) -> None:
    with closing(sqlite3.connect(stored)) as db:
        db.execute("PRAGMA user_version = 99")

    with pytest.raises(HookError, match=r"by a newer hookcli \(its layout 99") as caught:
        opened(stored)
    assert "Update hookcli" in caught.value.hint


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """To the last byte, and without a file beside it."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE deliveries (whose)")
    before = path.read_bytes()

    for create in (True, False):
        with pytest.raises(HookError, match="database of another program"):
            opened(path, create=create)

    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["other.db"]


def test_what_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Do not forget the milk. " * 100)

    with pytest.raises(HookError, match=r"notes.txt is no SQLite database"):
        opened(path)
    assert path.read_text().startswith("Do not forget")


def test_a_damaged_file_is_an_error_that_says_how_to_save_it(stored: Path) -> None:
    with stored.open("r+b") as file:
        file.seek(5 * 4096)
        file.write(b"\xff" * 60 * 4096)

    def read() -> None:
        with explained(stored), closing(connect(stored, create=False)) as db:
            db.execute("SELECT sum(size), max(body) FROM deliveries").fetchall()

    with pytest.raises(HookError, match="is damaged") as caught:
        read()
    assert ".recover" in caught.value.hint


def test_a_file_that_may_only_be_read_can_be_read(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing to it is an error that says so."""
    monkeypatch.setattr(os, "access", lambda *_: False)

    with closing(connect(stored, create=False)) as db:
        assert db.execute("SELECT count(*) FROM deliveries").fetchone() == (100,)
        with pytest.raises(HookError, match="may only be read"), explained(stored):
            insert(db, INSERT_DELIVERIES, [ROW])


def test_an_empty_file_that_may_only_be_read_is_no_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    path = tmp_path / "empty.db"
    path.touch()

    with pytest.raises(HookError, match="may only be read"):
        opened(path, create=False)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (".", "Is a directory"),
        ("file/hooks.db", "File exists|Not a directory"),
        ("/proc/hooks.db", "No such file or directory|Permission denied|Read-only"),
    ],
)
def test_where_no_file_can_be_made_the_reason_is_said(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(HookError, match=f"cannot be opened: ({why})") as caught:
        opened(tmp_path / name)
    assert "--store sqlite:PATH" in caught.value.hint


def test_a_file_that_another_program_holds_is_an_error(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it lets go, all is well."""
    monkeypatch.setattr(files, "_BUSY_MS", 1)
    with closing(connect(stored, create=False)) as db:
        with closing(sqlite3.connect(stored, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(HookError, match="locked by another program"), explained(stored):
                insert(db, INSERT_DELIVERIES, [ROW])
        insert(db, INSERT_DELIVERIES, [ROW])


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (sqlite3.SQLITE_FULL, "The disk is full, so ~/hooks.db takes nothing more"),
        (sqlite3.SQLITE_IOERR_WRITE, "The disk failed while ~/hooks.db was read or written"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "~/hooks.db may only be read"),
        (sqlite3.SQLITE_PERM, "~/hooks.db may not be opened"),
        (sqlite3.SQLITE_ERROR, "~/hooks.db failed: something"),
    ],
)
def test_what_sqlite_says_is_said_to_a_person(home: Path, code: int, message: str) -> None:
    error = sqlite3.OperationalError("something")
    error.sqlite_errorcode = code

    with pytest.raises(HookError) as caught, explained(home / "hooks.db"):
        raise error
    assert caught.value.message == message
    assert caught.value.hint
    assert caught.value.__cause__ is error


def test_an_error_without_a_number_keeps_its_words() -> None:
    with pytest.raises(HookError, match="cannot be opened: odd"), explained(Path("x")):
        raise OSError("odd")
    with pytest.raises(HookError, match="cannot be opened: No space left"), explained(Path("x")):
        raise OSError(errno.ENOSPC, "")
    with pytest.raises(HookError, match="x failed: closed"), explained(Path("x")):
        raise sqlite3.ProgrammingError("closed")


def test_paths_are_told_from_the_home_folder_on(home: Path, tmp_path: Path) -> None:
    assert tidy(home / "a" / "b.db") == "~/a/b.db"
    assert tidy(tmp_path / "b.db") == str(tmp_path / "b.db")


def test_without_a_name_the_store_is_in_the_data_folder(home: Path) -> None:
    assert store_path(None, create=True) == home / "data" / "hookcli" / "hooks.db"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:./hooks.db", "hooks.db"),
        ("sqlite:///tmp/x.db", "/tmp/x.db"),
        ("sqlite:/tmp/x.db", "/tmp/x.db"),
        ("sqlite:~/x.db", "HOME/x.db"),
    ],
)
def test_a_url_names_a_file(home: Path, url: str, expected: str) -> None:
    assert store_path(url, create=True) == Path(expected.replace("HOME", str(home)))


@pytest.mark.parametrize("url", ["", "hooks.db", "sqlite:", "sqlit:x.db", "redis://x", "memory:"])
def test_any_other_url_is_wrong_usage(url: str) -> None:
    with pytest.raises(UsageError, match="There is no store") as caught:
        store_path(url, create=True)
    assert "sqlite:./hooks.db" in caught.value.hint


def test_a_store_that_is_not_there_is_an_error_for_who_only_reads(home: Path) -> None:
    with pytest.raises(HookError, match=r"Nothing is kept in ~/x.db yet"):
        store_path("sqlite:~/x.db", create=False)
    (home / "x.db").touch()
    assert store_path("sqlite:~/x.db", create=False) == home / "x.db"
