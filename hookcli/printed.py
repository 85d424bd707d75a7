"""What a command prints, as much of it as is shown: its beginning, and its end."""

from __future__ import annotations

from typing import NamedTuple

LINES = 100
"""Lines that are shown of the beginning."""
LINE = 1000
"""Bytes after which a line is broken."""
END_LINES = 10
END = 2000
"""Lines and bytes that are shown of the end."""


class End(NamedTuple):
    """What came last."""

    lines: list[str]
    skipped: int
    """Bytes before them that are not shown."""


class Printed:
    """Takes any amount of output, and holds little of it."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._left = LINES
        self._rest = bytearray()
        """What has not become a line."""
        self._skipped = 0

    def take(self, data: bytes) -> None:
        """Keep what is to be shown."""
        self._rest += data
        while self._left and (end := self._line_end()):
            self._lines.append(_text(self._rest[:end]))
            del self._rest[:end]
            self._left -= 1
        over = len(self._rest) - END
        if not self._left and over > 0:
            del self._rest[:over]
            self._skipped += over

    @property
    def floods(self) -> bool:
        """Whether there was more than is shown."""
        return self._skipped > 0

    def beginning(self) -> list[str]:
        """Return the lines of the beginning that are whole, each of them once."""
        lines, self._lines = self._lines, []
        return lines

    def end(self) -> End:
        """Return what is left when there is no more to come.

        Where nothing is skipped, this is also the beginning if nobody has taken that.
        """
        rest = bytes(self._rest).rstrip(b"\n")
        lines = rest.split(b"\n")[-END_LINES:] if rest else []
        skipped = self._skipped + len(rest) - len(b"\n".join(lines))
        said = [_text(line) for line in lines]
        return End(said, skipped) if skipped else End(self.beginning() + said, 0)

    def _line_end(self) -> int:
        """Return the length of the first line, with its end; 0 where that has not come yet."""
        end = self._rest.find(b"\n", 0, LINE) + 1
        return end or (LINE if len(self._rest) >= LINE else 0)


def _text(line: bytes | bytearray) -> str:
    return line.decode("utf-8", "replace").rstrip("\r\n")
