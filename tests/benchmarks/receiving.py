"""Goals 1 to 4: how fast deliveries are kept and answered, and how long the slowest wait."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.servers import (
    bare,
    fresh,
    install_mitmproxy,
    load,
    mitmdump,
    mitmproxy_bin,
)
from tests.benchmarks.table import Options, Row, disk_cost

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.load import Report
    from tests.benchmarks.processes import Server


class Way(NamedTuple):
    """How hookcli listens, and how it is sent to."""

    listen: tuple[str, ...] = ()
    load: tuple[str, ...] = ()


SIGNED = Way(("--secret", "github=s3cret", "--require-signature"), ("--secret", "s3cret"))


def kept_alive(options: Options) -> list[Row]:
    """Goals 1 and 4: sixteen connections, each used again and again; with signatures as well."""
    bares, (ours, signed), disk = _rounds(options, Way(), SIGNED)
    return [
        Row(
            goal=1,
            what="durable capture, 7 KB, keep-alive",
            measured=_ratios(ours, bares),
            must=0.38,
            aim=0.60,
            unit="x B",
            note=_rates(ours, bares, disk),
        ),
        Row(
            goal=1,
            what="the same, and signatures checked",
            measured=_ratios(signed, bares),
            must=0.38,
            aim=0.60,
            unit="x B",
            note=_rates(signed, bares, disk),
        ),
        Row(
            goal=4,
            what="tail at saturation, p99 to p50",
            measured=[report.percentile(0.99) / report.percentile(0.5) for report in ours],
            must=6,
            aim=3,
            unit="x p50",
            less=True,
            note="p50 {:.1f} ms, p99 {:.1f} ms; B {:.1f}, {:.1f}".format(
                *(
                    1_000 * median(report.percentile(share) for report in reports)
                    for reports in (ours, bares)
                    for share in (0.5, 0.99)
                )
            ),
        ),
    ]


def new_connections(options: Options) -> list[Row]:
    """Goal 2: a connection per delivery."""
    bares, (ours,), disk = _rounds(options, Way(load=("--fresh",)))
    return [
        Row(
            goal=2,
            what="the same, a connection per delivery",
            measured=_ratios(ours, bares),
            must=0.50,
            aim=0.70,
            unit="x B",
            note=_rates(ours, bares, disk),
        )
    ]


def against_mitmdump(options: Options) -> list[Row]:
    """Goal 3: rate and CPU, beside `mitmdump -w`, which does not even fsync."""
    note = ""
    if not mitmproxy_bin().exists():
        if options.mitm:
            install_mitmproxy()
        else:
            note = "mitmproxy is not installed: --with-mitm installs it in a folder of its own"
    rates: list[float] = []
    costs: list[float] = []
    if not note:
        with bare() as upstream, mitmdump(options.folder, upstream.port) as theirs:
            for number in range(options.rounds):
                their_rate, their_cost = _rate_and_cost(theirs, options.seconds)
                with fresh(options, number) as ours:
                    our_rate, our_cost = _rate_and_cost(ours, options.seconds)
                rates.append(our_rate / their_rate)
                costs.append(our_cost / their_cost)
        note = (
            f"{our_rate:,.0f} to {their_rate:,.0f} a second, "
            f"{our_cost * 1e6:,.0f} to {their_cost * 1e6:,.0f} us of CPU, last round"
        )
    what = "against mitmdump -w: "
    return [
        Row(goal=3, what=what + "rate", measured=rates, must=9, aim=15, unit="x M", note=note),
        Row(
            goal=3,
            what=what + "CPU",
            measured=costs,
            must=1 / 10,
            aim=1 / 16,
            unit="x M",
            less=True,
            note=note,
        ),
    ]


def _rounds(options: Options, *ways: Way) -> tuple[list[Report], list[list[Report]], float]:
    """B, loaded the first way, and hookcli in turn; and what the disk asked for in between."""
    bares, disk = [], []
    ours: list[list[Report]] = [[] for _ in ways]
    with bare() as base:
        for number in range(options.rounds):
            disk.append(disk_cost(options.folder))
            bares.append(load(base, options.seconds, *ways[0].load))
            for way, reports in zip(ways, ours, strict=True):
                with fresh(options, number, *way.listen) as server:
                    reports.append(load(server, options.seconds, *way.load))
    return bares, ours, median(disk)


def _rate_and_cost(server: Server, seconds: float) -> tuple[float, float]:
    """Return deliveries a second, and the seconds of CPU that each took."""
    before = server.cpu()
    report = load(server, seconds)
    return report.rate, (server.cpu() - before) / report.answered


def _ratios(ours: Sequence[Report], bares: Sequence[Report]) -> list[float]:
    return [our.rate / base.rate for our, base in zip(ours, bares, strict=True)]


def _rates(ours: Sequence[Report], bares: Sequence[Report], disk: float) -> str:
    our, base = (median(report.rate for report in reports) for reports in (ours, bares))
    return f"{our:,.0f} to {base:,.0f} a second; fdatasync {disk * 1000:.2f} ms"
