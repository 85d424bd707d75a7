"""Every body is shown in the view that fits it, and never as what it is not."""

from __future__ import annotations

import gzip
import json
import zlib
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import Headers
from hookcli.payload import FORM
from hookcli.views import VIEWED, View, view

JSON = "application/json"
BODY = json.dumps({"action": "opened", "numbers": list(range(100))}).encode()
START = ["{", '  "action": "opened",', '  "numbers": [', "    0,"]


def viewed(
    body: bytes,
    kind: str = "",
    *,
    encoding: str = "identity",
    size: int | None = None,
    limit: int | None = 4,
    cells: int = 75,
) -> View:
    """Return the view of a body of that content type."""
    headers = Headers([("Content-Type", kind), ("Content-Encoding", encoding)])
    return view(headers, body, size=len(body) if size is None else size, limit=limit, cells=cells)


def plain(view: View) -> list[str]:
    """Return the lines without their styles."""
    return ["".join(text for _, text in line) for line in view.lines]


@pytest.mark.parametrize("kind", [JSON, "application/vnd.api+json; charset=utf-8", "", FORM])
def test_json_is_known_by_its_type_or_its_first_character(kind: str) -> None:
    shown = viewed(BODY, kind)

    assert plain(shown) == START
    assert shown.more == "101 more lines"
    assert shown.note == ""


def test_one_line_is_not_many() -> None:
    assert viewed(b"[1]", limit=2).more == "1 more line"
    assert viewed(b"[1]", limit=3).more == ""


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", gzip.compress(b'{"a":1}')[:-9]), ("deflate", zlib.compress(b'{"a":1}')[:-1])],
)
def test_compression_that_breaks_off_is_said(encoding: str, body: bytes) -> None:
    """What there is of it is shown, and nothing more is promised."""
    shown = viewed(body, JSON, encoding=encoding)

    assert plain(shown) == ["{", '  "a": 1', "}"]
    assert shown.note == f"The {encoding} breaks off: shown as far as it goes"
    assert shown.more == ""


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(BODY)),
        ("X-GZIP", gzip.compress(BODY)),
        ("deflate", zlib.compress(BODY)),
        ("deflate", zlib.compress(BODY, wbits=-15)),
    ],
)
def test_compression_is_undone(encoding: str, body: bytes) -> None:
    shown = viewed(body, JSON, encoding=encoding)

    assert (plain(shown), shown.more) == (START, "101 more lines")


def test_a_bomb_is_undone_only_as_far_as_it_is_shown() -> None:
    shown = viewed(gzip.compress(b"[" + b" " * 50_000_000), JSON, encoding="gzip")

    assert (plain(shown), shown.more) == (["[", "  "], "there is more")


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("gzip", "Says that it is gzip, but is not: shown as it came"),
        ("deflate", "Says that it is deflate, but is not: shown as it came"),
        ("br \x1b", r'Encoded as "br \u001b": shown as it came'),
    ],
)
def test_what_cannot_be_undone_is_shown_as_it_came(encoding: str, note: str) -> None:
    shown = viewed(b"hello", encoding=encoding)

    assert (plain(shown), shown.note) == (["hello"], note)


def test_what_is_not_json_is_shown_as_text_and_said_so() -> None:
    shown = viewed(b'{"a": NaN}', JSON)

    assert plain(shown) == ['{"a": NaN}']
    assert shown.note == "Says that it is JSON, but is not: shown as text"


def test_a_form_has_a_field_a_line() -> None:
    shown = viewed(b"a=1&b=hello+world%0A%1b&&c&d=4&e=5", FORM)

    assert plain(shown) == ["a: 1", "b: hello world\n\x1b", ": ", "c: "]
    assert shown.more == "2 more lines"


def test_the_payload_of_a_form_is_shown_as_json() -> None:
    shown = viewed(b"payload=" + quote(BODY).encode(), FORM, limit=5)

    assert plain(shown) == ["payload:", *START]
    assert shown.more == "101 more lines"


def test_a_payload_that_is_no_json_is_a_field() -> None:
    assert plain(viewed(b"payload=%7B", FORM)) == ["payload: {"]


def test_a_large_payload_of_a_form_is_not_unquoted_whole() -> None:
    body = b"payload=" + quote(json.dumps({"a": "é" * 100_000})).encode()

    shown = viewed(body, FORM, limit=2)

    assert plain(shown)[:2] == ["payload:", "{"]
    assert shown.more.endswith(" more")


def test_xml_is_laid_out_a_tag_a_line() -> None:
    xml = b'<?xml version="1.0"?><a x="1"><b>text &amp; more</b><c/><d><e>1</e></d></a>'

    assert plain(viewed(xml, "text/xml", limit=20)) == [
        '<?xml version="1.0"?>',
        '<a x="1">',
        "  <b>text &amp; more</b>",
        "  <c/>",
        "  <d>",
        "    <e>1</e>",
        "  </d>",
        "</a>",
    ]
    assert viewed(xml, "text/xml").more == "19 B more"


@pytest.mark.parametrize("xml", [b"<a", b"<<a>>", b"a <b", b"<a>\n<b/>\n</a>"])
def test_xml_that_is_odd_or_has_lines_of_its_own_stays_as_it_is(xml: bytes) -> None:
    assert "\n".join(plain(viewed(xml, "application/xml"))) == xml.decode()


def test_text_keeps_its_lines() -> None:
    shown = viewed(b"one\r\ntwo\tx\n\nfour\nfive\nsix\n", "text/plain")

    assert plain(shown) == ["one", "two x", "", "four"]
    assert shown.more == "2 more lines"


def test_a_blank_line_at_the_limit_is_a_line() -> None:
    shown = viewed(b"one\n\n\n\nfive\n", "text/plain")

    assert (plain(shown), shown.more) == (["one", "", "", ""], "1 more line")


def test_text_that_is_not_utf8_is_readable_and_said_to_be_so() -> None:
    shown = viewed("un été à la mer".encode("latin-1"))

    assert plain(shown) == ["un été à la mer"]
    assert shown.note == "Not UTF-8: shown as ISO-8859-1"


def test_what_is_no_text_is_shown_as_bytes() -> None:
    shown = viewed(bytes(range(48, 248)), "image/png", limit=2)

    assert plain(shown) == [
        "000000  30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f  0123456789:;<=>?",
        "000010  40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f  @ABCDEFGHIJKLMNO",
    ]
    assert shown.more == "168 B more"
    assert shown.binary


def test_a_narrow_terminal_has_half_the_bytes_a_line() -> None:
    assert plain(viewed(b"\0hello", cells=55)) == ["000000  00 68 65 6c 6c 6f        .hello"]


def test_a_start_of_a_body_is_enough() -> None:
    """A character that the start breaks off is no reason to call it binary."""
    body = ("[" + '"é",' * 100_000).encode()

    shown = viewed(body[: VIEWED - 1], JSON, size=3_000_000)

    assert plain(shown) == ["[", *['  "é",'] * 3]
    assert shown.more == "3 MB more"


def test_without_a_limit_nothing_is_left_out() -> None:
    body = json.dumps(["x" * 1000] * 300).encode()

    shown = viewed(body, JSON, limit=None)

    assert json.loads("".join(plain(shown))) == ["x" * 1000] * 300
    assert shown.more == ""


def test_nothing_has_no_lines() -> None:
    assert viewed(b"", JSON) == View([], "", "")


@given(
    st.binary() | st.text().map(str.encode),
    st.sampled_from([JSON, FORM, "text/xml", "text/plain", "image/png"]),
    st.sampled_from(["identity", "gzip", "deflate", "br"]),
    st.integers(0, 100),
)
def test_any_body_has_a_view(body: bytes, kind: str, encoding: str, missing: int) -> None:
    shown = viewed(body, kind, encoding=encoding, size=len(body) + missing, limit=3)

    assert len(shown.lines) <= 3
