"""The layout of the SQLite store, and the steps that lead to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hookcli.errors import HookError
from hookcli.stores.transactions import transaction

if TYPE_CHECKING:
    from sqlite3 import Connection

APPLICATION_ID = 0x686F6F6B
"""`hook`, in the header of the file: https://sqlite.org/pragma.html#pragma_application_id"""


def _deliveries(db: Connection) -> None:
    """Bodies come last in their row, so that reading the rest does not read them.

    Providers' delivery ids are random: an index of all of them would have a page written for
    nearly every delivery. In runs of 256 deliveries only the last run is written.
    """
    db.execute("""
        CREATE TABLE deliveries (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            received_at INTEGER NOT NULL, -- microseconds since 1970, UTC
            method TEXT NOT NULL,
            path TEXT NOT NULL,
            query TEXT NOT NULL,
            http_version TEXT NOT NULL,
            remote TEXT,
            provider TEXT,
            event TEXT,
            action TEXT,
            delivery_id TEXT,
            signature_code TEXT NOT NULL,
            signature_message TEXT NOT NULL,
            size INTEGER NOT NULL,
            origin INTEGER NOT NULL, -- a random number for each opening of the store
            headers TEXT NOT NULL, -- JSON: [[name, value], ...]
            body BLOB NOT NULL -- empty where it stands in chunks
        )""")
    db.execute("CREATE INDEX deliveries_by_provider ON deliveries (provider)")
    db.execute(
        "CREATE INDEX deliveries_by_delivery_id ON deliveries (id >> 8, delivery_id)"
        " WHERE delivery_id IS NOT NULL"
    )


def _chunks(db: Connection) -> None:
    """Bodies too large for a row, committed in one transaction with their delivery."""
    db.execute("""
        CREATE TABLE chunks (
            id INTEGER PRIMARY KEY,
            delivery INTEGER NOT NULL REFERENCES deliveries (id),
            data BLOB NOT NULL
        )""")
    db.execute("CREATE INDEX chunks_by_delivery ON chunks (delivery)")


def _attempts(db: Connection) -> None:
    db.execute("""
        CREATE TABLE attempts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            delivery INTEGER NOT NULL REFERENCES deliveries (id),
            kind TEXT NOT NULL,
            endpoint TEXT,
            started_at INTEGER NOT NULL, -- microseconds since 1970, UTC
            duration_ms REAL NOT NULL,
            status INTEGER,
            headers TEXT NOT NULL, -- JSON: [[name, value], ...]
            body BLOB NOT NULL,
            body_truncated INTEGER NOT NULL,
            error TEXT
        )""")
    db.execute("CREATE INDEX attempts_by_delivery ON attempts (delivery)")


def _answers(db: Connection) -> None:
    """Give the row of a delivery room for its built-in answer."""
    _widen_deliveries(
        db,
        """answer_at INTEGER, -- microseconds since 1970, UTC; null, as all five, where none is
            answer_ms REAL,
            answer_status INTEGER,
            answer_headers TEXT, -- JSON: [[name, value], ...]
            answer_body BLOB""",
    )


def _repeats(db: Connection) -> None:
    """Give it room for what it is beside an event: a set-up request, or one sent again."""
    _widen_deliveries(
        db,
        """handshake TEXT,
            repeats INTEGER""",
    )


def _widen_deliveries(db: Connection, columns: str) -> None:
    """Add columns in front of the body, which SQLite can only do in a new table."""
    (made,) = db.execute("SELECT sql FROM sqlite_master WHERE name = 'deliveries'").fetchone()
    made = re.sub(r'"?deliveries"?', "new_deliveries", made, count=1)
    made = made.replace("body BLOB NOT", f"{columns},\n            body BLOB NOT")
    kept = ", ".join(row[1] for row in db.execute("PRAGMA table_info(deliveries)"))
    indexes = db.execute(
        "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'deliveries'"
    ).fetchall()
    db.execute(made)
    db.execute(f"INSERT INTO new_deliveries ({kept}) SELECT {kept} FROM deliveries")  # noqa: S608 - our own names
    # A number that was given once is never given again, though its delivery is gone.
    db.execute("DELETE FROM sqlite_sequence WHERE name = 'new_deliveries'")
    db.execute("""
        INSERT INTO sqlite_sequence
        SELECT 'new_deliveries', seq FROM sqlite_sequence WHERE name = 'deliveries'""")
    db.execute("DROP TABLE deliveries")
    db.execute("ALTER TABLE new_deliveries RENAME TO deliveries")
    for (index,) in indexes:
        db.execute(index)


def _requests(db: Connection) -> None:
    """Give an attempt room for what was sent, where that was not the delivery as it came."""
    db.execute("ALTER TABLE attempts ADD COLUMN request BLOB")  # JSON, as in records


def _searched(db: Connection) -> None:
    """Index what is searched for, again in runs: only the last pages are written.

    Providers, events and actions in the order of numbers would cost a page for each of them. Times
    may not be in the order of numbers; an index of their own would cost as much as all the rest.
    What fails is seldom.
    """
    db.execute("DROP INDEX deliveries_by_provider")
    db.execute(
        "CREATE INDEX deliveries_by_kind ON deliveries"
        " (id >> 8, provider, event, action, received_at)"
    )
    db.execute(
        "CREATE INDEX deliveries_failed ON deliveries (id) WHERE"
        " signature_code NOT IN ('valid', 'unsigned', 'unchecked') OR answer_status >= 400"
    )
    db.execute(
        "CREATE INDEX attempts_failed ON attempts (delivery) WHERE status IS NULL OR status >= 400"
    )


def _broken_off(db: Connection) -> None:
    """Let an answer that began well, and broke off, be found among what failed."""
    db.execute("DROP INDEX attempts_failed")
    db.execute(
        "CREATE INDEX attempts_failed ON attempts (delivery)"
        " WHERE status IS NULL OR status >= 400 OR error IS NOT NULL"
    )


MIGRATIONS = (
    _deliveries,
    _chunks,
    _attempts,
    _answers,
    _repeats,
    _requests,
    _searched,
    _broken_off,
)
"""Applied once each, in this order; only ever added to."""


def migrate(db: Connection, path: str) -> None:
    """Bring the file up to date; `db` is in autocommit mode.

    Raises HookError where the file is another program's, or a newer hookcli's.
    """
    version = _version(db, path)
    if version == len(MIGRATIONS):
        return
    if not version:
        # So that removing makes the file smaller; later this would take a VACUUM.
        # A delivery of 7 KB is one page so, not two that are written, and copied, one by one.
        db.execute("PRAGMA page_size = 8192")
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
    with transaction(db):
        # Another process may have been faster.
        for step in MIGRATIONS[_version(db, path) :]:
            step(db)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _version(db: Connection, path: str) -> int:
    # In one statement: another process may be making the file at this moment.
    owner, version, tables = db.execute("""
        SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master)
        FROM pragma_application_id, pragma_user_version""").fetchone()
    if owner != APPLICATION_ID and (owner or version or tables):
        raise HookError(
            f"{path} is a database of another program",
            "Name another file: --store sqlite:PATH",
        )
    if version > len(MIGRATIONS):
        raise HookError(
            f"{path} was written by a newer hookcli (its layout {version}, ours {len(MIGRATIONS)})",
            "Update hookcli, or name another file: --store sqlite:PATH",
        )
    return int(version)
