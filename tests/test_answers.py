"""Every sender gets the same answer, and it is kept as it was given."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hookcli.answers import BuiltIn
from hookcli.delivery import Headers
from tests.stores.builders import NOON, make_delivery


def test_the_answer_is_kept_as_it_is_given() -> None:
    """With its delivery, and how long that waited for it."""
    answer = BuiltIn(status=503, body=b"later", headers=Headers([("Retry-After", "1")]))

    attempt = answer.attempt(make_delivery(id=7), NOON + timedelta(milliseconds=12.5))

    assert (attempt.kind, attempt.delivery, attempt.endpoint) == ("answer", 7, None)
    assert (attempt.status, attempt.body, attempt.headers) == (503, b"later", answer.headers)
    assert (attempt.started_at, attempt.duration_ms) == (NOON, 12.5)
    assert attempt.failed


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("POST", 204), ("POST", 304)])
def test_an_answer_that_has_no_body_is_kept_without(method: str, status: int) -> None:
    """It was not sent either."""
    attempt = BuiltIn(status=status).attempt(make_delivery(method=method), NOON)

    assert attempt.body == b""


def test_a_clock_that_was_set_back_makes_no_negative_time() -> None:
    attempt = BuiltIn().attempt(make_delivery(), NOON - timedelta(hours=1))

    assert attempt.duration_ms == 0


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (BuiltIn(), True),
        (BuiltIn(status=200, body=b"ok"), True),
        (BuiltIn(status=201), False),
        (BuiltIn(body=b""), False),
        (BuiltIn(headers=Headers([("X-A", "1")])), False),
        (BuiltIn(delay_s=1), False),
    ],
)
def test_what_differs_from_the_usual_is_worth_telling(answer: BuiltIn, expected: bool) -> None:
    assert answer.is_default is expected
