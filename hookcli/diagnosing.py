"""Looks at what hookcli stands on: each thing for itself, and none of them for long."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sqlite3
import ssl
import sys
import threading
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from hookcli import __version__
from hookcli.aside import aside
from hookcli.config_files import shown
from hookcli.doctor_lines import Finding
from hookcli.errors import HookError
from hookcli.running import listener_on, port_taken
from hookcli.stores.files import connect, explained, store_path, tidy
from hookcli.stores.migrations import MIGRATIONS
from hookcli.stores.pruning import filled
from hookcli.text import human_duration, human_size
from hookcli.tunnels import ngrok_binary
from hookcli.tunnels.ngrok import find_binary, read_settings
from hookcli.tunnels.ngrok_errors import SIGN_UP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from hookcli.doctor_lines import Level

LIBRARIES = ("aiohttp", "click", "jq", "orjson", "pyngrok", "cryptography")

_LITTLE = 1 << 30
"""Bytes of a disk under which it is soon full."""
_VERY_LITTLE = 50 << 20
_OFF_S = 5
"""Seconds that a clock may be off: some signatures are valid for no longer."""
_FAR_OFF_S = 60

_SET_CLOCK = {
    "darwin": "Set it: sudo sntp -sS time.apple.com",
    "win32": "Set it: w32tm /resync",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is looked at, and for how long."""

    environ: Mapping[str, str]
    store: str | None
    """As `--store` takes it."""
    settings: Callable[[], Sequence[Path]]
    """Reads the configuration files, and returns them. May raise UsageError."""
    port: int = 4567
    ngrok: tuple[str, int] = ("connect.ngrok-agent.com", 443)
    """Where the agent connects to, unless its configuration says otherwise."""
    clocks: Sequence[str] = ("https://ngrok.com/", "https://api.github.com/")
    """URLs whose answers are dated."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    patience_s: float = 3.0


async def examine(world: World, tell: Callable[[Finding], object]) -> None:
    """Look at everything at once; tell what is found, always in the same order."""
    async with asyncio.TaskGroup() as tasks:
        looking = [tasks.create_task(_look(name, look, world)) for name, look in LOOKS.items()]
        for task in looking:
            tell(await task)


async def _look(topic: str, look: Callable[[World], Finding], world: World) -> Finding:
    try:
        # Not a worker of the loop: one that hangs would hold up the end.
        async with asyncio.timeout(world.patience_s + 1):
            return await aside(look, world)
    except TimeoutError:
        return Finding(topic, "warn", "no answer in time", "Try again")
    except HookError as error:
        return Finding(topic, "bad", error.message, error.hint)


def _versions(_: World) -> Finding:
    python = ".".join(map(str, sys.version_info[:3]))
    parts = [f"{__version__} on Python {python}", f"SQLite {sqlite3.sqlite_version}"]
    for library in LIBRARIES:
        try:
            parts.append(f"{library} {version(library)}")
        except PackageNotFoundError:
            return Finding("hookcli", "bad", f"{library} is not installed", "Install hookcli again")
    return Finding("hookcli", "ok", ", ".join(parts))


def _config(world: World) -> Finding:
    paths = ", ".join(map(shown, world.settings()))
    return Finding("Config", "ok", paths or "no file: all is as it is by default")


def _store(world: World) -> Finding:
    if world.store == "memory":
        return Finding("Store", "ok", "memory: all is gone when hookcli ends")
    path = store_path(world.store, create=True)
    room = _room(path)
    if not path.exists():
        what = f"{tidy(path)} is not there yet: listen makes it; {human_size(room)} free"
        return _spacious(Finding("Store", "ok", what), room)
    with explained(path), closing(connect(path, create=False)) as db:
        (count,) = db.execute("SELECT count(*) FROM deliveries").fetchone()
        trouble = _trouble(db, world.patience_s / 2)
        size = human_size(filled(db))
        if os.access(path, os.W_OK):
            db.execute("PRAGMA busy_timeout = 1000")
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
    if trouble and trouble != _UNFINISHED:
        do = "Keep a copy and move it away; sqlite3 FILE .recover may save what is in it"
        return Finding("Store", "bad", f"{tidy(path)} is damaged: {trouble}", do)
    if not os.access(path, os.W_OK):
        do = "Make it and its folder writable, or name another file: --store sqlite:PATH"
        return Finding("Store", "bad", f"{tidy(path)} may only be read", do)
    noun = "delivery" if count == 1 else "deliveries"
    what = f"{tidy(path)}: {count:,} {noun}, {size}, layout {len(MIGRATIONS)}"
    return _spacious(
        Finding("Store", "ok", f"{what}, {trouble or 'intact'}; {human_size(room)} free"), room
    )


_UNFINISHED = "too large to be checked whole"


def _trouble(db: sqlite3.Connection, patience_s: float) -> str:
    """Return what is wrong with the file, or that there was no time to see."""
    timer = threading.Timer(patience_s, db.interrupt)
    timer.start()
    try:
        (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return _UNFINISHED
    finally:
        timer.cancel()
    return "" if said == "ok" else str(said).splitlines()[-1]


def _room(path: Path) -> int:
    """Return the bytes that are free where the file is, or would be."""
    folder = next(each for each in path.absolute().parents if each.exists())
    return shutil.disk_usage(folder).free


def _spacious(finding: Finding, room: int) -> Finding:
    if room >= _LITTLE:
        return finding
    do = "Free some space, or remove old deliveries: hookcli prune --older-than 30d"
    return finding._replace(level="bad" if room < _VERY_LITTLE else "warn", do=do)


def _port(world: World) -> Finding:
    if status := listener_on(world.port):
        what = f"{world.port} is a hookcli's that runs (pid {status.pid}): hookcli status"
        return Finding("Port", "ok", what)
    with socket.socket() as listening:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", world.port))
        except OSError:
            error = port_taken(world.port)
            return Finding("Port", "warn", error.message, error.hint)
    return Finding("Port", "ok", f"{world.port} is free")


def _agent(world: World) -> Finding:
    binary = find_binary(world.environ)
    if binary is None:
        what = "no ngrok yet: the first listen with a token downloads it"
        return Finding("Agent", "ok", what, f"By hand: {ngrok_binary.DOWNLOAD_PAGE}")
    return Finding("Agent", "ok", f"ngrok {ngrok_binary.version(binary)}, {tidy(binary)}")


def _token(world: World) -> Finding:
    token = read_settings(world.environ, None).token
    if token is None:
        return Finding("Token", "warn", "none, so only this computer reaches hookcli", SIGN_UP)
    return Finding("Token", "ok", f"from {token.source}")


def _network(world: World) -> Finding:
    settings = read_settings(world.environ, None)
    host, port = world.ngrok
    if settings.address:
        host, _, number = settings.address.rpartition(":")
        port = int(number) if number.isdecimal() else port
    if settings.proxy:
        return Finding("Network", "ok", "ngrok goes through the proxy of its configuration")
    named = f"{host}:{port}"
    try:
        socket.create_connection((host, port), world.patience_s).close()
    except socket.gaierror:
        what = f"{host} cannot be found: no network, or a name server that does not answer"
    except TimeoutError:
        what = f"no answer from {named} within {world.patience_s:g} s"
    except OSError as error:
        what = f"no connection to {named}: {error.strerror or error}"
    else:
        return Finding("Network", "ok", f"{named} answers")
    do = "Look at your network, firewall, VPN. Without it: hookcli listen --tunnel none"
    return Finding("Network", "bad", what, do)


def _clock(world: World) -> Finding:
    for url in world.clocks:
        try:
            off = _ahead(url, world)
        except ssl.SSLCertVerificationError as error:
            if "expired" in error.verify_message or "not yet valid" in error.verify_message:
                what = (
                    f"the certificate of {url} is {error.verify_message.split('certificate ')[-1]}"
                )
                return Finding("Clock", "bad", f"{what}: is the date wrong?", _set_clock())
        except (OSError, ValueError, TypeError):
            continue
        else:
            return _judged(off)
    return Finding("Clock", "warn", "not checked: nobody answered that knows the time")


def _ahead(url: str, world: World) -> float:
    """Return how many seconds this computer's clock is ahead of that of a server."""
    # Not urlopen, which is made to pass proxies by.
    opener = urllib.request.build_opener()
    request = urllib.request.Request(url, method="HEAD", headers={"User-Agent": "hookcli"})  # noqa: S310 - our own URLs
    before = world.now()
    try:
        with opener.open(request, timeout=world.patience_s / 2) as response:
            headers = response.headers
    except urllib.error.HTTPError as error:
        headers = error.headers
    except urllib.error.URLError as error:
        raise error.reason if isinstance(error.reason, OSError) else error from None
    middle = before + (world.now() - before) / 2
    # A date has no fractions: on average it is half a second ago.
    return (middle - parsedate_to_datetime(headers["Date"])).total_seconds() - 0.5


def _judged(ahead_s: float) -> Finding:
    if abs(ahead_s) <= _OFF_S:
        return Finding("Clock", "ok", f"right, within {_OFF_S} s")
    what = f"{human_duration(round(abs(ahead_s)))} {'fast' if ahead_s > 0 else 'slow'}"
    level: Level = "bad" if abs(ahead_s) > _FAR_OFF_S else "warn"
    return Finding(
        "Clock", level, f"{what}, so good signatures look expired, or yet to come", _set_clock()
    )


def _set_clock() -> str:
    return _SET_CLOCK.get(sys.platform, "Set it: sudo timedatectl set-ntp true")


LOOKS: Mapping[str, Callable[[World], Finding]] = {
    "hookcli": _versions,
    "Config": _config,
    "Store": _store,
    "Port": _port,
    "Agent": _agent,
    "Token": _token,
    "Network": _network,
    "Clock": _clock,
}
"""What is looked at, in the order in which it is told."""
