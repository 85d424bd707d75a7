"""What a scheme is given to check, and what it says of it."""

from __future__ import annotations

import pytest

from hookcli.delivery import HELD_BODY, Delivery, Headers, SignatureCode
from hookcli.signatures.request import Finding, Request


def make_request(body: bytes = b"{}", *, size: int = -1) -> Request:
    delivery = Delivery(
        method="POST",
        path="/",
        headers=Headers([("X-Sig", " a "), ("x-sig", "b")]),
        body=body,
        size=size,
    )
    return Request(delivery=delivery, now=0)


def test_a_held_body_is_one_piece() -> None:
    request = make_request(b"abc")

    assert list(request.body()) == [b"abc"]
    assert request.whole() == b"abc"


def test_a_body_that_is_not_held_comes_in_pieces() -> None:
    """It is never joined: what needs it whole gets nothing."""
    large = make_request(b"", size=HELD_BODY + 1)
    request = Request(delivery=large.delivery, now=0, chunks=lambda: iter([b"a", b"b"]))

    assert list(request.body()) == [b"a", b"b"]
    assert request.whole() == b""


def test_another_body_takes_the_place_of_pieces_too() -> None:
    request = Request(delivery=make_request().delivery, now=0, chunks=lambda: [b"old"])
    changed = request.with_body(b"newer")

    assert list(changed.body()) == [b"newer"]
    assert changed.delivery.size == 5


def test_the_first_of_repeated_headers_is_read_without_spaces_around_it() -> None:
    assert make_request().header("X-SIG") == "a"
    assert make_request().header("other") is None


@pytest.mark.parametrize(
    ("code", "matched"),
    [("valid", True), ("expired_timestamp", True), ("mismatch", False)],
)
def test_a_right_signature_at_a_wrong_time_matched(code: SignatureCode, *, matched: bool) -> None:
    assert Finding(code, "", "").matched is matched
