"""Goal 11: what passing a delivery on to an app costs, and how much later its answer comes."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.servers import (
    bare,
    fresh,
    install_mitmproxy,
    install_smee,
    load,
    mitmdump,
    mitmproxy_bin,
    pass_through,
    smee,
    smee_client,
    smee_io,
)
from tests.benchmarks.table import Options, Row

if TYPE_CHECKING:
    from tests.benchmarks.processes import Program, Server

OURS, BARE, MITM, SMEE = "hookcli", "pass-through", "mitmdump -w", "smee-client"

ONE_AT_A_TIME = ("--connections", "1")


class Costs(NamedTuple):
    """What each way to the same app cost, a figure a round."""

    cpu: dict[str, list[float]]
    """Seconds for a delivery."""
    added: dict[str, list[float]]
    """Seconds by which the median answer came later than straight from the app."""


def passed_on(options: Options) -> list[Row]:
    """Goal 11: CPU for a delivery that is kept and passed on, beside those who only pass it on."""
    missing = {MITM: _without_mitmproxy(options), SMEE: _without_smee(options)}
    costs = _rounds(options, [name for name, why in missing.items() if not why])
    later = ", ".join(f"{1e3 * median(added):.2f} ({who})" for who, added in costs.added.items())
    return [
        _row(costs, BARE, must=2, aim=1.4, note=f"added at one connection, ms: {later}"),
        _row(costs, MITM, must=1 / 5, aim=1 / 8, note=missing[MITM]),
        _row(costs, SMEE, must=1, aim=1, note=missing[SMEE]),
    ]


def _row(costs: Costs, than: str, *, must: float, aim: float, note: str) -> Row:
    ours, theirs = costs.cpu[OURS], costs.cpu.get(than, [])
    if theirs:
        figures = f"{1e6 * median(ours):,.0f} to {1e6 * median(theirs):,.0f} us"
        note = f"{figures}; {note}" if note else figures
    return Row(
        goal=11,
        what=f"forward and durable capture, CPU against {than}",
        measured=[our / their for our, their in zip(ours, theirs, strict=False)],
        must=must,
        aim=aim,
        unit="x its CPU",
        less=True,
        note=note,
    )


def _rounds(options: Options, others: list[str]) -> Costs:
    """Let each have its turn in every round; hookcli with a new store each time."""
    costs = Costs({}, {})
    with bare() as app, ExitStack() as stack:
        base = stack.enter_context(pass_through(app.port))
        rivals: dict[str, tuple[Program, Server]] = {BARE: (base, base)}
        if MITM in others:
            mitm = stack.enter_context(mitmdump(options.folder, app.port))
            rivals[MITM] = (mitm, mitm)
        if SMEE in others:
            relay = stack.enter_context(smee_io())
            rivals[SMEE] = (stack.enter_context(smee_client(relay.port)), relay)
        for number in range(options.rounds):
            straight = _latency(app, options)
            for who, (program, entrance) in rivals.items():
                costs.cpu.setdefault(who, []).append(_cost(program, entrance, options))
            costs.added.setdefault(BARE, []).append(_latency(base, options) - straight)
            with fresh(options, number, "--forward", str(app.port)) as ours:
                costs.cpu.setdefault(OURS, []).append(_cost(ours, ours, options))
                costs.added.setdefault(OURS, []).append(_latency(ours, options) - straight)
    return costs


def _cost(program: Program, entrance: Server, options: Options) -> float:
    """Seconds of CPU that a delivery takes, all that comes after the answer included."""
    load(entrance, options.seconds / 4)
    program.settle()
    before = program.cpu()
    report = load(entrance, options.seconds)
    program.settle()
    return (program.cpu() - before) / report.answered


def _latency(server: Server, options: Options) -> float:
    return load(server, options.seconds / 4, *ONE_AT_A_TIME).percentile(0.5)


def _without_mitmproxy(options: Options) -> str:
    """Return why it cannot be measured, after having tried."""
    if not mitmproxy_bin().exists():
        if not options.mitm:
            return "mitmproxy is not installed: --with-mitm installs it in a folder of its own"
        install_mitmproxy()
    return ""


def _without_smee(options: Options) -> str:
    """Return why it cannot be measured, after having tried."""
    if not shutil.which("npm" if options.smee else "node"):
        return "smee-client needs node and npm"
    if not smee().exists():
        if not options.smee:
            return "smee-client is not installed: --with-smee installs it in a folder of its own"
        install_smee()
    return ""
