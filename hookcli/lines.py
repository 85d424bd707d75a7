"""The lines that tell of deliveries: what came in, what is wrong with it, what a flood was."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hookcli.text import cut, human_duration, human_size, width

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hookcli.delivery import Delivery, Verdict
    from hookcli.screen import Line, Screen, Span, Style
    from hookcli.views import View

NARROW = 60
"""Columns under which a line is broken after its verdict."""
WIDE = 120
"""Columns from which on there is room for the provider's delivery id."""
INDENT = " " * 9

_VERDICTS: dict[str, Style] = {
    "valid": "good",
    "unsigned": "warn",
    "unchecked": "warn",
    "BAD": "bad",
}


def verdict_word(verdict: Verdict) -> str:
    """Return `valid`, `unsigned`, `unchecked` or `BAD`."""
    return "BAD" if verdict.failed else verdict.code


def event_name(delivery: Delivery) -> str | None:
    """Return what it tells of, like `issues.opened`."""
    event = delivery.event or delivery.handshake
    return f"{event}.{delivery.action}" if event and delivery.action else event


def verdict_span(verdict: str) -> Span:
    """Return a verdict's word in brackets, which are ours alone."""
    return (_VERDICTS[verdict], f"[{verdict}]")


def status_span(status: int | None) -> Span:
    """Return an answer's status in brackets; `[none]` where there was no answer."""
    if status is None or status >= 500:
        return ("bad", f"[{'none' if status is None else status}]")
    return ("good" if 200 <= status < 300 else "warn", f"[{status}]")


def format_delivery(delivery: Delivery, screen: Screen) -> list[str]:
    """Say what came in: on one line, or on two where the terminal is narrow."""
    event = event_name(delivery)
    method: Span = ("dim", screen.cut(screen.word(delivery.method), 20))
    path: Span = ("dim", screen.word(delivery.target))
    name: Span = ("bold", screen.word(event or ""))
    named: Span = ("dim", screen.word(delivery.delivery_id or ""))
    head = arrow(delivery.received_at, "-->", delivery.id, screen)
    tail: Line = [("dim", human_size(delivery.size))]
    if delivery.provider:
        head.append(("bold", screen.word(delivery.provider)))
        head += [name] if event else []
        tail += [method, path]
    else:
        head += [method, path]
    head.append(verdict_span(verdict_word(delivery.signature)))
    if delivery.repeats:
        tail.append(("dim", f"(repeats #{delivery.repeats})"))
    if delivery.delivery_id and screen.width >= WIDE:
        tail.append(named)
    return told(screen, head, tail, path, name, named)


def arrow(at: datetime, pointing: str, delivery: int, screen: Screen) -> Line:
    """Return the beginning of a line about a delivery; 0 is one that is not kept."""
    number: Line = [("cyan", f"#{delivery}")] if delivery else []
    return [("dim", screen.time(at)), ("cyan", pointing), *number]


def format_payload(view: View, delivery: int, screen: Screen) -> list[str]:
    """Return a body, behind the bar, with where to find what is left out."""
    lines = [screen.received(line) for line in view.lines]
    if view.note:
        lines[:0] = screen.wrap([("dim", f"{INDENT}{view.note}")])
    if view.more:
        lines.append(screen.line([("dim", f"{INDENT}{view.more}: hookcli show {delivery}")]))
    return lines


def format_trouble(text: str, screen: Screen) -> list[str]:
    """Say what is wrong with what was just told."""
    return screen.wrap([("", "       "), ("bad", "!"), ("", f" {text}")])


def format_notice(text: str, hint: str | None, at: datetime, screen: Screen) -> list[str]:
    """Say something that is not about one delivery, and what to do."""
    lines = screen.wrap([*starred(at, screen), ("", f" {text}")])
    return lines + (screen.wrap([("", INDENT + hint)]) if hint else [])


class Flood(NamedTuple):
    """What came in a second in which deliveries were only counted."""

    first: int
    last: int
    """Ids of deliveries; 0 where there were none."""
    verdicts: Mapping[str, int]
    """How many of each verdict, by its word."""
    statuses: Mapping[int | None, int]
    """How many of each answer; None for those that failed."""
    median_ms: float


def format_flood_start(rate: int, at: datetime, screen: Screen) -> list[str]:
    """Say that from now on deliveries, so many a second, are only counted."""
    text = f" {rate:,} a second: payloads no longer shown; all are kept and answered"
    return screen.wrap([*starred(at, screen), ("", text)])


def format_flood(flood: Flood, at: datetime, screen: Screen) -> list[str]:
    """Say what came in a second of it."""
    spans = starred(at, screen)
    if flood.verdicts:
        spans.append(("cyan", f" #{flood.first}-#{flood.last}"))
        spans.append(("", ":"))
        for verdict in _VERDICTS:
            if count := flood.verdicts.get(verdict):
                spans += [("", f" {count:,}"), ("", " "), verdict_span(verdict)]
        spans.append(("", ";" if flood.statuses else ""))
    for status in sorted(flood.statuses, key=lambda status: status or 1000):
        spans += [("", f" {flood.statuses[status]:,}"), ("", " "), status_span(status)]
    if flood.statuses:
        spans.append(("dim", f"; median {human_duration(flood.median_ms / 1000)}"))
    return screen.wrap(spans)


def format_flood_end(hidden: int, since: datetime, at: datetime, screen: Screen) -> list[str]:
    """Say that deliveries are shown again, and where those are that were not."""
    payloads = f"{hidden:,} payload{'' if hidden == 1 else 's'}"
    text = f" Calm again, {payloads} not shown: hookcli list --since"
    return screen.wrap([*starred(at, screen), ("", f"{text} {screen.time(since)[:5]}")])


def starred(at: datetime, screen: Screen) -> Line:
    """Return the beginning of a line that is not about one delivery."""
    return [("dim", screen.time(at)), ("star", " ***")]


def told(screen: Screen, head: Line, tail: Line, *cuttable: Span) -> list[str]:
    """Return words on a line, or on two where it is narrow; the first cuttable gives way first."""
    if screen.width < NARROW:
        return [
            _words(screen, head, cuttable),
            _words(screen, [("", INDENT[:-1]), *tail], cuttable),
        ]
    return [_words(screen, [*head, *tail], cuttable)]


def _words(screen: Screen, words: Line, cuttable: tuple[Span, ...]) -> str:
    """Return words with a space between; where they are too long, the first cuttable gives way."""
    over = sum(width(text) + 1 for _, text in words) - screen.width
    for span in cuttable:
        if over > 0 and span in words:
            style, text = span
            shorter = cut(text, max(width(text) - over, 4), screen.ellipsis)
            over -= width(text) - width(shorter)
            words[words.index(span)] = (style, shorter)
    spaced: Line = [part for span in words for part in (("", " "), span)]
    return screen.line(spaced[1:])
