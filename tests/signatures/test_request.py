"""What a scheme is given to check, and what it says of it."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from hookcli.delivery import Delivery, Headers, SignatureCode
from hookcli.payload import FORM
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


@pytest.mark.parametrize(("size", "whole"), [(2, b"ab"), (5 << 20, b"")])
def test_a_body_that_is_not_held_comes_in_pieces(size: int, whole: bytes) -> None:
    """It is joined only where it is not too large."""
    delivery = make_request(b"", size=size).delivery
    request = Request(delivery=delivery, now=0, chunks=lambda: iter([b"a", b"b"]))

    assert list(request.body()) == [b"a", b"b"]
    assert request.whole() == whole


def test_the_value_of_a_body_is_read_once_for_all_that_ask() -> None:
    """Each secret that is tried asks for it, and reading a large one takes long."""
    request = make_request(b'{"a":[1]}')
    again = replace(request, url="https://hooks.test", now=7)

    assert request.payload() == {"a": [1]}
    assert again.payload() is request.payload()


@pytest.mark.parametrize(
    ("name", "value", "payload"),
    [
        ("Content-Type", "text/plain", None),
        ("Content-Type", FORM, {"a": "1"}),
        ("Content-Encoding", "gzip", None),
    ],
)
def test_the_same_bytes_of_another_kind_are_another_value(
    name: str, value: str, payload: object
) -> None:
    request = make_request(b"a=1").with_header("Content-Type", FORM)

    assert request.payload() == {"a": "1"}
    assert request.with_header(name, value).payload() == payload
    assert request.with_body(b"a=2").payload() == {"a": "2"}


def test_a_small_body_that_grows_large_is_not_read() -> None:
    """Whoever signs with fields of the body sends few of them, and not packed."""
    small, large = (gzip.compress(b'{"a":"' + b"x" * size + b'"}') for size in (9, 2 << 20))
    request = make_request(small).with_header("Content-Encoding", "gzip")

    assert request.payload() == {"a": "x" * 9}
    assert request.with_body(large).payload() is None


def test_another_body_takes_the_place_of_pieces_too() -> None:
    request = Request(delivery=make_request().delivery, now=0, chunks=lambda: [b"old"])
    changed = request.with_body(b"newer")

    assert list(changed.body()) == [b"newer"]
    assert changed.delivery.size == 5


def test_the_first_of_repeated_headers_is_read_without_spaces_around_it() -> None:
    assert make_request().header("X-SIG") == "a"
    assert make_request().header("other") is None


def test_a_header_is_set_where_it_stood_and_stands_once() -> None:
    request = make_request().with_header("X-Other", "1").with_header("x-sig", "new")

    assert list(request.delivery.headers) == [("x-sig", "new"), ("X-Other", "1")]


@pytest.mark.parametrize(
    ("headers", "url"),
    [
        ([], "https://localhost/a?b=1"),
        ([("Host", "x.test")], "https://x.test/a?b=1"),
        ([("Host", "x.test"), ("X-Forwarded-Proto", "http")], "http://x.test/a?b=1"),
        ([("Host", "localhost:1"), ("X-Forwarded-Host", "y.test")], "https://y.test/a?b=1"),
    ],
)
def test_an_unknown_url_is_told_from_the_headers(headers: list[tuple[str, str]], url: str) -> None:
    delivery = Delivery(method="POST", path="/a", query="b=1", headers=Headers(headers))

    assert Request(delivery=delivery, now=0).sent_to() == url
    assert Request(delivery=delivery, now=0, url="https://z.test/").sent_to() == "https://z.test/"


@pytest.mark.parametrize(
    ("code", "matched"),
    [("valid", True), ("expired_timestamp", True), ("mismatch", False)],
)
def test_a_right_signature_at_a_wrong_time_matched(code: SignatureCode, *, matched: bool) -> None:
    assert Finding(code, "", "").matched is matched
