"""What is said of deliveries that are sent again is short, true and harmless."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hookcli.delivery import Attempt
from hookcli.replay_lines import Remark, Tally, format_going, format_summary, said_of
from hookcli.screen import Screen

AT = datetime(2026, 11, 24, 14, 6, 1, tzinfo=UTC)
SCREEN = Screen(width=80, zone=UTC)
URL = "http://127.0.0.1:3000"


def attempt(duration_ms: float = 12, status: int | None = 200, error: str | None = None) -> Attempt:
    """Return what came of one send."""
    return Attempt(
        kind="replay", started_at=AT, duration_ms=duration_ms, status=status, error=error
    )


@pytest.mark.parametrize(
    ("remark", "said", "todo"),
    [
        (
            Remark("signed", 5, "GitHub", "github, from env X"),
            "#5 is changed, so it is signed anew with the secret github, from env X",
            "",
        ),
        (
            Remark("unsigned", 5, "github"),
            "#5 is changed, and its signature will not be right: no secret for it",
            "Give it: --secret github=env:NAME; or say --no-sign",
        ),
        (
            Remark("expired", 5, "Stripe"),
            "The signature of #5 is older than Stripe's libraries allow",
            "Sign it anew: hookcli replay 5 --sign",
        ),
        (
            Remark("repeated", 5, "Stripe"),
            "#5 goes with the same delivery id again",
            "A handler may drop it as a duplicate: --new-delivery-id",
        ),
        (
            Remark("untold", 5, "GitHub"),
            "#5 says nowhere that it is a retry: GitHub has no header for it",
            "",
        ),
        (
            Remark("untold", 5, ""),
            "#5 says nowhere that it is a retry: its sender has no header for it",
            "",
        ),
        (Remark("nameless", 5, ""), "#5 has no delivery id, so it gets no new one", ""),
    ],
)
def test_a_remark_says_what_is_and_what_to_do(remark: Remark, said: str, todo: str) -> None:
    assert remark.said() == (said, todo)


def test_a_summary_counts_and_measures() -> None:
    """Half of them were as fast as p50, and all but one of twenty as p95."""
    tally = Tally()
    for number in range(1, 21):
        tally.add(attempt(duration_ms=number))

    assert format_summary(tally, AT, SCREEN) == ["14:06:01 *** 20 sent; p50 10 ms, p95 19 ms"]


def test_failures_are_counted() -> None:
    """No answer, one that is not whole, and one that is not 2xx."""
    tally = Tally()
    for each in (attempt(), attempt(status=None), attempt(error="broke off"), attempt(status=301)):
        tally.add(each)

    assert (tally.count, tally.failed) == (4, 3)
    assert "4 sent, 3 failed;" in format_summary(tally, AT, SCREEN)[0]


def test_it_is_said_where_they_go() -> None:
    one = format_going("#42", [(URL, "where it was last sent")], SCREEN)
    many = format_going("2 deliveries", [(URL, ""), (f"{URL}/x", "as [forward] says")], SCREEN)

    assert one == [f"Sending #42 to {URL}, where it was last sent"]
    assert many == [f"Sending 2 deliveries to {URL}", f"    and to {URL}/x, as [forward] says"]


@pytest.mark.parametrize(
    ("deliveries", "times", "said"),
    [
        ([42], 1, "#42"),
        ([42, 43], 1, "2 deliveries"),
        ([42], 3, "#42 3 times"),
        ([42, 43], 3, "2 deliveries, 3 times each,"),
    ],
)
def test_what_is_sent_is_said(deliveries: list[int], times: int, said: str) -> None:
    assert said_of(deliveries, times) == said
