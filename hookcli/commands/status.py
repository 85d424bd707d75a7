"""`hookcli status`: what runs on this computer, and whether the internet reaches it."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from hookcli.options import color_option, command, option
from hookcli.records import dump
from hookcli.running import listeners
from hookcli.screen import screen_of
from hookcli.text import human_duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from hookcli.running import Status
    from hookcli.screen import Line, Screen, Style, When
    from hookcli.state import TunnelState


@command("status")
@option("--json", "as_json", group="Showing", is_flag=True, help="One JSON object a line for each.")
@color_option
def status(as_json: bool, color: When) -> None:
    """Show the running listener: URLs, tunnel, store, process, counts.

    Where several run, all of them, the one started last at the end.
    """
    screen = None if as_json else screen_of(sys.stdout, os.environ, color)
    run(listeners(), out=sys.stdout.buffer, screen=screen, now=datetime.now(UTC))


def run(running: Sequence[Status], *, out: BinaryIO, screen: Screen | None, now: datetime) -> None:
    """Write what runs: for `screen`, or records where that is None."""
    if not running:
        click.echo("No listener is running. Start one: hookcli listen 4567", err=True)
    for number, each in enumerate(running):
        if screen is None:
            out.write(dump(each.to_json()))
            continue
        lines = [""] if number else []
        lines += format_status(each, screen, now)
        out.writelines(f"{line}\n".encode() for line in lines)


def format_status(status: Status, screen: Screen, now: datetime) -> list[str]:
    """Return a line for each thing that is known of a listener."""
    public: Line = [("url", status.public_url)] if status.public_url else [("dim", "none")]
    bad: Line = [("", ", "), ("bad", f"{status.bad} [BAD]")] if status.bad else []
    failed: Line = [("", ", "), ("bad", f"{status.failed} failed")] if status.failed else []
    noun = "delivery" if status.deliveries == 1 else "deliveries"
    age = human_duration((now - status.started_at).total_seconds())
    rows: dict[str, Line] = {
        "Local": [("url", status.local_url)],
        "Public": public,
        "Tunnel": _tunnel(status.tunnel, now),
        "Store": [("", status.store)],
        "Process": [("", f"{status.pid}, started {age} ago")],
        "Received": [("", f"{status.deliveries:,} {noun}"), *bad, *failed],
    }
    labelled = ([("dim", f"{name:11}"), *line] for name, line in rows.items())
    return [line for row in labelled for line in screen.wrap(row, indent=11)]


def _tunnel(tunnel: TunnelState | None, now: datetime) -> Line:
    if tunnel is None:
        return [("dim", "none")]
    since = f" for {human_duration((now - tunnel.at).total_seconds())}"
    reason = f": {tunnel.reason}" if tunnel.reason else ""
    if tunnel.state == "online" and tunnel.reachable is False:
        return [("bad", "UNREACHABLE"), ("", since + reason)]
    if tunnel.state == "online":
        checked = ", checked end to end" if tunnel.reachable else ""
        return [("good", "online"), ("", since + checked)]
    style: Style = "bad" if tunnel.state == "offline" else "warn"
    return [(style, tunnel.state.upper()), ("", since + reason)]
