"""How senders write the time, and how far off it may be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import Delivery
from hookcli.signatures.clocks import SECONDS, Clock
from hookcli.signatures.request import Request

NOW = 1_790_000_000
FIVE = Clock(tolerance=300)
PAST = Clock(tolerance=300, future=False)
MILLISECONDS = Clock(unit="milliseconds", tolerance=300)
ISO = Clock(unit="ISO 8601", tolerance=300)


def judged(clock: Clock, text: str, tolerance: float | None = None) -> tuple[str, str] | None:
    delivery = Delivery(method="POST", path="/")
    return clock.judge(text, Request(delivery=delivery, now=NOW, tolerance=tolerance))


@pytest.mark.parametrize("clock", [FIVE, MILLISECONDS, ISO])
def test_what_a_clock_writes_it_reads(clock: Clock) -> None:
    assert clock.read(clock.written(NOW + 0.7)) == pytest.approx(NOW, abs=1)
    assert judged(clock, clock.written(NOW)) is None


@pytest.mark.parametrize(
    ("clock", "age", "code"),
    [
        (FIVE, 300, None),
        (FIVE, 301, "expired_timestamp"),
        (FIVE, -300, None),
        (FIVE, -301, "future_timestamp"),
        (PAST, -10_000, None),
        (PAST, 301, "expired_timestamp"),
        (MILLISECONDS, 301, "expired_timestamp"),
        (ISO, -301, "future_timestamp"),
        (SECONDS, 1e6, None),
    ],
)
def test_a_time_may_be_so_far_off(clock: Clock, age: float, code: str | None) -> None:
    found = judged(clock, clock.written(NOW - age))

    assert (found and found[0]) == code


def test_how_far_off_it_is_and_may_be_is_said() -> None:
    assert judged(FIVE, str(NOW - 412)) == (
        "expired_timestamp",
        "signed 6 min 52 s ago; 5 min are allowed",
    )
    assert judged(FIVE, str(NOW + 600)) == (
        "future_timestamp",
        "signed 10 min ahead; 5 min are allowed",
    )


def test_a_given_tolerance_takes_the_place_of_the_libraries() -> None:
    assert judged(FIVE, str(NOW - 1_000), tolerance=2_000) is None
    assert judged(FIVE, str(NOW - 10), tolerance=5)
    assert judged(SECONDS, str(NOW - 10), tolerance=5)


@pytest.mark.parametrize("text", ["", "now", "-1", "1.5", "²", "1" * 16, "0x1"])
def test_a_timestamp_that_is_none_is_malformed(text: str) -> None:
    found = judged(FIVE, text)

    assert found == ("malformed_signature", "the timestamp is not in seconds")


@pytest.mark.parametrize(
    ("clock", "text", "said"),
    [
        (FIVE, f"{NOW}000", "milliseconds, not seconds"),
        (MILLISECONDS, str(NOW), "seconds, not milliseconds"),
    ],
)
def test_the_wrong_unit_is_told(clock: Clock, text: str, said: str) -> None:
    code, detail = judged(clock, text) or ("", "")

    assert code == "malformed_signature"
    assert said in detail


@pytest.mark.parametrize(
    "text", ["2026-09-21T14:13:20.123456789Z", "2026-09-21T14:13:20", "2026-09-21T16:13:20+02:00"]
)
def test_reads_nanoseconds_and_zones(text: str) -> None:
    assert ISO.read(text) == pytest.approx(NOW, abs=1)


@given(st.text())
def test_any_text_is_read_or_is_none(text: str) -> None:
    for clock in (FIVE, MILLISECONDS, ISO):
        assert isinstance(clock.read(text), (int, float, type(None)))
