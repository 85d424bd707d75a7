"""Goal 5: whatever was acknowledged is there after a crash, and was on the disk before."""

from __future__ import annotations

import re
import time
from contextlib import closing
from random import Random
from sqlite3 import connect
from typing import TYPE_CHECKING

from tests.benchmarks.processes import Program
from tests.benchmarks.servers import NOTHING_SHOWN, begin_load, finish, hookcli, load
from tests.benchmarks.table import Options, Row

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CRASHES = 20

CALL = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\((\d+))?(.*)$")
"""A line of strace: thread, system call, descriptor, and the rest."""

BROUGHT = re.compile(r"= [1-9]\d*$")
"""The end of a line on which bytes were read: neither an error nor the sender's last word."""


def killed(options: Options) -> list[Row]:
    """Kill -9 twenty times under load; then look at each answer's fdatasync."""
    store = options.folder / "crash.db"
    moments = Random(5)
    acknowledged: set[str] = set()
    for _ in range(CRASHES):
        acknowledged |= kill_under_load(store, moments.uniform(0.05, 0.5))
    missing = len(acknowledged - stored(store))
    answers, early = traced(options.folder, options.seconds)
    return [
        Row(
            goal=5,
            what="acknowledged, and missing after kill -9",
            measured=[missing],
            must=0,
            aim=0,
            unit=f"of {len(acknowledged):,}",
            less=True,
            note=f"killed {CRASHES} times under load",
        ),
        Row(
            goal=5,
            what="answers that left before an fdatasync",
            measured=[early],
            must=0,
            aim=0,
            unit=f"of {answers:,}",
            less=True,
            note="seen by strace",
        ),
    ]


def kill_under_load(store: Path, seconds: float) -> set[str]:
    """Kill -9 the listener that long after the load began; return what it acknowledged."""
    with hookcli(store, *NOTHING_SHOWN) as server:
        running = begin_load(server, 30)
        time.sleep(seconds)
        server.kill()
        return set(finish(running).acknowledged)


def stored(store: Path) -> set[str]:
    """Return the provider's delivery ids in a store, read without hookcli."""
    with closing(connect(store)) as database:
        return {row[0] for row in database.execute("SELECT delivery_id FROM deliveries")}


def traced(folder: Path, seconds: float) -> tuple[int, int]:
    """Return how many answers strace saw, and how many of them left before an fdatasync."""
    trace = folder / "trace"
    calls = "trace=recvfrom,sendto,sendmsg,write,writev,fdatasync,fsync"
    with hookcli(folder / "traced.db", *NOTHING_SHOWN) as server:
        strace = ["strace", "-f", "-qq", "-e", calls, "-s", "12", "-p", str(server.process.pid)]
        with Program([*strace, "-o", trace]):
            while not server.traced():
                time.sleep(0.02)
            load(server, seconds)
    with trace.open() as lines:
        return unsynced(lines)


def unsynced(trace: Iterable[str]) -> tuple[int, int]:
    """Count answers, and those without an fdatasync begun after their request and ended before."""
    received: dict[str, int] = {}
    pending: dict[tuple[str, str], tuple[str, int]] = {}
    synced = -1
    answers = early = 0
    for number, line in enumerate(trace):
        if not (match := CALL.match(line)):
            continue
        thread, call, descriptor, rest = match.groups()
        begun = number
        if descriptor is None:
            descriptor, begun = pending.pop((thread, call), ("", number))
        if call in {"sendto", "sendmsg", "write", "writev"} and "HTTP/1.1 2" in rest:
            answers += 1
            early += received.get(descriptor, number) > synced
        if rest.endswith("<unfinished ...>"):
            pending[thread, call] = (descriptor, begun)
        elif call == "recvfrom" and BROUGHT.search(rest):
            received[descriptor] = number
        elif call in {"fdatasync", "fsync"}:
            synced = max(synced, begun)
    return answers, early
