"""The listeners that run on this computer: each leaves a note, and answers for itself."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson
import platformdirs

from hookcli.errors import HookError
from hookcli.records import timestamp, tunnel_record
from hookcli.state import TunnelState
from hookcli.text import word

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 2.0
"""Seconds that a listener has to answer for itself."""
_LONGEST_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a running listener says of itself."""

    local_url: str
    public_url: str | None
    tunnel: TunnelState | None
    """None where no tunnel was asked for."""
    store: str
    """As `--store` takes it."""
    pid: int
    started_at: datetime
    deliveries: int
    """Received since it started; with a bad signature; with an answer outside 2xx."""
    bad: int
    failed: int

    def to_json(self) -> dict[str, Any]:
        """Return it as a record."""
        return {
            "type": "status",
            **asdict(self),
            "tunnel": self.tunnel and tunnel_record(self.tunnel),
            "started_at": timestamp(self.started_at),
        }

    @classmethod
    def from_json(cls, record: Any) -> Status:
        """Read what `to_json` wrote. Raises ValueError where it is anything else."""
        try:
            fields = {**record}
            if fields.pop("type") != "status":
                raise ValueError("this is the record of something else")
            fields["started_at"] = datetime.fromisoformat(fields["started_at"])
            if tunnel := fields["tunnel"]:
                known = {key: value for key, value in tunnel.items() if key != "type"}
                known["at"] = datetime.fromisoformat(known["at"])
                fields["tunnel"] = TunnelState(**known)
            return cls(**fields)
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError("this is no status") from error


@contextmanager
def announce(port: int, local_url: str, status_path: str) -> Iterator[None]:
    """Let other processes find the listener on `port`, which answers GET `status_path`.

    `status_path` has to be unguessable. Where the note cannot be written the listener goes on,
    unfound. Does file I/O.
    """
    note = _note(port)
    content = orjson.dumps({"url": local_url, "path": status_path})
    with suppress(OSError):
        _write(note, content)
    try:
        yield
    finally:
        # Whoever took the port over may have left its own note by now.
        with suppress(OSError):
            if note.read_bytes() == content:
                note.unlink()


def listeners() -> list[Status]:
    """Return those that run and answer, the most recently started last."""
    found = [_ask(note) for note in _note(0).parent.glob("*.json")]
    return sorted(filter(None, found), key=lambda status: status.started_at)


def listener_on(port: int) -> Status | None:
    """Return the listener on that port, if it is one of ours."""
    return _ask(_note(port))


def port_taken(port: int) -> HookError:
    """Return the error that says who has `port` already."""
    if status := listener_on(port):
        return HookError(
            f"Port {port} is taken by another hookcli (pid {status.pid})",
            "hookcli status shows it, and hookcli follow what it receives;"
            " hookcli listen 0 takes any free port",
        )
    return HookError(
        f"Port {port} is taken by {_owner(port) or 'another program'}",
        "hookcli listen 0 takes any free port",
    )


def _note(port: int) -> Path:
    return platformdirs.user_data_path("hookcli", appauthor=False) / "run" / f"{port}.json"


def _write(note: Path, content: bytes) -> None:
    note.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    note.parent.mkdir(mode=0o700, exist_ok=True)
    draft = note.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    draft.replace(note)


def _ask(note: Path) -> Status | None:
    """Ask the listener that left `note`; remove the note if that is not there any more."""
    try:
        fields = orjson.loads(note.read_bytes())
        status = Status.from_json(orjson.loads(_get(fields["url"], fields["path"])))
    except TimeoutError:
        return None
    except (OSError, HTTPException, ValueError, TypeError, KeyError):
        with suppress(OSError):
            note.unlink()
        return None
    return status


def _get(url: str, path: str) -> bytes:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE)
    try:
        connection.request("GET", path)
        return connection.getresponse().read(_LONGEST_ANSWER)
    finally:
        connection.close()


def _owner(port: int) -> str | None:
    """Return name and pid of the process that listens on `port`, where /proc tells."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for process in Path("/proc").glob("[0-9]*") if sockets else ():
        # Other users' processes, and those that end meanwhile, cannot be read.
        with suppress(OSError):
            if any(str(link.readlink()) in sockets for link in (process / "fd").iterdir()):
                name = (process / "comm").read_text("utf-8", "replace").strip()
                return f"{word(name)} (pid {process.name})"
    return None


def _listening(port: int) -> Iterator[str]:
    """Yield the inodes of the sockets that listen on `port`."""
    for table in Path("/proc/net").glob("tcp*"):
        for line in table.read_text("ascii").splitlines()[1:]:
            (
                _,
                local,
                _,
                state,
                *_,
            ) = fields = line.split()
            if state == "0A" and int(local.rpartition(":")[2], 16) == port:
                yield fields[9]
