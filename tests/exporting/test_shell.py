"""What is exported as a command is, run by a shell, the same request, whatever is in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookcli.delivery import Delivery, Headers
from hookcli.exporting.items import Item
from hookcli.exporting.shell import curl, httpie, httpie_misses, printf, quote
from hookcli.reading_back import raw_request
from hookcli.text import escape
from tests.receivers import Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

HTTP = Path(sys.executable).with_name("http")

SPECIAL = {"host", "content-length", "transfer-encoding", "expect", "connection", "upgrade", "te"}
"""Headers that are for the connection, or are told otherwise."""

TOKENS = st.from_regex(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,20}", fullmatch=True)
NAMES = TOKENS.filter(lambda name: name.lower() not in SPECIAL and "forwarded" not in name.lower())
VALUES = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f") | st.just("\t")
).map(lambda value: value.strip(" \t"))
TARGETS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f?"))
METHODS = st.sampled_from(["POST", "GET", "PUT", "DELETE", "PATCH", "PURGE", "M-SEARCH"])
BODIES = (
    st.binary() | st.text().map(str.encode) | st.sampled_from([b"@file", b"-e", b"a\n\n", b"\0"])
)


@pytest.fixture(scope="module")
def there() -> Iterator[Receiver]:
    """Start a server for all tests here."""
    with receiver() as running:
        yield running


def make_delivery(host: str, **fields: Any) -> Delivery:
    body = fields.get("body", b"{}")
    pairs = [("Host", host), *fields.pop("pairs", ())]
    pairs += [("Content-Length", str(len(body)))] if body else []
    usual: dict[str, Any] = {"method": "POST", "path": "/hooks", "body": body, "id": 1}
    return Delivery(headers=Headers(pairs), **{**usual, **fields})


def run(script: str, shell: str = "sh", folder: Path | None = None) -> None:
    """Run a script that is piped to a shell, as `hookcli export | sh` does."""
    data = script.encode()
    ended = subprocess.run([shell], input=data, capture_output=True, check=False, cwd=folder)
    assert (ended.returncode, ended.stderr) == (0, b"")


@st.composite
def deliveries(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "method": draw(METHODS),
        "path": "/" + draw(TARGETS),
        "query": draw(TARGETS),
        "pairs": draw(st.lists(st.tuples(NAMES, VALUES), max_size=6)),
        "body": draw(BODIES),
    }


def check_curl(there: Receiver, fields: dict[str, Any], shell: str = "sh") -> None:
    sent = make_delivery(there.host, **fields)
    script = curl(Item(sent))

    run(script, shell)

    came = raw_request(there.received())
    assert (came.method, came.target, came.body) == (sent.method, sent.target, sent.body)
    assert came.headers == sent.headers
    assert escape(script, keep_newline=True) == script


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(deliveries())
def test_whatever_came_is_sent_again_by_curl(there: Receiver, fields: dict[str, Any]) -> None:
    """Method, path, query, every header in its place, and the body, byte for byte."""
    check_curl(there, fields)


@pytest.mark.slow
@settings(max_examples=600, deadline=None)
@given(deliveries(), st.sampled_from(["sh", "bash"]))
def test_whatever_came_is_sent_again_by_curl_in_any_shell(
    there: Receiver, fields: dict[str, Any], shell: str
) -> None:
    check_curl(there, fields, shell)


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize(
    "fields",
    [
        {"path": "/a;b/../{c}/[d]#e"},
        {"path": "/a?", "body": b""},
        {"path": "/'$(id)`id`\"\\", "query": "a=$HOME&b=!!"},
        {"path": "*", "method": "OPTIONS", "body": b""},
        {"body": b"a\r\nb\x00c'\n\n"},
        {"body": b"@/etc/passwd"},
        {"body": b"%s %d \\n"},
        {"body": b"x" * 300_000},
        {"body": b"-n"},
        {"body": b"\x80\x81\x88\xff"},
        {"pairs": [("A", "1"), ("a", "2"), ("A", "1"), ("E", ""), ("B", "\xe9\x81 'x' $(id)")]},
        {"pairs": [("User-Agent", "x"), ("Accept", "*/*"), ("Cookie", "a=b"), ("Expect", "")]},
        {"pairs": [("Authorization", "Basic eDp5"), ("Content-Type", "text/plain")]},
        {"method": "M-SEARCH", "body": b""},
        {"http_version": "1.0", "body": b""},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_what_shells_and_curl_would_change_stays(
    there: Receiver, fields: dict[str, Any], shell: str
) -> None:
    check_curl(there, fields, shell)


def test_chunks_stay_chunks(there: Receiver) -> None:
    sent = Delivery(
        method="POST",
        path="/",
        headers=Headers([("Host", there.host), ("Transfer-Encoding", "chunked")]),
        body=b"hello",
    )

    run(curl(Item(sent)))

    came = there.received()
    assert b"Transfer-Encoding: chunked\r\n" in came
    assert raw_request(came).body == b"hello"


def test_a_body_may_stand_in_a_file_beside(there: Receiver, tmp_path: Path) -> None:
    """It is found wherever the script is called from."""
    script = tmp_path / "it's" / "request.sh"
    script.parent.mkdir()
    (script.parent / "1.body").write_bytes(b"\0\xff")
    script.write_text(curl(Item(make_delivery(there.host, body=b"\0\xff"), body_file="1.body")))

    subprocess.run(["sh", script], check=True, cwd="/")

    assert there.received().endswith(b"\r\n\r\n\0\xff")


def test_head_does_not_wait_for_a_body(there: Receiver) -> None:
    run(curl(Item(make_delivery(there.host, method="HEAD", body=b""))) + ">/dev/null")

    assert there.received().startswith(b"HEAD /hooks HTTP/1.1\r\n")


def test_what_stands_in_front_cannot_end_its_line() -> None:
    hostile = make_delivery("x.test", provider="github", event="a\nrm -rf ~\n", path="/\u202e")

    lines = curl(Item(hostile)).splitlines()

    assert lines[0] == r'# #1 github "a\nrm -rf ~\n" POST "/\u202e"'
    assert lines[1].startswith("curl ")


def test_a_header_that_names_a_file_is_no_header() -> None:
    """As could be in records that were imported."""
    hostile = make_delivery("x.test", pairs=[("@/etc/passwd", "x"), ("A", "b\r\n@c")])

    script = curl(Item(hostile))

    assert "passwd" not in script
    assert "-H 'A: b @c'" in script


@given(st.binary(max_size=200))
def test_quoted_bytes_are_harmless(data: bytes) -> None:
    for text in (printf(data), quote(data)):
        assert escape(text, keep_newline=True) == text


@pytest.mark.skipif(not HTTP.exists(), reason="HTTPie is not installed")
@pytest.mark.parametrize(
    "fields",
    [
        {"body": b'{"a": "it\'s"}', "pairs": [("X-Empty", ""), ("At", "@f"), ("Is", "=1:2;3")]},
        {"body": b"\0\xff", "pairs": [("Content-Type", "image/png"), ("A", "1"), ("A", "2")]},
        {"body": b"", "method": "GET", "query": "a=%20b&c", "path": "/a/../b"},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_httpie_sends_it_again(there: Receiver, fields: dict[str, Any]) -> None:
    sent = make_delivery(there.host, **fields)

    run(httpie(Item(sent)).replace("http --", f"{HTTP} --", 1))

    came = raw_request(there.received())
    assert (came.method, came.target, came.body) == (sent.method, sent.target, sent.body)
    assert sorted(came.headers) == sorted(sent.headers)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"pairs": [("A", "\xe9")]}, "the header A, which is not UTF-8"),
        ({"pairs": [("A", r"a\:b")]}, "a backslash in the header A"),
        ({"pairs": [("Transfer-Encoding", "chunked")]}, "the body in chunks"),
        ({"method": "M-SEARCH"}, "the method"),
        ({"path": "/a#b"}, "the path or query: it quotes them anew"),
        ({"pairs": [("A", r"caf\e")], "path": "/a/../b"}, None),
    ],
)
def test_it_is_told_what_httpie_cannot_send(fields: dict[str, Any], said: str | None) -> None:
    assert httpie_misses(make_delivery("x.test", **fields)) == said
