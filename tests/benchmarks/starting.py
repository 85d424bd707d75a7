"""Goal 10: what it costs to start."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.processes import Program, cost, python
from tests.benchmarks.servers import NOTHING_SHOWN, hookcli, load
from tests.benchmarks.table import Options, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def starts(options: Options) -> list[Row]:
    """CPU of each command, in units of `python -c pass`; commands and unit in turn."""
    store = options.folder / "starts.db"
    _fill(store)
    installed = program()
    listed = [*installed, "list", "--store", f"sqlite:{store}"]
    commands: dict[str, tuple[Callable[[], float], float, float]] = {
        "--version": (lambda: cost([*installed, "--version"])[0], 4, 1.2),
        "--help": (lambda: cost([*installed, "--help"])[0], 5, 4.4),
        "list": (lambda: cost(listed)[0], 8, 5),
        "listen --tunnel none, ready": (lambda: _until_ready(installed, store), 25, 20),
    }
    units: list[float] = []
    measured: dict[str, list[float]] = {what: [] for what in commands}
    for _ in range(2 * options.rounds):
        unit = cost(python("-c", "pass"))[0]
        units.append(unit)
        for what, (spend, _, _) in commands.items():
            measured[what].append(spend())
    unit = median(units)
    return [
        Row(
            goal=10,
            what=what,
            measured=[figure / unit for figure in measured[what]],
            must=must,
            aim=aim,
            unit="x P",
            less=True,
            note=f"{median(measured[what]) * 1000:.0f} ms of CPU, P {unit * 1000:.1f}",
        )
        for what, (_, must, aim) in commands.items()
    ]


def _until_ready(installed: Sequence[str | Path], store: Path) -> float:
    """Seconds of CPU until the ready record."""
    listen = [*installed, "listen", "0", "--tunnel", "none", "--store", f"sqlite:{store}"]
    with Program([*listen, "--format", "records"], stdout=subprocess.PIPE) as listener:
        assert listener.process.stdout
        first = listener.process.stdout.readline()
        spent = listener.cpu()
    if b'"ready"' not in first:
        raise RuntimeError(f"not ready but {first!r}")
    return spent


def program() -> list[str | Path]:
    """Return the program command, as a user starts it."""
    script = Path(python()[0]).with_name("hookcli")
    return [script] if os.access(script, os.X_OK) else python("-m", "hookcli")


def _fill(store: Path) -> None:
    with hookcli(store, *NOTHING_SHOWN) as server:
        load(server, 0.2)
