"""A bar is there when it takes long, on a terminal, and gone when it is over."""

from __future__ import annotations

import io
import re

import pytest

from hookcli import progress
from hookcli.progress import Bar


class Terminal(io.StringIO):
    """Text that goes to a person."""

    def isatty(self) -> bool:
        """Say that it does."""
        return True


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PATIENCE_S", 0)
    monkeypatch.setenv("TERM", "xterm")


def test_it_shows_how_far_it_has_come() -> None:
    """Lines are written above it, as they are."""
    terminal, lines = Terminal(), io.StringIO()

    with Bar(3, terminal, {}) as bar:
        bar.advance()
        bar._timer.join()
        bar.write("[red]a line\n", lines)
        bar.advance()

    shown = terminal.getvalue()
    first = re.search("[01]/3", shown)
    assert first is not None
    assert first.start() < shown.index("[red]a line\n") < shown.index("2/3")
    assert lines.getvalue() == ""


@pytest.mark.parametrize(
    ("total", "stream", "environ"),
    [(1, Terminal(), {}), (3, io.StringIO(), {}), (3, Terminal(), {"TERM": "dumb"})],
)
def test_it_stays_away(total: int, stream: io.StringIO, environ: dict[str, str]) -> None:
    """From what is one step, from files, and from terminals that cannot go back."""
    with Bar(total, stream, environ) as bar:
        bar.advance()
        bar.write("a line\n", stream)

    assert stream.getvalue() == "a line\n"


def test_it_does_not_come_where_it_is_over_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PATIENCE_S", 60)
    terminal = Terminal()

    with Bar(3, terminal, {}):
        pass

    assert terminal.getvalue() == ""
