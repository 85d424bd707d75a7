"""Every line that tells of a delivery reads as promised, whatever was received."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import Delivery, Headers, Verdict
from hookcli.lines import (
    Flood,
    format_delivery,
    format_flood,
    format_flood_end,
    format_flood_start,
    format_notice,
    format_payload,
    format_trouble,
)
from hookcli.screen import Screen
from hookcli.text import width
from hookcli.views import View, view

AT = datetime(2026, 11, 24, 14, 3, 22, tzinfo=UTC)
NARROW, NORMAL, WIDE = (Screen(width=columns, zone=UTC) for columns in (50, 80, 120))
GITHUB = Delivery(
    id=42,
    method="POST",
    path="/github",
    size=6615,
    received_at=AT,
    provider="github",
    event="issues",
    action="opened",
    delivery_id="72d3162e-cc78-11e3-81ab-4c9367dc0958",
    signature=Verdict("valid", "It matches"),
)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "14:03:22 --> #42 github issues.opened [valid] 6.6 kB POST /github"),
        (
            {"event": "push", "action": None, "signature": Verdict("unchecked", "")},
            "14:03:22 --> #42 github push [unchecked] 6.6 kB POST /github",
        ),
        (
            {"event": "push [valid]", "action": None, "signature": Verdict("mismatch", "")},
            '14:03:22 --> #42 github "push [valid]" [BAD] 6.6 kB POST /github',
        ),
        (
            {"event": None, "action": None, "handshake": "ping", "repeats": 41},
            "14:03:22 --> #42 github ping [valid] 6.6 kB POST /github (repeats #41)",
        ),
        (
            {"provider": None, "method": "GET", "path": "/favicon.ico", "query": "a=1", "size": 0},
            "14:03:22 --> #42 GET /favicon.ico?a=1 [valid] 0 B",
        ),
        ({"id": 0}, "14:03:22 --> github issues.opened [valid] 6.6 kB POST /github"),
    ],
)
def test_a_delivery_is_one_line(changes: dict[str, Any], line: str) -> None:
    assert format_delivery(replace(GITHUB, **changes), NORMAL) == [line]


def test_a_wide_terminal_has_the_providers_own_id_too() -> None:
    [line] = format_delivery(GITHUB, WIDE)

    assert line.endswith(" 6.6 kB POST /github 72d3162e-cc78-11e3-81ab-4c9367dc0958")


def test_a_narrow_terminal_breaks_after_the_verdict() -> None:
    assert format_delivery(GITHUB, NARROW) == [
        "14:03:22 --> #42 github issues.opened [valid]",
        "         6.6 kB POST /github",
    ]


def test_the_path_is_cut_first() -> None:
    long = replace(GITHUB, path="/" + "x" * 100, repeats=7)

    assert format_delivery(long, NORMAL) == [
        "14:03:22 --> #42 github issues.opened [valid] 6.6 kB POST /xxxxxx… (repeats #7)"
    ]


def test_a_verdict_is_seen_however_long_the_event_is() -> None:
    [line] = format_delivery(replace(GITHUB, event="x" * 10_000), NORMAL)

    assert "… [valid] 6.6 kB POST /gi…" in line


def test_meaning_is_coloured() -> None:
    """Time, size and path are dim, what came in is cyan, who sent it bold, its verdict green."""
    screen = Screen(colour=True, zone=UTC)

    [line] = format_delivery(GITHUB, screen)

    assert line == (
        "\x1b[2m14:03:22\x1b[0m \x1b[36m-->\x1b[0m \x1b[36m#42\x1b[0m \x1b[1mgithub\x1b[0m"
        " \x1b[1missues.opened\x1b[0m \x1b[32m[valid]\x1b[0m \x1b[2m6.6 kB\x1b[0m"
        " \x1b[2mPOST\x1b[0m \x1b[2m/github\x1b[0m"
    )


def test_a_payload_stands_behind_the_bar() -> None:
    shown = View([[("", "{")], [("key", '"a\x1b"')]], "118 more lines", "Says so, but is not")

    assert format_payload(shown, 42, NORMAL) == [
        "         Says so, but is not",
        "  │ {",
        r'  │ "a\u001b"',
        "         118 more lines: hookcli show 42",
    ]


def test_trouble_and_notices_are_sentences_of_ours() -> None:
    assert format_trouble("The sender went away", NORMAL) == ["       ! The sender went away"]
    assert format_notice("Not stored", "Free some space", AT, NORMAL) == [
        "14:03:22 *** Not stored",
        "         Free some space",
    ]


def test_a_flood_is_summed_up() -> None:
    flood = Flood(103, 1514, {"BAD": 2, "valid": 1410}, {500: 7, 200: 405, None: 1}, 12.2)

    assert format_flood_start(412, AT, NORMAL) == [
        "14:03:22 *** 412 a second: payloads no longer shown; all are kept and answered"
    ]
    assert format_flood(flood, AT, WIDE) == [
        "14:03:22 *** #103-#1514: 1,410 [valid] 2 [BAD]; 405 [200] 7 [500] 1 [none]; median 12 ms"
    ]
    assert format_flood_end(3296, AT, AT, NORMAL) == [
        "14:03:22 *** Calm again, 3,296 payloads not shown: hookcli list --since 14:03"
    ]


def test_a_second_may_bring_only_deliveries_or_only_answers() -> None:
    assert format_flood(Flood(1, 9, {"valid": 9}, {}, 0), AT, NORMAL) == [
        "14:03:22 *** #1-#9: 9 [valid]"
    ]
    assert format_flood(Flood(0, 0, {}, {200: 9}, 3), AT, NORMAL) == [
        "14:03:22 *** 9 [200]; median 3 ms"
    ]


WIRE = st.binary().map(lambda raw: raw.decode("latin-1"))
HOSTILE = st.text(st.characters(exclude_categories=[])) | WIRE
DELIVERIES = st.builds(
    Delivery,
    id=st.integers(1, 10**9),
    method=HOSTILE,
    path=HOSTILE,
    query=HOSTILE,
    headers=st.lists(st.tuples(st.sampled_from(["Content-Type", "Content-Encoding"]), WIRE)).map(
        Headers
    ),
    body=st.binary() | HOSTILE.map(lambda text: text.encode("utf-8", "surrogatepass")),
    received_at=st.just(AT),
    provider=st.none() | st.just("github"),
    event=st.none() | HOSTILE,
    action=st.none() | HOSTILE,
    delivery_id=st.none() | HOSTILE,
    handshake=st.none(),
    repeats=st.none() | st.just(1),
)
SCREENS = st.builds(
    Screen,
    width=st.integers(40, 200),
    colour=st.booleans(),
    utf8=st.booleans(),
    zone=st.just(UTC),
)
OURS = re.compile(r"\d\d:\d\d:\d\d | {7}!| {9}|  [│|] ")


@given(DELIVERIES, HOSTILE, SCREENS)
def test_nothing_received_can_act_on_the_terminal_or_pass_for_ours(
    delivery: Delivery, text: str, screen: Screen
) -> None:
    """No line is too wide, holds a control or begins with what was received."""
    body = view(delivery.headers, delivery.body, size=delivery.size, limit=20, cells=screen.room)

    lines = [
        *format_delivery(delivery, screen),
        *format_payload(body, delivery.id, screen),
        *format_trouble(text, screen),
        *format_notice(text, text, AT, screen),
    ]

    plain = [re.sub(r"\x1b\[[0-9;]+m", "", line) if screen.colour else line for line in lines]
    categories = {unicodedata.category(character) for line in plain for character in line}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert max(map(width, plain)) < screen.width
    assert all(OURS.match(line) for line in plain if line)
