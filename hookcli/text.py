"""Make received text harmless, measure it in terminal cells, and say numbers to a person."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache

# Everything that moves the cursor, turns the reading direction or cannot be seen: C0, DEL, C1,
# every format character (Cf), line separators, fillers, variation selectors, lone surrogates.
_HARMFUL = (
    "\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd"
    "\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_WORD = re.compile(r"[A-Za-z0-9._~/:?&=%+@,-]+")


@cache
def _harmful(*, keep_newline: bool) -> re.Pattern[str]:
    ranges = _HARMFUL.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f") if keep_newline else _HARMFUL
    return re.compile(f"[{ranges}]")


def _escaped(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]


def escape(text: str, *, keep_newline: bool = False) -> str:
    r"""Return `text` with all that a terminal could act on written as JSON does, like `\u001b`.

    Backslashes stay as they are: this is for reading, not for parsing back.
    """
    if text.isascii() and text.isprintable():
        return text
    return _harmful(keep_newline=keep_newline).sub(_escaped, text)


def word(value: str) -> str:
    """Return `value` bare if it can be nothing but a value, else JSON-quoted and escaped."""
    if _WORD.fullmatch(value):
        return value
    # An ellipsis says that something was cut, so it is always ours.
    return escape(json.dumps(value, ensure_ascii=False)).replace("…", r"\u2026")


def _cells(character: str) -> int:
    category = unicodedata.category(character)
    if category in {"Mn", "Me"}:
        return 0
    # What this Python does not know yet is most often a new emoji.
    wide = category == "Cn" or unicodedata.east_asian_width(character) in {"W", "F"}
    return 2 if wide else 1


def width(text: str) -> int:
    """Return how many terminal cells escaped `text` takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def fits(text: str, cells: int) -> bool:
    """Return whether escaped `text` takes at most `cells` cells."""
    # Marks take no cell, so a pile of them is bounded by its length.
    return len(text) <= 4 * cells and width(text) <= cells


def cut(text: str, cells: int, ellipsis: str = "…") -> str:
    """Return escaped `text` in at most `cells` cells, ending in `ellipsis` where it was longer."""
    if fits(text, cells):
        return text
    room = cells - width(ellipsis)
    if room < 0:
        return ellipsis[: max(cells, 0)]
    if text.isascii():
        return text[:room] + ellipsis
    kept = 0
    for character in text[: 4 * room]:
        room -= _cells(character)
        if room < 0:
            break
        kept += 1
    return text[:kept] + ellipsis


def _figure(value: float) -> str:
    """Return two digits or more: one decimal below 10."""
    return f"{round(value, 1):g}" if round(value, 1) < 10 else str(round(value))


def human_size(size: int) -> str:
    """Say a number of bytes in powers of 1000: `124 B`, `6.6 kB`, `38 MB`."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if round(value) < 1000:
            return f"{_figure(value)} {unit}"
        value /= 1000
    return f"{_figure(value)} TB"


def human_duration(seconds: float) -> str:
    """Say a time span: `12 ms`, `4.1 s`, `6 min 52 s`, `9 h 3 min`, `2 d 4 h`."""
    if round(seconds * 1000) < 1000:
        return f"{max(1, round(seconds * 1000))} ms" if seconds > 0 else "0 ms"
    if round(seconds) < 60:
        return f"{_figure(seconds)} s"
    whole = round(seconds)
    for size, unit, part, part_unit in ((86400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if whole >= size:
            return _two(whole // size, unit, whole % size // part, part_unit)
    return _two(whole // 60, "min", whole % 60, "s")


def _two(first: int, unit: str, second: int, second_unit: str) -> str:
    return f"{first} {unit} {second} {second_unit}" if second else f"{first} {unit}"


def age(seconds: float) -> str:
    """Say how long ago, in the largest whole unit: `12s`, `56m`, `9h`, `3d`."""
    whole = max(0, int(seconds))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if whole >= size:
            return f"{whole // size}{unit}"
    return f"{whole}s"
