"""What is exported goes where it came to, with all headers that can be sent."""

from __future__ import annotations

import pytest

from hookcli.delivery import Delivery, Headers
from hookcli.exporting.items import Item, as_bytes, fields
from hookcli.routes import endpoint


def make_delivery(*pairs: tuple[str, str], body: bytes = b"hello") -> Delivery:
    return Delivery(method="POST", path="/a", query="b=c", headers=Headers(pairs), body=body)


@pytest.mark.parametrize(
    ("pairs", "url"),
    [
        ([("Host", "localhost:4567")], "http://localhost:4567/a?b=c"),
        ([("Host", "[::1]:80")], "http://[::1]/a?b=c"),
        ([("Host", "x.test"), ("X-Forwarded-Proto", "https")], "https://x.test/a?b=c"),
        (
            [
                ("Host", "localhost:1"),
                ("X-Forwarded-Host", "x.test"),
                ("X-Forwarded-Proto", "http"),
            ],
            "http://x.test/a?b=c",
        ),
        ([], "http://127.0.0.1:4567/a?b=c"),
        ([("Host", "x.test/'$(id)'")], "http://127.0.0.1:4567/a?b=c"),
        ([("Host", "x.test:99999")], "http://127.0.0.1:4567/a?b=c"),
    ],
)
def test_it_is_sent_where_it_came_to(pairs: list[tuple[str, str]], url: str) -> None:
    """Or to the usual listener, where nothing that can be a host says so."""
    assert Item(make_delivery(*pairs)).url == url


def test_another_place_may_be_given() -> None:
    """As to forward to: with a path it is exact."""
    delivery = make_delivery(("Host", "x.test"))

    assert Item(delivery, to=endpoint("3000")).url == "http://127.0.0.1:3000/a?b=c"
    assert Item(delivery, to=endpoint("3000/x")).url == "http://127.0.0.1:3000/x?b=c"


@pytest.mark.parametrize(
    ("body", "framing"),
    [
        (b"hello", [("Content-Length", "5")]),
        (b"hello", [("transfer-encoding", "Chunked")]),
        (b"", [("Content-Length", "0")]),
    ],
)
def test_what_frames_the_body_stays_in_its_place(
    body: bytes, framing: list[tuple[str, str]]
) -> None:
    delivery = make_delivery(("A", "1"), *framing, ("a", "2"), body=body)

    assert list(fields(delivery)) == [("A", "1"), *framing, ("a", "2")]


def test_what_cannot_be_sent_is_left_out() -> None:
    """Framing that fits not, or twice; Host, which is the new one; names that are none."""
    pairs = [("host", "x"), ("Content-Length", "7"), ("@f", "x"), ("", "x"), ("a b", "x")]
    framing = [("Content-Length", "5"), ("Transfer-Encoding", "chunked")]

    assert list(fields(make_delivery(*pairs, *framing))) == framing[:1]
    assert list(fields(make_delivery(framing[1], body=b""))) == []


def test_a_line_break_starts_no_header() -> None:
    assert list(fields(make_delivery(("A", "1\r\nB: 2\0")))) == [("A", "1 B: 2 ")]


def test_a_character_is_a_byte() -> None:
    """Unless it cannot be one."""
    assert as_bytes("\xe9") == b"\xe9"
    assert as_bytes("\u2026") == "\u2026".encode()
