"""What becomes of an app is one line, with where the deliveries are that it missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hookcli.endpoint_lines import EndpointChange, format_endpoint
from hookcli.screen import Screen
from hookcli.text import width

SCREEN = Screen(zone=UTC)
SINCE = datetime(2026, 11, 24, 14, 7, 15, tzinfo=UTC)
AT = SINCE + timedelta(seconds=12)
URL = "http://127.0.0.1:3000"
DOWN = EndpointChange(URL, up=False, since=SINCE, missed=1)
UP = EndpointChange(URL, up=True, since=SINCE, missed=0)


def told(change: EndpointChange, screen: Screen = SCREEN, *, awaited: bool = True) -> list[str]:
    return format_endpoint(change, SINCE if not change.up else AT, screen, awaited=awaited)


def test_an_app_that_is_gone_is_shouted() -> None:
    assert told(DOWN) == [
        "14:07:15 *** http://127.0.0.1:3000 DOWN: nothing listens there, senders get 502"
    ]


def test_senders_get_nothing_where_none_waits() -> None:
    assert told(DOWN, awaited=False) == [
        "14:07:15 *** http://127.0.0.1:3000 DOWN: nothing listens there"
    ]


def test_an_app_that_is_back_says_after_how_long() -> None:
    assert told(UP) == ["14:07:27 *** http://127.0.0.1:3000 UP after 12 s"]


def test_a_clock_that_was_set_back_makes_no_negative_time() -> None:
    early = format_endpoint(UP, SINCE - timedelta(hours=1), SCREEN, awaited=True)

    assert early[0].endswith("UP after 0 ms")


def test_what_it_missed_can_be_found() -> None:
    assert told(UP._replace(missed=1))[1:] == [
        "         1 delivery failed meanwhile: hookcli list --failed --since 14:07"
    ]
    assert told(UP._replace(missed=3))[1:] == [
        "         3 deliveries failed meanwhile: hookcli list --failed --since 14:07"
    ]


def test_the_shouting_is_coloured() -> None:
    [line] = told(DOWN, Screen(colour=True, zone=UTC))

    assert "\x1b[4;36mhttp://127.0.0.1:3000\x1b[0m\x1b[1;31m DOWN\x1b[0m" in line


@given(st.text(), st.integers(40, 200), st.booleans())
def test_no_line_is_too_wide(host: str, columns: int, utf8: bool) -> None:
    """A host may be long, and there may be few columns."""
    screen = Screen(width=columns, utf8=utf8, zone=UTC)
    lines = told(UP._replace(url=f"https://{host}", missed=9), screen)
    lines += told(DOWN._replace(url=f"https://{host}"), screen)

    assert max(map(width, lines)) < columns
    assert all(line.isascii() for line in lines) or utf8
