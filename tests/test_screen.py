"""Lines fit their terminal, hold nothing that could act on it, and are coloured where asked."""

from __future__ import annotations

import io
import os
import pty
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.screen import SGR, UNLIMITED, Screen, Span, Style, screen_of
from hookcli.text import width

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

HOSTILE = st.text(st.characters(exclude_categories=[]))
STYLES: list[Style] = ["", *SGR]
SPANS = st.lists(st.tuples(st.sampled_from(STYLES), HOSTILE))
SCREENS = st.builds(Screen, width=st.integers(20, 200), utf8=st.booleans())


def test_cuts_a_line_one_cell_before_the_edge() -> None:
    screen = Screen(width=20)

    assert screen.line([("", "a" * 19)]) == "a" * 19
    assert screen.line([("", "a" * 10), ("dim", "b" * 10)]) == "a" * 10 + "b" * 8 + "…"


def test_says_that_something_was_cut_although_the_first_part_fits_exactly() -> None:
    assert Screen(width=20).line([("", "a" * 19), ("", "b")]) == "a" * 18 + "…"


def test_paints_each_part_and_ends_its_colour() -> None:
    """Received text follows in no colour of ours."""
    line = Screen(colour=True).line([("bad", "[BAD]"), ("", " \x1b[31mred")])

    assert line == "\x1b[1;31m[BAD]\x1b[0m \\u001b[31mred"


def test_a_terminal_without_utf8_gets_ascii() -> None:
    screen = Screen(utf8=False, width=20)

    assert screen.received([("", "é日 and so on and on")]) == r"  | \xe9\u65e5 a..."
    assert (screen.bar, screen.ellipsis, screen.dot) == ("  | ", "...", "-")


@given(SCREENS, SPANS)
def test_no_line_is_wider_than_the_terminal(screen: Screen, spans: list[Span]) -> None:
    lines = [screen.line(spans), *screen.wrap(spans), *screen.fold(spans)]

    assert max(map(width, lines)) <= screen.width - 1
    assert all(line.isascii() for line in lines) or screen.utf8


def test_wraps_a_sentence_between_words() -> None:
    lines = Screen(width=20).wrap([("", "one "), ("bad", "TWO THREE"), ("", ", four five")], 2)

    assert lines == ["one TWO THREE, four", "  five"]


def test_a_word_that_no_line_could_hold_is_broken_not_cut() -> None:
    """An address stays whole, to be copied."""
    lines = Screen(width=20).wrap([("", "See "), ("url", "https://example.com/a/b")], 2)

    assert lines == ["See", "  https://example.c", "  om/a/b"]


@given(SCREENS, st.text(st.characters(categories=["L", "N"])))
def test_folded_text_is_whole(screen: Screen, text: str) -> None:
    lines = screen.fold([("", text)])

    assert "".join(line.removeprefix(screen.bar) for line in lines) == screen.safe(text)


def test_tells_the_time_where_the_person_is() -> None:
    screen = Screen(zone=timezone(timedelta(hours=2)))

    assert screen.time(datetime(2026, 11, 24, 12, 3, 22, tzinfo=UTC)) == "14:03:22"


def test_a_screenful_is_never_tiny() -> None:
    assert [Screen(height=height).screenful for height in (5, 24, 50)] == [6, 18, 44]


@pytest.fixture
def terminal() -> Iterator[TextIO]:
    """Give one end of a pseudo-terminal."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        yield stream
    os.close(ours)


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
@pytest.mark.parametrize(
    ("environ", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ],
)
def test_a_terminal_has_colours_unless_told(
    terminal: TextIO, environ: dict[str, str], coloured: bool
) -> None:
    assert screen_of(terminal, environ).colour == coloured


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
def test_a_terminal_of_unknown_size_has_80_columns(terminal: TextIO) -> None:
    screen = screen_of(terminal, {})

    assert (screen.width, screen.height, screen.utf8, screen.terminal) == (80, 24, True, True)
    assert screen_of(terminal, {"COLUMNS": "120"}).width == 120
    assert not screen_of(terminal, {"TERM": "dumb"}).utf8


def test_a_file_is_wide_and_has_no_colours_unless_told() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")

    assert screen_of(stream, {}) == Screen(width=UNLIMITED, height=26, utf8=False)
    assert screen_of(stream, {"FORCE_COLOR": "1"}).colour
    assert screen_of(stream, {"NO_COLOR": "1"}, "always").colour
    assert not screen_of(stream, {"FORCE_COLOR": "1"}, "never").colour
