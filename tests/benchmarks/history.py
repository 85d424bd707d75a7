"""Goals 12, 15: that a large store is as quick as one of a thousand deliveries, also to search."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from tests.benchmarks.processes import cost
from tests.benchmarks.servers import NOTHING_SHOWN, hookcli, load
from tests.benchmarks.starting import program
from tests.benchmarks.table import Options, Row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FEW = 1_000
SEARCHED = 100_000
"""Deliveries of the store in which is searched."""

SEARCHES = (
    ["--provider", "rare"],
    ["--event", "rare"],
    ["--since", "2026-01-01", "--until", "2100-01-01"],
    ["--failed"],
)

BODY = 500
"""Bytes of each body in the long store; those that are appended have 7 KB."""

RANDOM_ID = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(10)))"

OTHERS = {
    "delivery_id": RANDOM_ID,
    "size": str(BODY),
    "body": f"substr(body, 1, {BODY})",
    "received_at": "received_at + i",
    "provider": "iif(i % 400 = 0, 'rare', provider)",
    "event": "iif(i % 400 = 1, 'rare', event)",
    "signature_code": "iif(i % 400 = 2, 'mismatch', signature_code)",
}
"""How the deliveries of a filled store differ from the one they are made of."""

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"


def long(options: Options) -> list[Row]:
    """`list`, `show latest`, and appending, in turn on the small store and the large one."""
    stores = {FEW: options.folder / "few.db", options.deliveries: options.folder / "many.db"}
    for number, store in stores.items():
        fill(store, number)
    few, many = stores.values()
    lists, shows = (
        _ratios(command, few, many, 2 * options.rounds)
        for command in (["list"], ["show", "latest"])
    )
    appends = []
    with hookcli(few, *NOTHING_SHOWN) as small, hookcli(many, *NOTHING_SHOWN) as large:
        for _ in range(options.rounds):
            rate = load(small, options.seconds).rate
            appends.append(load(large, options.seconds).rate / rate)
    size = many.stat().st_size / 1e6
    note = f"{options.deliveries:,} of {BODY} B, {size:,.0f} MB"
    unit = f"x {FEW:,}"
    slower = [("list, wall clock", lists), ("show latest, wall clock", shows)]
    return [
        *(
            Row(
                goal=12,
                what=what,
                measured=measured,
                must=1.5,
                aim=1.0,
                unit=unit,
                less=True,
                note=note,
            )
            for what, measured in slower
        ),
        Row(goal=12, what="append", measured=appends, must=0.9, aim=1.0, unit=unit, note=note),
    ]


def search(options: Options) -> list[Row]:
    """`list` with what chooses, in turn on a small store and on one of 100,000."""
    few, many = options.folder / "few.db", options.folder / "many.db"
    for number, store in ((FEW, few), (SEARCHED, many)):
        fill(store, number)
    return [
        Row(
            goal=15,
            what=f"list {choice[0]}, wall clock",
            measured=_ratios(["list", *choice], few, many, 2 * options.rounds),
            must=1.5,
            aim=1.1,
            unit=f"x {FEW:,}",
            less=True,
            note=f"{SEARCHED:,}",
        )
        for choice in SEARCHES
    ]


def fill(store: Path, number: int) -> None:
    """Let hookcli make the store and receive one delivery; then multiply that by SQL."""
    with hookcli(store, *NOTHING_SHOWN) as server:
        load(server, 0.05, "--connections", "1")
    with closing(sqlite3.connect(store)) as db, db:
        db.execute("PRAGMA cache_size = -1000000")
        db.execute("DELETE FROM deliveries WHERE id > 1")
        names = _columns(db, "deliveries")
        values = ", ".join(OTHERS.get(name, name) for name in names)
        db.execute(
            f"{NUMBERS} INSERT INTO deliveries ({', '.join(names)})"
            f" SELECT {values} FROM n, deliveries WHERE id = 1",
            [number - 1],
        )


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] != "id"]


def _ratios(command: Sequence[str], few: Path, many: Path, rounds: int) -> list[float]:
    """Wall clock on the large store, in units of that on the small one."""
    ratios = []
    for _ in range(rounds):
        small, large = (
            cost([*program(), *command, "--store", f"sqlite:{store}"])[1] for store in (few, many)
        )
        ratios.append(large / small)
    return ratios
