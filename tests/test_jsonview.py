"""The first lines of a JSON text look as any JSON tool lays them out, and lose nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.jsonview import COUNTED, Excerpt, NotJsonError, count_lines, json_lines

TEXTS = st.text(st.characters(exclude_characters="\x7f"))
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
)
SCRAPS = st.lists(
    st.sampled_from([*'{}[],:"\\/ \n-0.1eE', "true", "null", "NaN", '"a":', r"\u00e9", "1e5"])
)


def plain(laid_out: Excerpt) -> list[str]:
    """Return the lines without their styles."""
    return ["".join(text for _, text in line) for line in laid_out.lines]


@given(VALUES, st.sampled_from([None, 1, "\t"]))
def test_lays_a_value_out_as_json_itself_does(value: Any, indent: int | str | None) -> None:
    lines = json_lines(json.dumps(value, indent=indent))

    assert plain(lines) == json.dumps(value, indent=2).splitlines()
    assert lines.more == 0


@given(VALUES, st.integers(1, 10))
def test_knows_how_many_lines_are_left(value: Any, limit: int) -> None:
    text = json.dumps(value)
    whole = json.dumps(value, indent=2).splitlines()

    lines = json_lines(text, limit=limit)

    assert plain(lines) == whole[:limit]
    assert lines.more == max(0, len(whole) - limit)
    assert count_lines(text) == len(whole)


@given(VALUES, st.data())
def test_a_text_may_break_off_where_more_is_to_come(value: Any, data: st.DataObject) -> None:
    text = json.dumps(value)
    broken = text[: data.draw(st.integers(0, len(text)))]

    shown = "".join(plain(json_lines(broken, whole=False))).replace(" ", "")

    assert shown.startswith(broken.replace(" ", "")) or shown == broken.replace(" ", "")


@given(SCRAPS)
def test_accepts_what_json_accepts_and_nothing_else(scraps: list[str]) -> None:
    text = "".join(scraps)

    assert is_shown(text) == is_json(text)


def is_json(text: str) -> bool:
    """Return whether the standard library reads it, leaving out the NaN it allows itself."""
    try:
        json.loads(text, parse_constant=int)
    except ValueError:
        return False
    return True


def is_shown(text: str) -> bool:
    """Return whether it is laid out to its end."""
    try:
        json_lines(text)
    except NotJsonError:
        return False
    return True


def test_keeps_what_a_parser_would_lose() -> None:
    """Repeated names, huge numbers and ways to write them stay as they were sent."""
    lines = json_lines('{"a":1,"a":123456789012345678901234567890,"b":1.0E+2,"c":"\\u00e9"}')

    assert plain(lines) == [
        "{",
        '  "a": 1,',
        '  "a": 123456789012345678901234567890,',
        '  "b": 1.0E+2,',
        '  "c": "\\u00e9"',
        "}",
    ]


def test_tells_kinds_apart() -> None:
    """Escapes stand out, those of the sender and those that make its text harmless."""
    lines = json_lines('{"a": ["b\\n\u202e", -1, true]}').lines

    assert lines[1:5] == [
        [("", "  "), ("key", '"a"'), ("", ": "), ("", "[")],
        [
            ("", "    "),
            ("string", '"b'),
            ("escape", r"\n"),
            ("escape", r"\u202e"),
            ("string", '"'),
            ("", ","),
        ],
        [("", "    "), ("number", "-1"), ("", ",")],
        [("", "    "), ("literal", "true")],
    ]


@pytest.mark.parametrize(
    "text", ["", " ", "{'a': 1}", "[1,]", "[1}", "{,}", '{"a"}', "[NaN]", "1 2"]
)
def test_does_not_call_other_things_json(text: str) -> None:
    with pytest.raises(NotJsonError):
        json_lines(text)


def test_does_not_read_behind_what_it_shows() -> None:
    lines = json_lines("[1, 2, oops", limit=2)

    assert plain(lines) == ["[", "  1,"]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1_000_000,
        '"' + "a" * 1_000_000 + '"',
        '{"a":"' + '\\"' * 500_000 + '"}',
        "9" * 1_000_000,
        " " * 1_000_000 + "1",
        "[" + "0," * 500_000 + "0]",
    ],
)
def test_a_megabyte_gives_only_its_first_lines(text: str) -> None:
    """However it is made, little is given and the rest is not counted."""
    lines = json_lines(text, limit=5, cells=80)

    assert len(lines.lines) <= 5
    assert lines.more in {0, None}
    assert len(text) > COUNTED


def test_ten_thousand_levels_are_laid_out_without_recursion() -> None:
    text = "[" * 10_000 + "]" * 10_000

    lines = plain(json_lines(text))

    assert len(lines) == 19_999
    assert max(map(len, lines)) < 250
