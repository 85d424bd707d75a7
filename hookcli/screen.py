"""What a terminal can show, and lines made for it: escaped, coloured, never wider than it is."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hookcli.text import cut, escape, fits, width, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, tzinfo
    from typing import TextIO

Style = Literal[
    "", "dim", "cyan", "bold", "good", "warn", "bad", "star", "url",
    "key", "string", "number", "literal", "escape",
]  # fmt: skip
Span = tuple[Style, str]
"""A piece of one line, and how it looks."""
Line = list[Span]
When = Literal["auto", "always", "never"]

SGR: dict[Style, str] = {
    "dim": "2",
    "cyan": "36",
    "bold": "1",
    "good": "32",
    "warn": "33",
    "bad": "1;31",
    "star": "35",
    "url": "4;36",
    "key": "94",
    "string": "32",
    "number": "33",
    "literal": "35",
    "escape": "7",
}

_START = {style: f"\x1b[{code}m" for style, code in SGR.items()}

UNLIMITED = 1000
"""The width, in cells, of what is no terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A terminal, or a file in place of one."""

    width: int = 80
    """Cells in a line; the last one stays free, so that no terminal wraps."""
    height: int = 24
    """Lines."""
    colour: bool = False
    utf8: bool = True
    zone: tzinfo | None = None
    """The time zone of the person; None for the computer's own."""
    terminal: bool = False
    """Whether what is shown is gone with the window: a file or a pipe may be sent around."""

    @property
    def bar(self) -> str:
        """What received text stands behind."""
        return "  │ " if self.utf8 else "  | "

    @property
    def ellipsis(self) -> str:
        """What ends a cut text."""
        return "…" if self.utf8 else "..."

    @property
    def dot(self) -> str:
        """What stands between two values of ours."""
        return "·" if self.utf8 else "-"

    @property
    def room(self) -> int:
        """How many cells received text has behind the bar."""
        return self.width - 1 - len(self.bar)

    @property
    def screenful(self) -> int:
        """How many lines of a payload are shown."""
        return max(6, self.height - 6)

    def time(self, at: datetime) -> str:
        """Return the local time of day, `14:03:22`."""
        return at.astimezone(self.zone).strftime("%H:%M:%S")

    def safe(self, text: str) -> str:
        """Return `text` as this terminal can show it and cannot be moved by it."""
        text = escape(text)
        if self.utf8 or text.isascii():
            return text
        return text.encode("ascii", "backslashreplace").decode()

    def word(self, value: str) -> str:
        """Return a received value as it stands in lines of ours: of a long one, too much to fit."""
        return self.safe(word(value[: 4 * self.width + 1]))

    def cut(self, text: str, cells: int) -> str:
        """Return `text`, safe, in at most `cells` cells."""
        return cut(self.safe(text), cells, self.ellipsis)

    def paint(self, style: Style, text: str) -> str:
        """Return `text` in a style, if this terminal has colours."""
        return f"{_START[style]}{text}\x1b[0m" if self.colour and style and text else text

    def line(self, spans: Iterable[Span]) -> str:
        """Return one line, made safe, and cut where it is too long."""
        return self._line(list(spans), self.width - 1)

    def received(self, spans: Iterable[Span]) -> str:
        """Return one line of received text, behind the bar."""
        return self.paint("dim", self.bar) + self._line(list(spans), self.room)

    def _line(self, spans: Line, cells: int) -> str:
        text = "".join([text for _, text in spans])
        # Nearly every line is plain ASCII, which needs no second look.
        if not (text.isascii() and text.isprintable() and len(text) <= cells):
            spans = self._cut([(style, self.safe(text)) for style, text in spans], cells)
            text = "".join([text for _, text in spans])
        if not self.colour:
            return text
        return "".join(
            [f"{_START[style]}{text}\x1b[0m" if style else text for style, text in spans]
        )

    def _cut(self, spans: Line, cells: int) -> Line:
        if fits("".join([text for _, text in spans]), cells):
            return spans
        room = cells - len(self.ellipsis)
        kept: Line = []
        for style, text in spans:
            if not fits(text, room):
                return [*kept, (style, cut(text, room, "") + self.ellipsis)]
            kept.append((style, text))
            room -= width(text)
        return kept

    def wrap(self, spans: Iterable[Span], indent: int = 9) -> list[str]:
        """Return a sentence of ours on as many lines as it needs, all but the first indented."""
        lines: list[Line] = [[]]
        room = self.width - 1
        # A word that no line could hold goes on in the next one.
        pieces = re.compile(rf"\s*+\S{{1,{max(room - indent, 8)}}}|\s+\Z")
        for style, text in spans:
            kept = ""
            for piece in pieces.findall(self.safe(text)):
                empty = not any(text.strip() for _, text in lines[-1]) and not kept.strip()
                if fits(piece, room) or empty:
                    kept += piece
                    room -= width(piece)
                    continue
                lines[-1].append((style, kept))
                lines.append([("", " " * indent)])
                kept = piece.lstrip()
                room = self.width - 1 - indent - width(kept)
            lines[-1].append((style, kept))
        return [self.line(line).rstrip() for line in lines]

    def fold(self, spans: Iterable[Span]) -> list[str]:
        """Return received text whole, behind the bar on as many lines as it needs."""
        lines: list[Line] = [[]]
        full = room = self.room
        for style, text in spans:
            whole = self.safe(text)
            start = 0
            while start < len(whole):
                taken = cut(whole[start : start + 4 * full], room, "")
                lines[-1].append((style, taken))
                start += len(taken)
                room -= width(taken)
                if start < len(whole):
                    lines.append([])
                    room = full
        return [self.received(line) for line in lines]


def screen_of(stream: TextIO, environ: Mapping[str, str], when: When = "auto") -> Screen:
    """Return what `stream` can show, by itself and by NO_COLOR, FORCE_COLOR, TERM and COLUMNS."""
    terminal = stream.isatty()
    dumb = environ.get("TERM") == "dumb"
    columns, lines = _size(stream) if terminal else (UNLIMITED, 26)
    asked = environ.get("COLUMNS", "")
    return Screen(
        width=max(20, int(asked) if asked.isdecimal() and int(asked) else columns),
        height=lines,
        colour=_coloured(environ, when, able=terminal and not dumb and _understands_ansi(stream)),
        terminal=terminal,
        utf8=not dumb and (stream.encoding or "").lower().replace("-", "") == "utf8",
    )


def _coloured(environ: Mapping[str, str], when: When, *, able: bool) -> bool:
    if when != "auto":
        return when == "always"
    return not environ.get("NO_COLOR") and (able or bool(environ.get("FORCE_COLOR")))


def _size(stream: TextIO) -> tuple[int, int]:
    try:
        columns, lines = os.get_terminal_size(stream.fileno())
    except OSError:
        return 80, 24
    return columns or 80, lines or 24


def _understands_ansi(stream: TextIO) -> bool:
    if sys.platform != "win32":
        return True
    import ctypes  # noqa: PLC0415 - exists everywhere, has `windll` on Windows only
    import msvcrt  # noqa: PLC0415 - exists on Windows only

    handle = msvcrt.get_osfhandle(stream.fileno())
    return bool(ctypes.windll.kernel32.SetConsoleMode(handle, 7))
