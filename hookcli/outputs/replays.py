"""Tells of what is sent again: lines for a person, records for a program."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, TextIO

from hookcli.answer_lines import format_outcome
from hookcli.records import attempt_record, dump
from hookcli.replay_lines import Tally, format_summary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookcli.progress import Bar
    from hookcli.replay_lines import Remark
    from hookcli.replaying import Result
    from hookcli.screen import Screen


class Streams(NamedTuple):
    """Where it is told: records go to `out`, unless that is a terminal."""

    out: TextIO
    err: TextIO

    @property
    def talk(self) -> TextIO:
        """Where lines for a person go."""
        return self.out if self.out.isatty() else self.err


class Telling:
    """Tells of each send, above a bar."""

    def __init__(self, streams: Streams, screen: Screen, bar: Bar) -> None:
        self._streams = streams
        self._screen = screen
        self._bar = bar
        self._said: set[tuple[str, str]] = set()
        self.tally = Tally()

    def say(self, remark: Remark) -> None:
        """Tell what has to be known first: of many deliveries of one provider, once."""
        if (remark.kind, remark.provider) in self._said:
            return
        self._said.add((remark.kind, remark.provider))
        said, todo = remark.said()
        text = f"Notice: {self._screen.safe(said)}\n" + (f"Hint: {todo}\n" if todo else "")
        self._bar.write(text, self._streams.err)

    def done(self, result: Result) -> None:
        """Tell what came of one."""
        self.tally.add(result.attempt)
        handshake = result.delivery.handshake
        screen, signature = self._screen, result.signature
        told = format_outcome(result.attempt, screen, handshake=handshake, signature=signature)
        self._write(told, self._streams.talk)
        if not self._streams.out.isatty():
            self._streams.out.buffer.write(dump(attempt_record(result.attempt)))
            self._streams.out.buffer.flush()
        self._bar.advance()

    def summary(self) -> None:
        """Tell what came of all, where there were several."""
        if self.tally.count > 1:
            lines = format_summary(self.tally, datetime.now(UTC), self._screen)
            self._write(lines, self._streams.err)

    def _write(self, lines: Iterable[str], stream: TextIO) -> None:
        self._bar.write("".join(f"{line}\n" for line in lines), stream)
