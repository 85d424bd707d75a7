"""What scripts may rely on, key by key."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import Attempt, Changed, Delivery, Headers, Verdict
from hookcli.records import (
    attempt_record,
    body_line,
    delivery_record,
    dump,
    ready_record,
    timestamp,
    tunnel_record,
)
from hookcli.state import Ready, TunnelState

AT = datetime(2026, 11, 24, 22, 35, 1, 123456, tzinfo=UTC)
JSON = Headers([("Content-Type", "application/json")])


def make_delivery(body: bytes = b"", headers: Headers = JSON) -> Delivery:
    return Delivery(method="POST", path="/payload", headers=headers, body=body, received_at=AT)


def line_of(body: bytes, headers: Headers = JSON) -> bytes:
    return body_line(make_delivery(body, headers), body)


def test_a_delivery_has_every_key_in_its_order() -> None:
    body = b'{"action":"opened"}'
    delivery = Delivery(
        id=42,
        received_at=AT,
        method="POST",
        path="/payload",
        query="a=1",
        remote="140.82.115.7",
        headers=Headers([("Host", "x.ngrok-free.app"), ("X-GitHub-Event", "issues")]),
        body=body,
        provider="github",
        event="issues",
        action="opened",
        delivery_id="72d3162e",
        signature=Verdict("unchecked", "Signed"),
    )

    assert list(delivery_record(delivery, body).items()) == [
        ("type", "delivery"),
        ("id", 42),
        ("received_at", "2026-11-24T22:35:01.123456Z"),
        ("method", "POST"),
        ("path", "/payload"),
        ("query", "a=1"),
        ("http_version", "1.1"),
        ("remote", "140.82.115.7"),
        ("headers", [["Host", "x.ngrok-free.app"], ["X-GitHub-Event", "issues"]]),
        ("size", 19),
        ("provider", "github"),
        ("event", "issues"),
        ("action", "opened"),
        ("delivery_id", "72d3162e"),
        ("handshake", None),
        ("repeats", None),
        ("signature", {"code": "unchecked", "message": "Signed"}),
        ("payload", {"action": "opened"}),
        ("body", '{"action":"opened"}'),
        ("body_base64", None),
    ]


def test_an_attempt_has_every_key_in_its_order() -> None:
    attempt = Attempt(kind="answer", id=17, delivery=42, started_at=AT, duration_ms=0.4, status=200)

    assert list(attempt_record(attempt).items()) == [
        ("type", "attempt"),
        ("id", 17),
        ("delivery", 42),
        ("kind", "answer"),
        ("endpoint", None),
        ("started_at", "2026-11-24T22:35:01.123456Z"),
        ("duration_ms", 0.4),
        ("status", 200),
        ("headers", []),
        ("body", ""),
        ("body_base64", None),
        ("body_truncated", False),
        ("error", None),
        ("request", None),
    ]


def test_a_time_span_is_exact_to_the_microsecond() -> None:
    """What arithmetic adds behind that is noise."""
    attempt = Attempt(kind="answer", started_at=AT, duration_ms=1201.2359999999999)

    assert attempt_record(attempt)["duration_ms"] == 1201.236


def test_an_attempt_at_an_app_has_where_it_went_and_what_came_back() -> None:
    attempt = Attempt(
        kind="forward",
        started_at=AT,
        duration_ms=12.4,
        endpoint="http://127.0.0.1:3000/hooks?a=1",
        status=502,
        headers=Headers([("X-Twice", "\xe9"), ("x-twice", "2")]),
        body=b"\xff",
        error="The app broke off",
    )

    record = attempt_record(attempt)

    assert (record["kind"], record["endpoint"]) == ("forward", "http://127.0.0.1:3000/hooks?a=1")
    assert (record["status"], record["error"]) == (502, "The app broke off")
    assert record["headers"] == [["X-Twice", "\xe9"], ["x-twice", "2"]]
    assert (record["body"], record["body_base64"]) == (None, "/w==")


@pytest.mark.parametrize(
    ("body", "text", "base64"), [(b"{}", "{}", None), (b"\xff", None, "/w=="), (None, None, None)]
)
def test_an_attempt_has_what_was_sent_where_that_was_not_the_delivery(
    body: bytes | None, text: str | None, base64: str | None
) -> None:
    request = Changed(method="PUT", path="/x?a=1", headers=Headers([("A", "\xe9")]), body=body)
    attempt = Attempt(kind="replay", started_at=AT, duration_ms=1, request=request)

    assert list(attempt_record(attempt)["request"].items()) == [
        ("method", "PUT"),
        ("path", "/x?a=1"),
        ("headers", [["A", "\xe9"]]),
        ("body", text),
        ("body_base64", base64),
    ]


@pytest.mark.parametrize(
    ("kept", "body", "base64"),
    [(b"caf\xc3", "caf", None), (b"caf\xc3\xa9", "café", None), (b"\xffcaf\xc3", None, "/2NhZsM=")],
)
def test_text_is_not_taken_for_bytes_because_a_character_is_cut_in_two(
    kept: bytes, body: str | None, base64: str | None
) -> None:
    """Only the start of a long answer is kept."""
    attempt = Attempt(kind="forward", started_at=AT, duration_ms=1, body=kept, body_truncated=True)

    record = attempt_record(attempt)

    assert (record["body"], record["body_base64"]) == (body, base64)
    assert record["body_truncated"] is True


def test_ready_has_every_key_in_its_order() -> None:
    ready = Ready(public_url=None, local_url="http://127.0.0.1:4567", store="memory", pid=4242)

    assert list(ready_record(ready).items()) == [
        ("type", "ready"),
        ("public_url", None),
        ("local_url", "http://127.0.0.1:4567"),
        ("inspect_url", None),
        ("store", "memory"),
        ("pid", 4242),
    ]


def test_a_tunnel_change_has_every_key_in_its_order() -> None:
    state = TunnelState(state="offline", public_url="https://x.example", at=AT, reason="no contact")

    assert list(tunnel_record(state).items()) == [
        ("type", "tunnel"),
        ("state", "offline"),
        ("public_url", "https://x.example"),
        ("reachable", None),
        ("offline_s", None),
        ("at", "2026-11-24T22:35:01.123456Z"),
        ("reason", "no contact"),
    ]


def test_times_are_utc_with_microseconds_always() -> None:
    east = datetime(2026, 11, 25, 0, 35, 1, tzinfo=timezone(timedelta(hours=2)))

    assert timestamp(east) == "2026-11-24T22:35:01.000000Z"


def test_a_body_that_is_not_utf_8_is_base64() -> None:
    record = delivery_record(make_delivery(b"\xff\x00"), b"\xff\x00")

    assert record["body"] is None
    assert base64.b64decode(record["body_base64"]) == b"\xff\x00"


def test_a_record_is_one_line() -> None:
    line = dump(delivery_record(make_delivery(), b'{\n "a": "\xe2\x80\xa8"}'))

    assert line.count(b"\n") == 1
    assert line.endswith(b"}\n")


def test_a_path_of_bytes_that_are_no_text_is_escaped() -> None:
    delivery = Delivery(method="GET", path=b"/\xff".decode("utf-8", "surrogateescape"))
    line = dump(delivery_record(delivery, b""))

    assert rb'"path":"/\udcff"' in line
    assert json.loads(line)["path"] == delivery.path


def test_json_becomes_one_line_and_loses_nothing_else() -> None:
    pretty = b"""
    { "b" : 12345678901234567890123,
      "a": 1.10, "a" : [ 1 , 2 ],\t"text": " two  spaces, a \\" and a \\\\" }
    """

    assert line_of(pretty) == (
        b'{"b":12345678901234567890123,"a":1.10,"a":[1,2],'
        b'"text":" two  spaces, a \\" and a \\\\"}\n'
    )


def test_compressed_json_is_a_line_too() -> None:
    headers = Headers([("Content-Encoding", "gzip")])

    assert line_of(gzip.compress(b'{ "a": 1 }'), headers) == b'{"a":1}\n'


@pytest.mark.parametrize("body", [b"", b"a=1&b=2", b"two\nlines", b"\xff\x00", b'{ "a": NaN }'])
def test_anything_else_stays_and_gets_a_newline(body: bytes) -> None:
    assert line_of(body) == body + b"\n"
    assert line_of(body + b"\n") == body + b"\n"


@given(st.recursive(st.none() | st.booleans() | st.text(), st.lists), st.integers(0, 4))
def test_compacting_changes_no_value(value: object, indent: int) -> None:
    body = json.dumps(value, indent=indent).encode()

    assert line_of(body) == json.dumps(value, separators=(",", ":")).encode() + b"\n"


latin = st.text(st.characters(codec="latin-1"))


@given(st.text(), st.lists(st.tuples(latin, latin)), st.binary() | st.text().map(str.encode))
def test_any_delivery_has_a_record(path: str, pairs: list[tuple[str, str]], body: bytes) -> None:
    delivery = Delivery(method="POST", path=path, headers=Headers(pairs), body=body)
    record = orjson.loads(dump(delivery_record(delivery, body)))

    kept = base64.b64decode(record["body_base64"] or "") or (record["body"] or "").encode()
    assert kept == body
    assert record["headers"] == [list(pair) for pair in pairs]
    assert body_line(delivery, body).endswith(b"\n")
