"""What a body may have been before it was written anew."""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.payload import FORM
from hookcli.signatures.bodies import bodies, json_of

JSON = "application/json"
VALUE = {
    "name": "Grüße 🚀 / <b>",
    "list": [1, 1.0, {}, [], {"deep": [None, True]}],
    "line": 'a\nb "c" \\u00e9 \\/',
    "empty": "",
}


def compact(value: object, *, ascii_only: bool = False) -> str:
    """Write JSON as JavaScript does."""
    return json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))


WRITTEN = {
    "compact": compact(VALUE),
    "of Python": json.dumps(VALUE),
    "of Python, unescaped": json.dumps(VALUE, ensure_ascii=False),
    "indented by 2": json.dumps(VALUE, ensure_ascii=False, indent=2),
    "indented by 4, escaped": json.dumps(VALUE, indent=4),
    "indented by tabs": json.dumps(VALUE, ensure_ascii=False, indent="\t"),
    "of PHP": compact(VALUE, ascii_only=True).replace("/", r"\/"),
    "with its slashes escaped": compact(VALUE).replace("/", r"\/"),
    "of Go": compact(VALUE).replace("<", r"\u003c").replace(">", r"\u003e"),
    "with a final newline": compact(VALUE) + "\n",
    "indented by 2, with CRLF": json.dumps(VALUE, ensure_ascii=False, indent=2).replace(
        "\n", "\r\n"
    ),
    "indented by 3": json.dumps(VALUE, ensure_ascii=False, indent=3),
    "with spaces after colons": json.dumps(VALUE, ensure_ascii=False, separators=(",", ": ")),
}


def originals(body: str | bytes, kind: str = JSON) -> dict[bytes, str]:
    """Return the likely originals of a body, each with what is said of it."""
    raw = body if isinstance(body, bytes) else body.encode()
    return dict(bodies(raw, kind))


@pytest.mark.parametrize("sent", WRITTEN)
@pytest.mark.parametrize("received", WRITTEN)
def test_json_is_found_however_it_was_written_anew(sent: str, received: str) -> None:
    """From any layout and any escapes of the usual libraries to any other."""
    assert WRITTEN[sent].encode() in {WRITTEN[received].encode(), *originals(WRITTEN[received])}


def test_numbers_and_keys_stay_as_they_are() -> None:
    """Only what stands around them is written anew: no value is parsed."""
    body = '{"b": 1.10, "a": 12345678901234567890, "b": 1e3}'

    assert originals(body)[b'{"b":1.10,"a":12345678901234567890,"b":1e3}'] == "as compact JSON"


def test_escapes_that_json_needs_stay() -> None:
    body = r'{"a": "\u0022\u005c\u0007\\u00e9\u00e9"}'

    assert r'{"a":"\u0022\u005c\u0007\\u00e9é"}'.encode() in originals(body)


def test_capitals_are_for_the_digits_of_escapes_only() -> None:
    assert rb'["\u00C4\n\\u00e9"]' in originals(r'["Ä\n\\u00e9"]')
    assert rb'["\u00C4\u001B\\u001b\\\u001F"]' in originals(r'["Ä\u001b\\u001b\\\u001f"]')


@pytest.mark.parametrize(
    ("sent", "received", "how"),
    [
        (b"{}\n", b"{}", "with a newline at its end"),
        (b"{}", b"{}\n", "without the newline at its end"),
        (b"{}\r\n", b"{}", "with a newline (CRLF) at its end"),
        (b"{}\r\n", b"{}\n", "with just one newline (CRLF) at its end"),
        (b"a", b" a ", "without the white space around it"),
        (b"a\r\nb", b"a\nb", "with CRLF as its newlines"),
        (b"a\nb", b"a\r\nb", "with LF as its newlines"),
        (b"a\nb\n", b"a\r\nb", "with LF as its newlines and one at its end"),
        (b"a\nb", b"a\r\nb\r\n", "with LF as its newlines and none at its end"),
        (b'{"a":1}\r\n', b'{ "a": 1 }', "as compact JSON and a newline (CRLF) at its end"),
        (b"a", b"\xef\xbb\xbfa", "without its byte order mark"),
        (b"\xef\xbb\xbfa", b"a", "with a byte order mark"),
        ("ä—".encode(), "ä—".encode().decode("cp1252").encode(), "as Windows-1252"),
        ("ä".encode(), "ä".encode().decode("latin-1").encode(), "as Latin-1"),
        ("ä".encode(), "ä".encode("latin-1"), "before it became Latin-1"),
    ],
)
def test_newlines_marks_and_charsets(sent: bytes, received: bytes, how: str) -> None:
    assert how in originals(received)[sent]


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (b"a=b+c", b"a=b%20c"),
        (b"a=b%20c", b"a=b+c"),
        (b"a=%2f", b"a=%2F"),
        (b"a=%2F", b"a=%2f"),
        (b"a=%28x%29~", b"a=(x)~"),
        (b"a=(x)%20*", b"a=%28x%29+%2A"),
        (b"a=b%2Bc&d=e+f", b"a=b+c&d=e f"),
        (b"a=b+%26+c&d=%2F", b"a=b & c&d=/"),
        (b"a=b%20%26%20c", b"a=b & c"),
        (b"a=b+%26+c", b"a=b+&+c"),
        (b"a=*%7E", b"a=*~"),
        (urlencode({"payload": WRITTEN["compact"]}), "payload=" + WRITTEN["compact"]),
        (b'{"a":1}', urlencode({"payload": '{"a":1}'})),
        ("payload=" + quote_plus(WRITTEN["of Python"]), WRITTEN["of Python"]),
        ("payload=" + quote(WRITTEN["of Python"]), WRITTEN["of Python"]),
        (urlencode({"payload": '{"a":"b&c=d"}'}), 'payload={"a":"b&c=d"}'),
        (b"a=b+%26&c=&d=1&d=%C3%BC", '{"a":"b &","c":"","d":["1","ü"]}'),
        (b"a=b%20~", '{"a": "b ~"}'),
        (b"a=b+%7E*", '{"a": "b ~*"}'),
    ],
)
def test_forms(sent: bytes | str, received: bytes | str) -> None:
    """Encoded otherwise, decoded, or only the payload in them."""
    raw = sent if isinstance(sent, bytes) else sent.encode()

    assert raw in originals(received, FORM)


def test_nothing_is_tried_twice_nor_as_received() -> None:
    tried = [candidate for candidate, _ in bodies(WRITTEN["compact"].encode(), JSON)]

    assert len(tried) == len(set(tried))
    assert WRITTEN["compact"].encode() not in tried


def test_few_bodies_are_tried_however_long_they_are() -> None:
    """Each costs a hash of it all: so their number, and their bytes, have a limit."""
    dense = ("[" + ",".join(['{"é":"/<"}'] * 2_000) + "]").encode()
    many = b"[" + b"0," * 60_000 + b"0]"
    empty = b"[" + b"[]," * 8_000 + b"[]]"
    deep = b"[" * 1000 + b"0" + b",0" * 5_000 + b"]" * 1000

    assert len(list(bodies(dense, JSON))) <= 130
    assert len(list(bodies(many, JSON))) <= 16
    assert len(list(bodies(empty, JSON))) <= 16
    assert max(len(each) for each, _ in bodies(deep, JSON)) < 10 * len(deep)


@pytest.mark.parametrize(
    ("body", "text"),
    [(b' {"a":1}', ' {"a":1}'), (b"[1]", "[1]"), (b"1", None), (b"{", None), (b'["\xff"]', None)],
)
def test_reads_text_that_is_json(body: bytes, text: str | None) -> None:
    assert json_of(body) == text


@given(st.binary() | st.text().map(str.encode), st.sampled_from([JSON, FORM, ""]))
def test_any_body_will_do(body: bytes, kind: str) -> None:
    list(bodies(body, kind))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    ).map(lambda value: [value])
)
def test_any_json_of_python_is_found_from_compact_json(value: object) -> None:
    """Whatever stands in its strings."""
    received = compact(value)

    assert json.dumps(value).encode() in {received.encode(), *originals(received)}
