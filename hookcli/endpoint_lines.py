"""The lines that tell whether there is an app at an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hookcli.lines import INDENT, starred
from hookcli.text import human_duration

if TYPE_CHECKING:
    from datetime import datetime

    from hookcli.screen import Line, Screen


class EndpointChange(NamedTuple):
    """An app that went, or came."""

    url: str
    """Its scheme, host and port."""
    up: bool
    since: datetime
    """When it went."""
    missed: int
    """Deliveries that could not be sent to it."""


def format_endpoint(
    change: EndpointChange, at: datetime, screen: Screen, *, awaited: bool
) -> list[str]:
    """Say that nothing listens at an endpoint any more, or that something does again.

    `awaited`: senders wait for what the app answers.
    """
    spans: Line = [*starred(at, screen), ("", " "), ("url", change.url)]
    if not change.up:
        then = ", senders get 502" if awaited else ""
        return screen.wrap([*spans, ("bad", " DOWN"), ("", f": nothing listens there{then}")])
    gap = max(0.0, (at - change.since).total_seconds())
    lines = screen.wrap([*spans, ("", f" UP after {human_duration(gap)}")])
    if change.missed:
        noun = "delivery" if change.missed == 1 else "deliveries"
        where = f"hookcli list --failed --since {screen.time(change.since)[:5]}"
        said = f"{INDENT}{change.missed:,} {noun} failed meanwhile: {where}"
        lines += screen.wrap([("", said)])
    return lines
