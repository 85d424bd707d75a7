"""Goals 6 and 7: that showing deliveries does not slow receiving them, and what it costs."""

from __future__ import annotations

import fcntl
import io
import os
import struct
import termios
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.json import JSON

from hookcli.delivery import Headers
from hookcli.screen import Screen
from hookcli.views import view
from tests.benchmarks.payloads import github_issue
from tests.benchmarks.servers import NOTHING_SHOWN, hookcli, load
from tests.benchmarks.table import Options, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.benchmarks.load import Report
    from tests.benchmarks.processes import Server

JSON_HEADERS = Headers([("Content-Type", "application/json")])

STEADY = ("--rate", "100")


def beside_receiving(options: Options) -> list[Row]:
    """Goal 6: a flood, then 100 a second; shown on a terminal, as ndjson, and not at all."""
    floods: dict[str, list[Report]] = {"nothing": [], "pretty": [], "ndjson": []}
    steady: dict[str, list[Report]] = {"nothing": [], "pretty": [], "ndjson": []}
    with (
        terminal() as tty,
        hookcli(options.folder / "nothing.db", *NOTHING_SHOWN) as nothing,
        hookcli(options.folder / "pretty.db", stdout=tty, stderr=tty) as pretty,
        hookcli(options.folder / "ndjson.db", "--format", "ndjson") as ndjson,
    ):
        servers: dict[str, Server] = {"nothing": nothing, "pretty": pretty, "ndjson": ndjson}
        for _ in range(options.rounds):
            for how, server in servers.items():
                floods[how].append(load(server, options.seconds))
                server.settle()
            for how, server in servers.items():
                steady[how].append(load(server, options.seconds, *STEADY))
    return [
        row
        for how, where in (("pretty", "pretty on a terminal"), ("ndjson", "ndjson"))
        for row in (
            Row(
                goal=6,
                what=f"flood with {where}",
                measured=[
                    shown.rate / plain.rate
                    for shown, plain in zip(floods[how], floods["nothing"], strict=True)
                ],
                must=0.85,
                aim=0.95,
                unit="x nothing shown",
            ),
            Row(
                goal=6,
                what=f"p99 at 100 a second with {where}",
                measured=[
                    shown.percentile(0.99) / plain.percentile(0.99)
                    for shown, plain in zip(steady[how], steady["nothing"], strict=True)
                ],
                must=1.5,
                aim=1.0,
                unit="x nothing shown",
                less=True,
            ),
        )
    ]


def pretty(options: Options) -> list[Row]:
    """Goal 7: a payload laid out and coloured for a terminal, beside rich.json."""
    small, large = github_issue(7_000), github_issue(1_000_000)
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    faster, milliseconds = [], []
    for _ in range(options.rounds):
        theirs = _seconds(lambda: console.print(JSON(small.decode())), 10)
        faster.append(theirs / _seconds(lambda: _laid_out(small), 100))
        milliseconds.append(1_000 * _seconds(lambda: _laid_out(large), 10))
    return [
        Row(
            goal=7,
            what="pretty of 7 KB",
            measured=faster,
            must=20,
            aim=50,
            unit="x as fast as rich.json",
            note=f"{1e6 * theirs / faster[-1]:,.0f} us to {1e6 * theirs:,.0f}, last round",
        ),
        Row(
            goal=7,
            what="pretty of 1 MB",
            measured=milliseconds,
            must=5,
            aim=2,
            unit="ms",
            less=True,
        ),
    ]


def _laid_out(body: bytes) -> str:
    screen = Screen(width=120, height=40, colour=True)
    laid = view(JSON_HEADERS, body, size=len(body), limit=screen.screenful, cells=screen.width)
    return "\n".join(screen.received(line) for line in laid.lines)


def _seconds(work: Callable[[], object], times: int) -> float:
    """Seconds of CPU that one of so many takes."""
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times


@contextmanager
def terminal(columns: int = 120, rows: int = 40) -> Iterator[int]:
    """Give the program's end of a terminal; what is written there is read, and dropped."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    reader = threading.Thread(target=_drain, args=(ours,))
    reader.start()
    try:
        yield theirs
    finally:
        os.close(theirs)
        reader.join()
        os.close(ours)


def _drain(descriptor: int) -> None:
    try:
        while os.read(descriptor, 65_536):
            pass
    except OSError:
        return  # how Linux says that the other end is closed
