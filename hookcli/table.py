"""The table of deliveries that `list` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookcli.lines import WIDE, event_name, status_span, verdict_span, verdict_word
from hookcli.text import age, human_duration, human_size, width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from hookcli.delivery import Attempt, Delivery
    from hookcli.screen import Line, Screen, Span

_COLUMNS = {
    "ID": 5,
    "AGE": 4,
    "FROM": 6,
    "EVENT": 5,
    "SIGN": 5,
    "SIZE": 6,
    "ANSWER": 6,
    "TIME": 6,
    "REQUEST": 7,
    "NOTE": 4,
}
"""The columns and their least widths; the last two only where the terminal is wide."""
_RIGHT = {"ID", "AGE", "SIZE", "ANSWER", "TIME"}
_ELASTIC = ("REQUEST", "EVENT", "FROM")
"""The columns that give way, in this order, where there is too little room."""
_KEPT = 12
"""Cells that such a column keeps."""
_GAP = "  "

Row = dict[str, "Span"]


def format_list(
    deliveries: Sequence[Delivery],
    attempts: Mapping[int, Sequence[Attempt]],
    screen: Screen,
    now: datetime,
) -> list[str]:
    """Return a heading, and a row for each delivery with its latest attempt.

    `attempts` are those at each delivery, by its id, oldest first.
    """
    names = list(_COLUMNS) if screen.width >= WIDE else list(_COLUMNS)[:-2]
    heading: Row = {name: ("dim", name) for name in names}
    rows = [heading, *(_row(each, attempts.get(each.id, ()), screen, now) for each in deliveries)]
    widths = _widths(rows, names, screen)
    return [screen.line(_cells(row, widths, screen)).rstrip() for row in rows]


def _row(delivery: Delivery, attempts: Sequence[Attempt], screen: Screen, now: datetime) -> Row:
    request = f"{screen.word(delivery.method)} {screen.word(delivery.target)}"
    event = event_name(delivery)
    known = bool(delivery.provider and event)
    latest = attempts[-1] if attempts else None
    notes = [f"{len(attempts)} attempts"] if len(attempts) > 1 else []
    notes += [f"repeats {delivery.repeats}"] if delivery.repeats else []
    return {
        "ID": ("cyan", str(delivery.id)),
        "AGE": ("dim", age((now - delivery.received_at).total_seconds())),
        "FROM": ("bold", screen.word(delivery.provider)) if delivery.provider else ("dim", "-"),
        "EVENT": ("bold", screen.word(event)) if known and event else ("", request),
        "SIGN": _sign(delivery, screen),
        "SIZE": ("dim", human_size(delivery.size)),
        "ANSWER": _unbracketed(status_span(latest.status if latest else None)),
        "TIME": ("dim", human_duration(latest.duration_ms / 1000) if latest else "-"),
        "REQUEST": ("dim", request if known else "-"),
        "NOTE": ("dim", ", ".join(notes)),
    }


def _sign(delivery: Delivery, screen: Screen) -> Span:
    if delivery.signature.code == "unsigned":
        return ("dim", "-")
    style, text = _unbracketed(verdict_span(verdict_word(delivery.signature)))
    return (style, delivery.signature.code if screen.width >= WIDE else text)


def _unbracketed(span: Span) -> Span:
    style, text = span
    return (style, text[1:-1])


def _widths(rows: Sequence[Row], names: Sequence[str], screen: Screen) -> dict[str, int]:
    widths = {name: max(_COLUMNS[name], *_taken(rows, name)) for name in names}
    over = sum(widths.values()) + len(_GAP) * (len(names) - 1) - (screen.width - 1)
    for name in _ELASTIC:
        if over > 0 and name in widths:
            given = min(over, max(0, widths[name] - _KEPT))
            widths[name] -= given
            over -= given
    return widths


def _taken(rows: Sequence[Row], name: str) -> list[int]:
    return [width(row[name][1]) for row in rows]


def _cells(row: Row, widths: Mapping[str, int], screen: Screen) -> Line:
    line: Line = []
    for name, cells in widths.items():
        style, text = row[name]
        text = screen.cut(text, cells)
        blank = " " * (cells - width(text))
        line += [("", blank), (style, text)] if name in _RIGHT else [(style, text), ("", blank)]
        line.append(("", _GAP))
    return line[:-1]
