"""What a person may type, and what is said where it is wrong."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli import grammar
from hookcli.errors import UsageError
from hookcli.grammar import Reference

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 24, 22, 35, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("2m", 120), ("12h", 43_200), ("7d", 604_800), ("0.5s", 0.5)],
)
def test_a_duration_is_a_number_with_an_optional_unit(text: str, seconds: float) -> None:
    assert grammar.duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "close"),
    [("10min", "10m"), ("500ms", "0.5s"), ("2w", "14d"), ("3Hours", "3h"), ("2x", "2s")],
)
def test_a_wrong_duration_names_the_nearest_right_one(text: str, close: str) -> None:
    with pytest.raises(UsageError, match="is not a duration") as caught:
        grammar.duration(text)

    assert f"Did you mean {close}?" in caught.value.hint


@pytest.mark.parametrize("text", ["", "soon", "-5", "1e9", "nan", "٣s", "9" * 40])
def test_what_is_no_number_is_no_duration(text: str) -> None:
    with pytest.raises(UsageError, match="is not a duration"):
        grammar.duration(text)


def test_an_app_has_some_time_for_its_answer() -> None:
    """With none, each of its answers would be too late."""
    with pytest.raises(UsageError, match="no app answers in no time"):
        grammar.patience("0s")

    assert grammar.patience("0.5") == 0.5


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("512", 512),
        ("512B", 512),
        ("64K", 65_536),
        ("25MB", 26_214_400),
        ("25mb", 26_214_400),
        ("1GiB", 1 << 30),
        ("1.5K", 1_536),
    ],
)
def test_sizes_are_powers_of_1024(text: str, amount: float) -> None:
    assert grammar.size(text) == amount


@pytest.mark.parametrize(("text", "close"), [("25mega", "25MB"), ("64KX", "64KB")])
def test_a_wrong_size_names_the_nearest_right_one(text: str, close: str) -> None:
    with pytest.raises(UsageError, match="is not a size") as caught:
        grammar.size(text)

    assert f"Did you mean {close}?" in caught.value.hint


@pytest.mark.parametrize("text", ["", "big", "-1K", "1Q"])
def test_what_is_no_size_shows_the_forms(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        grammar.size(text)

    assert caught.value.hint == "A size looks like 64K, 25MB or 1GiB"


def test_a_moment_is_iso_or_so_long_ago() -> None:
    ago = grammar.moment("2h", NOW)
    iso = grammar.moment("2026-11-24T23:00:00+01:00", NOW)

    assert ago == NOW - timedelta(hours=2)
    assert iso == datetime(2026, 11, 24, 22, tzinfo=UTC)


@pytest.mark.parametrize(("text", "hour"), [("14:10", 14), ("9:05", 9), ("09:05:30", 9)])
def test_a_clock_time_is_of_today_in_local_time(text: str, hour: float) -> None:
    local = grammar.moment(text, NOW).astimezone()

    assert local.date() == NOW.astimezone().date()
    assert local.hour == hour


def test_a_time_without_an_offset_is_local() -> None:
    assert grammar.moment("2026-11-24T14:10", NOW) == datetime(2026, 11, 24, 14, 10).astimezone()


@pytest.mark.parametrize("text", ["yesterday", "25:00", "999999999999d", "0001-01-01", "10min"])
def test_a_wrong_time_shows_the_forms(text: str) -> None:
    with pytest.raises(UsageError, match="is not a time") as caught:
        grammar.moment(text, NOW)

    assert "14:10" in caught.value.hint


def test_digits_are_the_stores_number() -> None:
    assert grammar.reference("42") == Reference(text="42", number=42)
    assert grammar.reference("#42") == Reference(text="42", number=42)
    assert not grammar.reference("1234567").may_be_prefix


def test_more_digits_than_a_store_counts_are_no_number_of_it() -> None:
    reference = grammar.reference("9" * 30)

    assert reference.number == -1
    assert not reference.may_be_prefix


def test_latest_counts_back() -> None:
    assert grammar.reference("latest").back == 0
    assert grammar.reference("latest~3").back == 3


def test_six_characters_of_a_providers_id_are_enough() -> None:
    assert grammar.reference("72d316").may_be_prefix
    assert not grammar.reference("72d31").may_be_prefix


@pytest.mark.parametrize("text", ["", "latest~", "latest~-1", "latest1", "latest^"])
def test_what_can_name_no_delivery_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        grammar.reference(text)

    assert "latest~1" in caught.value.hint


def test_a_header_keeps_its_bytes() -> None:
    assert grammar.header("X-A:  b: c ") == ("X-A", "b: c")
    assert grammar.header("X-A: é") == ("X-A", "Ã©")
    assert grammar.header("X-Empty:") == ("X-Empty", "")


@pytest.mark.parametrize("text", ["", "X-A", "X A: b", ": b", "X-A: b\r\nX-B: c", "X-A: \0"])
def test_a_wrong_header_shows_the_form(text: str) -> None:
    with pytest.raises(UsageError, match="is not a header") as caught:
        grammar.header(text)

    assert "Content-Type: text/plain" in caught.value.hint


def test_a_header_with_an_equals_sign_is_put_right() -> None:
    with pytest.raises(UsageError) as caught:
        grammar.header("X-A=b")

    assert caught.value.hint == "Did you mean 'X-A: b'?"


def test_a_status_is_that_of_a_final_answer() -> None:
    assert grammar.status("503") == 503
    for text in ("", "20", "100", "600", "ok", "2xx"):
        with pytest.raises(UsageError, match="is not an HTTP status"):
            grammar.status(text)


def test_the_nearest_choice_ignores_case() -> None:
    assert grammar.nearest("Provder", ["provider", "event"]) == "provider"
    assert grammar.nearest("zzz", ["provider", "event"]) is None
    assert grammar.suggestion("evnt", ["provider", "event"]) == (
        "Did you mean event? There is: provider, event"
    )


@given(st.text())
def test_any_text_is_read_or_refused_as_wrong_usage(text: str) -> None:
    """No parser fails in another way, whatever is typed."""
    readers: list[Callable[[str], object]] = [
        grammar.duration,
        grammar.size,
        grammar.reference,
        grammar.header,
        grammar.status,
        lambda given: grammar.moment(given, NOW),
    ]

    for read in readers:
        with suppress(UsageError):
            read(text)
