"""`python -m tests.benchmarks [GOAL…]` measures the goals, all of them by default: one table."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import (
    crashing,
    detecting,
    forwarding,
    history,
    memory,
    receiving,
    showing,
    starting,
    verifying,
)
from tests.benchmarks.table import Options, Row, disk_cost, table

if TYPE_CHECKING:
    from collections.abc import Callable

GOALS: dict[int, Callable[[Options], list[Row]]] = {
    1: receiving.kept_alive,
    2: receiving.new_connections,
    3: receiving.against_mitmdump,
    4: receiving.kept_alive,
    5: crashing.killed,
    6: showing.beside_receiving,
    7: showing.pretty,
    8: memory.large,
    9: memory.idle,
    10: starting.starts,
    11: forwarding.passed_on,
    12: history.long,
    13: detecting.told,
    14: verifying.checked,
    15: history.search,
}


def goal(text: str) -> int:
    """Read the number of a goal. Raises argparse.ArgumentTypeError."""
    if text.isdecimal() and int(text) in GOALS:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(map(str, GOALS))}")


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("goals", nargs="*", type=goal, metavar="GOAL")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="short loads, a store of 100,000")
    parser.add_argument(
        "--with-mitm", action="store_true", help="install mitmproxy for goals 3, 11"
    )
    parser.add_argument("--with-smee", action="store_true", help="install smee-client for goal 11")
    chosen = parser.parse_args()
    goals = chosen.goals or sorted(GOALS)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="hookcli-benchmarks-") as root:
        for measure in dict.fromkeys(GOALS[goal] for goal in goals):
            began = time.monotonic()
            folder = Path(root) / measure.__name__
            folder.mkdir()
            options = Options(
                folder=folder,
                rounds=chosen.rounds,
                seconds=1 if chosen.quick else 3,
                deliveries=100_000 if chosen.quick else 1_000_000,
                mitm=chosen.with_mitm,
                smee=chosen.with_smee,
            )
            rows += measure(options)
            spent = time.monotonic() - began
            sys.stderr.write(f"{measure.__module__}.{measure.__name__}: {spent:.0f} s\n")
        cost = disk_cost(Path(root))
    rows.sort(key=lambda row: row.goal)
    sys.stdout.write(table(row for row in rows if row.goal in goals) + "\n")
    sys.stdout.write(f"\nfdatasync of a 7 KB append: {cost * 1000:.2f} ms\n")


if __name__ == "__main__":
    main()
