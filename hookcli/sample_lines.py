"""The table of samples that `trigger` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookcli.text import width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookcli.sampling import Sample
    from hookcli.screen import Line, Screen

_HEADING = ("PROVIDER", "EVENT", "TELLS THAT")


def format_samples(samples: Sequence[Sample], screen: Screen) -> list[str]:
    """Return a row for each, whose first two cells can be copied; a terminal has a heading."""
    rows = [(sample.provider, sample.name, sample.happened) for sample in samples]
    widths = [max(width(row[at]) for row in (_HEADING, *rows)) for at in (0, 1)]
    lines = [_line(row, widths) for row in rows]
    if screen.terminal:
        heading = "".join(text for _, text in _line(_HEADING, widths))
        lines.insert(0, [("dim", heading)])
    return [screen.line(line) for line in lines]


def _line(row: tuple[str, str, str], widths: Sequence[int]) -> Line:
    provider, name, happened = row
    return [
        ("bold", f"{provider:{widths[0]}}  {name:{widths[1]}}"),
        ("dim", f"  {happened}"),
    ]
