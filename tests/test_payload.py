"""What is read from a body, and what is left alone."""

from __future__ import annotations

import gzip
import zlib
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import Headers
from hookcli.payload import content_type, decoded, json_text, payload_of

JSON = Headers([("Content-Type", "application/json; charset=utf-8")])
FORM = Headers([("Content-Type", "application/x-www-form-urlencoded")])
PLAIN = Headers()


def compressed(encoding: str) -> Headers:
    return Headers([*JSON, ("Content-Encoding", encoding)])


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize("kind", ["application/json", "text/json", "application/cloudevents+json"])
def test_json_is_known_by_its_content_type(kind: str) -> None:
    assert payload_of(Headers([("content-type", kind)]), b' "text" ') == "text"


def test_json_is_known_by_its_first_character() -> None:
    assert payload_of(PLAIN, b'\r\n {"a": [1]}') == {"a": [1]}
    assert payload_of(PLAIN, b"[1]") == [1]
    assert payload_of(PLAIN, b"123") is None


def test_json_sent_as_a_form_is_json_still() -> None:
    """`curl -d '{…}'` says that it sends a form."""
    assert payload_of(FORM, b'{"action":"opened"}') == {"action": "opened"}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"NaN", b'{"a":NaN}', b"[1e400]", b'["\xff"]', b"\xef\xbb\xbf{}", b"{}{}"]
)
def test_what_is_not_rfc_8259_has_no_value(body: bytes) -> None:
    assert payload_of(JSON, body) is None
    assert json_text(JSON, body) is None


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_two_hundred_levels_are_read_and_no_more(opening: bytes, closing: bytes) -> None:
    def nested(levels: int) -> bytes:
        return opening * levels + b"1" + closing * levels

    assert payload_of(JSON, nested(200)) is not None
    assert payload_of(JSON, nested(201)) is None
    assert payload_of(JSON, nested(10_000)) is None


def test_many_brackets_are_not_many_levels() -> None:
    assert payload_of(JSON, b"[" + b"[]," * 5_000 + b'"[[["]') is not None


def test_the_last_duplicate_key_wins() -> None:
    assert payload_of(JSON, b'{"a":1,"a":2}') == {"a": 2}


def test_a_forms_payload_is_read_as_json() -> None:
    body = urlencode({"payload": '{"action": "opened"}', "other": "x"}).encode()

    assert payload_of(FORM, body) == {"action": "opened"}


def test_a_forms_fields_are_the_value_where_no_json_is_inside() -> None:
    assert payload_of(FORM, b"a=1&b=2&b=%C3%A9&c=&payload=text") == {
        "a": "1",
        "b": ["2", "é"],
        "c": "",
        "payload": "text",
    }


@pytest.mark.parametrize("body", [b"", b"a&" * 20_000])
def test_a_form_without_fields_or_with_too_many_has_no_value(body: bytes) -> None:
    assert payload_of(FORM, body) is None


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b'{"a":1}')),
        ("x-gzip", gzip.compress(b'{"a"') + gzip.compress(b":1}")),
        ("Deflate", zlib.compress(b'{"a":1}')),
        ("deflate", raw_deflate(b'{"a":1}')),
        ("deflate, gzip", gzip.compress(zlib.compress(b'{"a":1}'))),
        ("identity", b'{"a":1}'),
    ],
)
def test_compression_is_undone(encoding: str, body: bytes) -> None:
    assert payload_of(compressed(encoding), body) == {"a": 1}
    assert json_text(compressed(encoding), body) == b'{"a":1}'


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b'{"a":1}'),
        ("gzip", gzip.compress(b'{"a":1}')[:-1]),
        ("deflate", b"\x00garbage"),
        ("br", b'{"a":1}'),
        ("gzip, br", gzip.compress(b"{}")),
    ],
)
def test_what_cannot_be_undone_has_no_value(encoding: str, body: bytes) -> None:
    assert decoded(compressed(encoding), body) is None
    assert payload_of(compressed(encoding), body) is None


def test_a_compression_bomb_is_left_alone() -> None:
    """One byte over the limit is too much, also when split over members."""
    ten = gzip.compress(b" " * 10)

    assert decoded(compressed("gzip"), ten, limit=10) == b" " * 10
    assert decoded(compressed("gzip"), ten, limit=9) is None
    assert decoded(compressed("gzip"), ten + ten, limit=19) is None
    assert decoded(compressed("gzip"), gzip.compress(b"") * 100_000) is None


def test_a_content_type_is_compared_without_case_and_parameters() -> None:
    assert content_type(JSON) == "application/json"
    assert content_type(Headers([("CONTENT-TYPE", " Text/Plain ;x=y")])) == "text/plain"
    assert content_type(PLAIN) == ""


latin = st.text(st.characters(codec="latin-1"))
kinds = st.sampled_from(["application/json", "application/x-www-form-urlencoded", "", "text/x"])
codings = st.sampled_from(["", "gzip", "deflate", "gzip,gzip", ",,,,,,", "br"])
bodies = st.binary() | st.text().map(str.encode) | st.binary().map(gzip.compress)


@given(kinds | latin, codings | latin, bodies)
def test_any_body_is_read_without_failing(kind: str, coding: str, body: bytes) -> None:
    """And what is read can be written as JSON."""
    headers = Headers([("Content-Type", kind), ("Content-Encoding", coding)])

    assert orjson.dumps(payload_of(headers, body))
    text = json_text(headers, body)
    assert text is None or orjson.loads(text) == payload_of(headers, body)
