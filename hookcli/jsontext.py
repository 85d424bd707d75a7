"""The layout of JSON texts, changed without a look at what they say: no value loses a digit."""

from __future__ import annotations

import re

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},:]|[^\s\[\]{},:"]++', re.DOTALL)


def compact(text: str) -> str:
    """Return JSON without the white space between its tokens."""
    return "".join(_TOKEN.findall(text))


def laid_out(text: str) -> str:
    """Return JSON on lines that are indented by 2 a level."""
    parts: list[str] = []
    level = 0
    before = ""
    for piece in _TOKEN.findall(text):
        opened, closes = before in {"{", "["}, piece in {"}", "]"}
        level -= closes
        if (closes and not opened) or (not closes and (opened or before == ",")):
            parts.append("\n" + "  " * level)
        parts.append(": " if piece == ":" else piece)
        level += piece in {"{", "["}
        before = piece
    return "".join(parts) + "\n"
