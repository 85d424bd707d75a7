"""The values keep what came exactly, and say what it means."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hookcli.delivery import Attempt, Delivery, Headers, SignatureCode, Verdict

RAW = [(b"X-One", b"1"), (b"x-one", b"\xe9"), (b"Host", b"x")]


def make_attempt(status: int | None, error: str | None = None) -> Attempt:
    """Return an answer of that status."""
    started = datetime.fromtimestamp(0, UTC)
    return Attempt(kind="answer", started_at=started, duration_ms=1.0, status=status, error=error)


def test_headers_keep_order_case_and_repeats() -> None:
    """A character stands for a byte."""
    headers = Headers.from_raw(RAW)

    assert list(headers) == [("X-One", "1"), ("x-one", "\xe9"), ("Host", "x")]
    assert len(headers) == 3


def test_a_header_is_found_whatever_its_case() -> None:
    """Of several, it is the first."""
    headers = Headers.from_raw(RAW)

    assert headers.get("X-ONE") == "1"
    assert headers.get("none") is None


def test_headers_are_values() -> None:
    """Equal pairs are equal headers, and can be a key."""
    assert Headers.from_raw(RAW) == Headers(Headers.from_raw(RAW))
    assert len({Headers.from_raw(RAW), Headers.from_raw(RAW)}) == 1
    assert Headers([("a", "b")]) != [("a", "b")]
    assert repr(Headers([("a", "b")])) == "Headers([('a', 'b')])"


@pytest.mark.parametrize(
    ("delivery", "size", "held"),
    [
        (Delivery(method="POST", path="/", body=b"abc"), 3, True),
        (Delivery(method="GET", path="/"), 0, True),
        (Delivery(method="POST", path="/", size=2 << 20), 2 << 20, False),
    ],
)
def test_a_delivery_knows_whether_its_body_is_there(
    delivery: Delivery, size: int, held: bool
) -> None:
    """A large one stays in the store."""
    assert (delivery.size, delivery.held) == (size, held)


def test_the_target_is_that_of_the_request_line() -> None:
    """With the query only where there is one."""
    assert Delivery(method="GET", path="/a", query="b=1").target == "/a?b=1"
    assert Delivery(method="GET", path="/a").target == "/a"


@pytest.mark.parametrize(
    ("code", "failed"),
    [("valid", False), ("unsigned", False), ("unchecked", False), ("mismatch", True)],
)
def test_a_verdict_fails_only_where_something_is_wrong(code: SignatureCode, failed: bool) -> None:
    """Not to be signed, or not to be checked, is no failure."""
    assert Verdict(code, "why").failed is failed


@pytest.mark.parametrize(
    ("status", "failed"), [(200, False), (299, False), (300, True), (199, True), (None, True)]
)
def test_an_attempt_fails_outside_2xx(status: int | None, failed: bool) -> None:
    """No answer at all is a failure, too."""
    assert make_attempt(status).failed is failed


def test_an_attempt_whose_answer_broke_off_has_failed() -> None:
    """Whatever its status was: the sender saw no end of it."""
    assert make_attempt(200, error="The app broke off").failed


def test_a_delivery_that_was_judged_is_the_same_but_for_the_verdict() -> None:
    """And the one before stays as it is."""
    delivery = Delivery(method="POST", path="/", id=7, body=b"x", headers=Headers([("A", "b")]))
    verdict = Verdict("mismatch", "The secrets differ")

    judged = delivery.judged(verdict)

    assert judged == replace(delivery, signature=verdict)
    assert judged.signature is verdict
    assert delivery.signature != verdict


def test_a_delivery_that_was_numbered_is_the_same_but_for_the_number() -> None:
    delivery = Delivery(method="POST", path="/", body=b"x", headers=Headers([("A", "b")]))

    assert delivery.numbered(7) == replace(delivery, id=7)
    assert delivery.id == 0


def test_headers_are_found_by_names_in_any_case() -> None:
    """Of repeated ones the first counts."""
    headers = Headers([("X-One", "1"), ("x-one", "2"), ("X-TWO", "3")])

    assert dict(headers.folded) == {"x-one": "1", "x-two": "3"}
    assert (headers.get("X-ONE"), headers.get("x-two"), headers.get("x-three")) == ("1", "3", None)
