"""The table shows each delivery in a row that fits, whatever is in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import Attempt, Delivery, Verdict
from hookcli.screen import Screen
from hookcli.table import format_list
from hookcli.text import width

NOW = datetime(2026, 11, 24, 14, 3, 22, tzinfo=UTC)
VALID = Verdict("valid", "It matches")
PUSH = Delivery(
    id=41,
    method="POST",
    path="/github",
    size=7104,
    received_at=NOW - timedelta(hours=9),
    provider="github",
    event="push",
    signature=VALID,
)
ANSWER = Attempt(kind="answer", delivery=41, started_at=NOW, duration_ms=12, status=200)
DELIVERIES = [
    PUSH,
    Delivery(id=45, method="GET", path="/favicon.ico", received_at=NOW - timedelta(minutes=56)),
    replace(PUSH, id=50, event="workflow_run", action="completed", size=3200),
    replace(PUSH, id=51, signature=Verdict("wrong_secret", ""), repeats=41),
    replace(PUSH, id=52, event=None, size=612, path="/deploy"),
    replace(PUSH, id=53, event="a b"),
]
FORWARD = replace(ANSWER, kind="forward", endpoint="http://127.0.0.1:3000", duration_ms=2)
ATTEMPTS = {
    41: [ANSWER],
    45: [replace(ANSWER, duration_ms=0.2)],
    50: [replace(ANSWER, status=400)],
    51: [ANSWER, FORWARD, replace(FORWARD, status=502, error="Nothing listens there")],
    52: [
        replace(
            FORWARD,
            status=None,
            error="No answer from 127.0.0.1:3000 within 30 s",
            duration_ms=30_000,
        )
    ],
}


def test_reads_as_promised_at_80_columns() -> None:
    """The answer is the latest; there is none yet, or never, where hookcli ended before it came."""
    lines = format_list(DELIVERIES, ATTEMPTS, Screen(), NOW)

    assert lines == [
        "   ID   AGE  FROM    EVENT                   SIGN     SIZE  ANSWER    TIME",
        "   41    9h  github  push                    valid  7.1 kB     200   12 ms",
        "   45   56m  -       GET /favicon.ico        -         0 B     200    1 ms",
        "   50    9h  github  workflow_run.completed  valid  3.2 kB     400   12 ms",
        "   51    9h  github  push                    BAD    7.1 kB     502    2 ms",
        "   52    9h  github  POST /deploy            valid   612 B    none    30 s",
        '   53    9h  github  "a b"                   valid  7.1 kB    none       -',
    ]


def test_a_wide_terminal_has_the_code_the_request_and_notes() -> None:
    lines = format_list(DELIVERIES[3:5], ATTEMPTS, Screen(width=120), NOW)

    assert lines[1].split("  ")[-2:] == ["POST /github", "3 attempts, repeats 41"]
    assert " wrong_secret " in lines[1]
    assert lines[2].endswith("30 s  -")


def test_the_event_gives_way_where_there_is_too_little_room() -> None:
    long = replace(PUSH, event="x" * 100, signature=Verdict("unchecked", ""))

    lines = format_list([long], {}, Screen(), NOW)

    assert "xxx…  unchecked  7.1 kB" in lines[1]
    assert width(lines[1]) <= 79


def test_an_empty_store_has_a_heading() -> None:
    assert format_list([], {}, Screen(), NOW) == [
        "   ID   AGE  FROM    EVENT  SIGN     SIZE  ANSWER    TIME"
    ]


def test_colour_does_not_move_the_columns() -> None:
    coloured = format_list(DELIVERIES, ATTEMPTS, Screen(colour=True), NOW)

    assert "\x1b[1;31mBAD\x1b[0m    \x1b[2m7.1 kB\x1b[0m     \x1b[1;31m502\x1b[0m" in coloured[4]


HOSTILE = st.text(st.characters(exclude_categories=[]))


@given(HOSTILE, HOSTILE, st.integers(20, 200), st.booleans())
def test_no_row_is_too_wide(event: str, path: str, columns: int, utf8: bool) -> None:
    screen = Screen(width=columns, utf8=utf8)
    deliveries = [replace(PUSH, event=event), Delivery(method=event, path=path)]

    lines = format_list(deliveries, ATTEMPTS, screen, NOW)

    assert max(map(width, lines)) < columns
    assert all(line.isprintable() or not line.isascii() for line in lines)
