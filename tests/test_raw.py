"""A delivery written as a request that can be read back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import Delivery, Headers
from hookcli.raw import raw_head


def make_delivery(*pairs: tuple[str, str], body: bytes = b"", query: str = "") -> Delivery:
    return Delivery(method="POST", path="/hooks", query=query, headers=Headers(pairs), body=body)


def test_a_request_is_written_as_it_came() -> None:
    delivery = make_delivery(
        ("Host", "localhost:4567"),
        ("x-one", "1"),
        ("X-ONE", "caf\xe9"),
        ("content-length", "3"),
        body=b"a\nb",
        query="x=%20",
    )

    assert raw_head(delivery) + b"a\nb" == (
        b"POST /hooks?x=%20 HTTP/1.1\r\n"
        b"Host: localhost:4567\r\n"
        b"x-one: 1\r\n"
        b"X-ONE: caf\xe9\r\n"
        b"content-length: 3\r\n"
        b"\r\n"
        b"a\nb"
    )


def test_a_chunked_request_gets_its_length_instead() -> None:
    """The chunks are gone from the body, so the header must not announce them."""
    delivery = make_delivery(("Transfer-Encoding", "chunked"), ("Host", "x"), body=b"abc")

    assert raw_head(delivery) == (b"POST /hooks HTTP/1.1\r\nContent-Length: 3\r\nHost: x\r\n\r\n")


def test_a_body_is_framed_once_and_rightly() -> None:
    wrong = make_delivery(("Content-Length", "9"), ("Transfer-Encoding", "chunked"), body=b"abc")
    none = make_delivery(body=b"abc")

    assert raw_head(wrong) == raw_head(none) == b"POST /hooks HTTP/1.1\r\nContent-Length: 3\r\n\r\n"


def test_a_request_without_a_body_needs_no_length() -> None:
    assert raw_head(make_delivery()) == b"POST /hooks HTTP/1.1\r\n\r\n"


def test_a_value_with_line_breaks_adds_no_header() -> None:
    delivery = make_delivery(("X-A", "1\r\nX-B: 2\r\n\r\nbody"))

    assert raw_head(delivery) == b"POST /hooks HTTP/1.1\r\nX-A: 1 X-B: 2 body\r\n\r\n"


def test_a_path_beyond_ascii_keeps_its_bytes() -> None:
    sent = b"/caf\xc3\xa9\xff"
    delivery = Delivery(method="GET", path=sent.decode("utf-8", "surrogateescape"))

    assert raw_head(delivery) == b"GET " + sent + b" HTTP/1.1\r\n\r\n"


latin = st.text(st.characters(codec="latin-1"))


@given(st.lists(st.tuples(latin, latin)), st.binary())
def test_the_body_comes_after_the_first_empty_line(
    pairs: list[tuple[str, str]], body: bytes
) -> None:
    raw = raw_head(make_delivery(*pairs, body=body)) + body

    assert raw.partition(b"\r\n\r\n")[2] == body
