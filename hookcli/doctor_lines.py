"""What the doctor found, as a person reads it: a word for how bad it is, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from hookcli.screen import Line, Screen, Style

Level = Literal["ok", "warn", "bad"]

_STYLES: dict[Level, Style] = {"ok": "good", "warn": "warn", "bad": "bad"}
_MARGIN = 11
_INDENT = 17


class Finding(NamedTuple):
    """How one thing is."""

    topic: str
    level: Level
    what: str
    do: str = ""
    """What to do about it; empty where there is nothing to do."""


def format_finding(finding: Finding, screen: Screen) -> list[str]:
    """Return a line that says how it is, and one that says what to do."""
    label: Line = [("dim", f"{finding.topic:{_MARGIN}}")]
    level: Line = [(_STYLES[finding.level], finding.level), ("", " " * (6 - len(finding.level)))]
    lines = screen.wrap([*label, *level, ("", finding.what)], indent=_INDENT)
    if finding.do:
        lines += screen.wrap([("", " " * _INDENT), ("bold", finding.do)], indent=_INDENT)
    return lines
