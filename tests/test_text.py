"""Received text is made harmless and measured; numbers read well."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.text import age, cut, escape, human_duration, human_size, width, word


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain, even ünïcode 日本", "plain, even ünïcode 日本"),
        ("\x1b[31m", r"\u001b[31m"),
        ("a\nb\tc\x7f\x9b", r"a\nb\tc\u007f\u009b"),
        ("\u202e\u200b\u2028\ufeff", r"\u202e\u200b\u2028\ufeff"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\udb40\udc41"),
        ("back\\slash", "back\\slash"),
    ],
)
def test_writes_what_a_terminal_could_act_on_as_json_does(raw: str, shown: str) -> None:
    assert escape(raw) == shown


def test_a_newline_may_stay() -> None:
    assert escape("a\nb\r\x1b", keep_newline=True) == "a\nb\\r\\u001b"


@given(st.text(st.characters(exclude_categories=[])))
def test_nothing_invisible_is_left(text: str) -> None:
    """No control, format, separator or surrogate character survives."""
    left = {unicodedata.category(character) for character in escape(text)}

    assert not left & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("issues.opened", "issues.opened"),
        ("/a?b=c&d=%20+@,~:", "/a?b=c&d=%20+@,~:"),
        ("", '""'),
        ("push [valid]", '"push [valid]"'),
        ('"\\', r'"\"\\"'),
        ("\x1b\x9b\u202e", r'"\u001b\u009b\u202e"'),
        ("é", '"é"'),
        ("cut…", r'"cut\u2026"'),
        ("push\n", r'"push\n"'),
    ],
)
def test_a_value_is_bare_only_if_it_can_be_nothing_else(value: str, shown: str) -> None:
    assert word(value) == shown


def test_counts_cells_not_characters() -> None:
    """East Asian characters and emoji take two, combining marks none."""
    assert [width(text) for text in ("abc", "日本", "e\u0301", "🎉", "é…")] == [3, 4, 1, 2, 2]


def test_cuts_by_cells() -> None:
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdef", 5) == "abcd…"
    assert cut("日本語", 5) == "日本…"
    assert cut("日本語", 4) == "日…"
    assert cut("abcdef", 5, "...") == "ab..."
    assert cut("abcdef", 2, "...") == ".."
    assert cut("abcdef", 0) == ""


def test_a_pile_of_marks_is_bounded() -> None:
    """Combining marks take no cell, yet they do not make a line without end."""
    assert len(cut("e" + "\u0301" * 100_000, 40)) < 200


@given(st.text(), st.integers(0, 30))
def test_what_is_cut_fits(text: str, cells: int) -> None:
    assert width(cut(escape(text), cells)) <= cells


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 B"),
        (124, "124 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (6615, "6.6 kB"),
        (9960, "10 kB"),
        (999_600, "1 MB"),
        (38_000_000, "38 MB"),
        (7 * 10**12, "7 TB"),
    ],
)
def test_says_sizes(size: int, said: str) -> None:
    assert human_size(size) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 ms"),
        (0.0002, "1 ms"),
        (0.012, "12 ms"),
        (0.9999, "1 s"),
        (4.12, "4.1 s"),
        (30, "30 s"),
        (59.7, "1 min"),
        (412, "6 min 52 s"),
        (996, "16 min 36 s"),
        (9 * 3600 + 180, "9 h 3 min"),
        (2 * 86400 + 4 * 3600, "2 d 4 h"),
    ],
)
def test_says_time_spans(seconds: float, said: str) -> None:
    assert human_duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0s"), (12, "12s"), (56 * 60 + 59, "56m"), (9 * 3600, "9h"), (3 * 86400, "3d")],
)
def test_says_ages(seconds: float, said: str) -> None:
    assert age(seconds) == said
