"""What was measured, beside what must be and what is aimed for."""

from __future__ import annotations

import operator
import os
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How thoroughly to measure."""

    folder: Path
    """On the disk whose durability is paid for; empty, thrown away afterwards."""
    rounds: int = 5
    seconds: float = 3.0
    """How long each load lasts."""
    deliveries: int = 1_000_000
    """How many the large store of goal 12 holds."""
    mitm: bool = False
    """Whether mitmproxy may be installed for goals 3 and 11."""
    smee: bool = False
    """Whether smee-client may be installed for goal 11."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure of the table."""

    goal: int
    what: str
    measured: Sequence[float]
    """One figure a round; the median counts. Empty where `note` says why there is none."""
    must: float
    aim: float
    unit: str
    less: bool = False
    """Whether less is better."""
    note: str = ""

    @property
    def verdict(self) -> str:
        """`aim` or `must`, whichever is reached, or `MISSED`."""
        if not self.measured:
            return "skipped"
        reaches = operator.le if self.less else operator.ge
        value = median(self.measured)
        if reaches(value, self.aim):
            return "aim"
        return "must" if reaches(value, self.must) else "MISSED"

    def cells(self) -> tuple[str, ...]:
        """Return it as text: goal, what, median, lowest to highest, must, aim, verdict, note."""
        sign = "<=" if self.less else ">="
        values = sorted(self.measured)
        return (
            str(self.goal),
            self.what,
            f"{_figure(median(values))} {self.unit}" if values else "-",
            f"{_figure(values[0])} to {_figure(values[-1])}" if len(values) > 1 else "",
            f"{sign} {_figure(self.must)}",
            f"{sign} {_figure(self.aim)}",
            self.verdict,
            self.note,
        )


HEAD = ("goal", "what", "measured", "lowest to highest", "must", "aim", "reached", "beside it")


def table(rows: Iterable[Row]) -> str:
    """Return all rows, in columns."""
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def disk_cost(folder: Path) -> float:
    """Seconds that appending 7 KB and fdatasync take; the median of 50."""
    block = os.urandom(7_000)
    path = folder / "disk"
    costs = []
    with path.open("wb", buffering=0) as file:
        for _ in range(50):
            began = time.perf_counter()
            file.write(block)
            os.fdatasync(file.fileno())
            costs.append(time.perf_counter() - began)
    path.unlink()
    return median(costs)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
