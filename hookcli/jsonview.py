"""Lay out the first lines of a JSON text as it was sent: quickly, and without a parser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from hookcli.text import escape

if TYPE_CHECKING:
    from hookcli.screen import Line, Span, Style

COUNTED = 1 << 16
"""Texts of up to so many characters are read to their end, to say how many lines are left."""

DEEPEST = 100
"""Levels beyond which lines are indented no further."""

# Possessive throughout: no input makes these look at a character twice.
_SPACE = r"[ \t\n\r]*+"
_INSIDE = r'[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*+)*+'
_NAME = re.compile(rf'{_SPACE}("{_INSIDE}"){_SPACE}:')
_VALUE = re.compile(
    rf"""{_SPACE}(?:
    (?P<string>"{_INSIDE}")
    | (?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+)
    | (?P<literal>true|false|null)
    | (?P<empty>\{{{_SPACE}\}}|\[{_SPACE}\])
    | (?P<open>[\[{{])
    )""",
    re.VERBOSE,
)
_AFTER = re.compile(rf"{_SPACE}([,\]}}])")
_END = re.compile(rf"{_SPACE}\Z")
_BROKEN_OFF = re.compile(
    rf'{_SPACE}("{_INSIDE}(?:\\u?[0-9A-Fa-f]{{0,4}}|"{_SPACE})?|[-+.0-9eE]*+|[a-z]{{0,5}})\Z'
)
_ESCAPE = re.compile(r"(\\(?:u[0-9A-Fa-f]{4}|.))")
_STYLES: dict[str | None, Style] = {"number": "number", "literal": "literal"}


class NotJsonError(ValueError):
    """What would be shown is no JSON."""


class Excerpt(NamedTuple):
    """The first lines of a text."""

    lines: list[Line]
    end: int
    """How many characters of the text they hold."""
    more: int | None
    """How many lines are left; None where that is not known."""


def json_lines(
    text: str, *, limit: int | None = None, cells: int | None = None, whole: bool = True
) -> Excerpt:
    """Lay out at most `limit` lines of `text`, indented by 2 a level.

    With `cells`, a string is given only as far as is too long for so many terminal cells.
    A text that is not `whole` may break off anywhere. Raises NotJsonError where one of the lines
    is wrong; what comes after them is not looked at.
    """
    layout = _Layout(text, cells, whole)
    done = False
    while not done and (limit is None or len(layout.lines) < limit):
        done = layout.step()
    more: int | None = None
    if whole and done:
        more = 0
    elif whole and len(text) <= COUNTED:
        more = max(1, count_lines(text) - len(layout.lines))
    return Excerpt(layout.lines, layout.at, more)


def count_lines(text: str) -> int:
    """Return how many lines `text`, which is JSON, has when it is laid out."""
    # Once escapes are gone, every second part between quotes is outside of strings.
    outside = text.replace("\\\\", "").replace('\\"', "").split('"')[::2]
    marks = "".join("0".join(outside).split())
    opened = marks.count("{") + marks.count("[") - marks.count("{}") - marks.count("[]")
    return 1 + marks.count(",") + 2 * opened


class _BrokenOffError(Exception):
    """The text that is there ends within this line."""


class _Layout:
    def __init__(self, text: str, cells: int | None, whole: bool) -> None:
        self.at = 0
        self.lines: list[Line] = []
        self._text = text
        self._longest = None if cells is None else 4 * cells + 1
        self._whole = whole
        self._closing: list[str] = []
        self._closes = False

    def step(self) -> bool:
        """Lay out one more line; return whether it is the last."""
        line: Line = []
        self.lines.append(line)
        try:
            if self._closes:
                closing = self._closing.pop()
                line += [self._indent(), ("", closing)]
            elif self._opens(line):
                return False
            return self._ends(line)
        except _BrokenOffError:
            return True

    def _indent(self) -> Span:
        return ("", "  " * min(len(self._closing), DEEPEST))

    def _opens(self, line: Line) -> bool:
        """Add a value, with its name in an object; return whether it goes on in the next line."""
        line.append(self._indent())
        if self._closing and self._closing[-1] == "}":
            line += self._string("key", self._take(_NAME, line)[1])
            line.append(("", ": "))
        value = self._take(_VALUE, line)
        if (opening := value["open"]) is not None:
            line.append(("", opening))
            self._closing.append("}" if opening == "{" else "]")
            return True
        if (string := value["string"]) is not None:
            line += self._string("string", string)
        else:
            line.append((_STYLES.get(value.lastgroup, ""), value[0].strip()))
        return False

    def _ends(self, line: Line) -> bool:
        """Add the comma after a value, if any; return whether the whole text is laid out."""
        if not self._closing:
            self._take(_END, line)
            return True
        after = self._take(_AFTER, line)[1]
        if after == ",":
            line.append(("", after))
        elif after != self._closing[-1]:
            raise NotJsonError
        self._closes = after != ","
        return False

    def _take(self, pattern: re.Pattern[str], line: Line) -> re.Match[str]:
        if match := pattern.match(self._text, self.at):
            self.at = match.end()
            return match
        rest = None if self._whole else _BROKEN_OFF.match(self._text, self.at)
        if not rest:
            raise NotJsonError
        line += self._string("string", rest[1])
        self.at = len(self._text)
        raise _BrokenOffError

    def _string(self, style: Style, token: str) -> Line:
        token = escape(token[: self._longest])
        if "\\" not in token:
            return [(style, token)]
        parts = _ESCAPE.split(token)
        return [("escape" if odd % 2 else style, part) for odd, part in enumerate(parts) if part]
