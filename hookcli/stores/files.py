"""The file of the SQLite store: opened safely, and its failures explained."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from hookcli.errors import HookError, UsageError
from hookcli.stores.migrations import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

_BUSY_MS = 5_000
"""Milliseconds to wait for another process's transaction."""
_CHECKPOINT_PAGES = 256
"""2 MiB, or 1 in an old file: few enough that a checkpoint does not hold an answer up for long."""

_ANOTHER_FILE = "name another file: --store sqlite:PATH"
_HINTS = {
    sqlite3.SQLITE_FULL: (
        "The disk is full, so {path} takes nothing more",
        "Free some space; hookcli goes on by itself",
    ),
    sqlite3.SQLITE_READONLY: (
        "{path} may only be read",
        f"Make it and its folder writable, or {_ANOTHER_FILE}",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "{path} cannot be opened",
        f"Look at its folder and permissions, or {_ANOTHER_FILE}",
    ),
    sqlite3.SQLITE_PERM: (
        "{path} may not be opened",
        f"Look at its permissions, or {_ANOTHER_FILE}",
    ),
    sqlite3.SQLITE_BUSY: (
        "{path} is locked by another program, for over 5 s",
        "End the program that holds it; hookcli goes on by itself",
    ),
    sqlite3.SQLITE_NOTADB: (
        "{path} is no SQLite database",
        f"Move it away, or {_ANOTHER_FILE}",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "{path} is damaged",
        "Keep a copy and move it away; sqlite3 FILE .recover may save what is in it",
    ),
    sqlite3.SQLITE_IOERR: (
        "The disk failed while {path} was read or written",
        f"Look at the disk, or {_ANOTHER_FILE}",
    ),
}


def store_path(url: str | None, *, create: bool) -> Path:
    """Return the file that `--store` names; None: the one in the user's data folder.

    Raises UsageError where the URL is none of ours, and HookError where there is no file and it
    is not to be created. Does file I/O.
    """
    if url is None:
        import platformdirs  # noqa: PLC0415 - slow to load, and needed here only

        path = platformdirs.user_data_path("hookcli", appauthor=False) / "hooks.db"
    else:
        scheme, _, rest = url.partition(":")
        if scheme != "sqlite" or not rest:
            raise UsageError(
                f"There is no store {url!r}", "Use sqlite:PATH, as in sqlite:./hooks.db, or memory"
            )
        path = Path(rest.removeprefix("//")).expanduser()
    with explained(path):
        there = create or path.exists()
    if not there:
        raise HookError(
            f"Nothing is kept in {tidy(path)} yet",
            "hookcli listen 4567 receives webhooks and keeps them",
        )
    return path


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """Open the database in autocommit mode, for use in any one thread at a time.

    `create` makes a missing file, and its folder, for nobody but the user, and raises HookError
    where nothing can be kept in it. Without it a file is changed only where an older layout has
    to be brought up to date.
    """
    if create:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Only a new one: to close a file of which this process has another connection gives up
        # the locks of that, and the next who ends elsewhere takes the log away from under it.
        if not path.is_file():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    writable = os.access(path, os.W_OK)
    if create and not writable:
        raise _failure(sqlite3.SQLITE_READONLY, path)
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?{_mode(path, writable=writable)}",
        timeout=_BUSY_MS / 1000,
        isolation_level=None,
        check_same_thread=False,
        uri=True,
    )
    try:
        # First, so that another program's file stays as it is.
        migrate(db, str(path))
        if writable:
            with suppress(sqlite3.OperationalError):  # another process is at it
                db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            # Or, as some builds have it, 25 MB are written to remove a delivery of 25 MB.
            db.execute("PRAGMA secure_delete = FAST")
            db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    except BaseException:
        db.close()
        raise
    return db


def _mode(path: Path, *, writable: bool) -> str:
    if writable:
        return "mode=rw"
    # Without a log beside it nobody writes, and on a read-only disk nothing can be locked.
    return "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=ro&immutable=1"


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system say into a HookError."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise explanation(error, path) from error


def explanation(error: sqlite3.Error | OSError, path: Path) -> HookError:
    """Return what SQLite or the file system say, as a person needs it."""
    if isinstance(error, OSError):
        reason = os.strerror(error.errno) if error.errno else str(error)
        return HookError(
            f"{tidy(path)} cannot be opened: {reason}",
            f"Look at its folder and permissions, or {_ANOTHER_FILE}",
        )
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in _HINTS:
        return _failure(code, path)
    return HookError(f"{tidy(path)} failed: {error}", f"Look at the file, or {_ANOTHER_FILE}")


def _failure(code: int, path: Path) -> HookError:
    message, hint = _HINTS[code]
    return HookError(message.format(path=tidy(path)), hint)


def tidy(path: Path) -> str:
    """Return the path as a person writes it, from the home folder on."""
    with suppress(ValueError, RuntimeError):
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    return str(path)
