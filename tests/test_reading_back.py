"""What hookcli wrote of deliveries becomes deliveries again; anything else is an error."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import EPOCH, Attempt, Changed, Delivery, Headers
from hookcli.errors import HookError
from hookcli.raw import raw_head
from hookcli.reading_back import deliveries, entries, raw_request, recorded
from hookcli.records import attempt_record, delivery_record, dump

AT = datetime(2026, 11, 24, 22, 35, 1, 123456, tzinfo=UTC)
HEADERS = Headers([("Host", "x.test"), ("x-One", "1"), ("X-ONE", "\xe9"), ("Content-Length", "5")])


def make_delivery(**fields: Any) -> Delivery:
    known: dict[str, Any] = {"method": "POST", "path": "/hooks", "query": "a=%20", "body": b"hello"}
    return Delivery(**{**known, "headers": HEADERS, **fields})


def lines(text: bytes) -> list[bytes]:
    return text.splitlines(keepends=True)


def test_a_request_comes_back_as_it_was() -> None:
    delivery = make_delivery(http_version="1.0")

    assert raw_request(raw_head(delivery) + b"hello") == delivery
    assert list(deliveries(lines(raw_head(delivery) + b"hello"))) == [delivery]


@pytest.mark.parametrize("path", ["/", "/?", "/caf\xe9\xff"])
def test_a_target_comes_back_as_it_was(path: str) -> None:
    delivery = make_delivery(path=path, query="")

    assert raw_request(raw_head(delivery) + b"hello").path == path


def test_an_editor_may_have_touched_it() -> None:
    """No carriage returns, and a line break at the end, which the length leaves out."""
    raw = b"POST /hooks HTTP/1.1\nHost:x.test\nContent-Length:  5 \n\nhello\n"

    delivery = raw_request(raw)

    assert delivery.body == b"hello"
    assert list(delivery.headers) == [("Host", "x.test"), ("Content-Length", "5")]


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\n\r\nab\n", b"ab\n"),
        (b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab", b"ab"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\nab", b"ab"),
        (b"POST / HTTP/1.1\r\n\r\n\r\n\r\nab", b"\r\n\r\nab"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", b""),
        (b"GET / HTTP/2\nHost: x", b""),
        (b"GET /", b""),
        (
            b"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n2;a=b\r\nab\r\n3\r\ncde\r\n0\r\n\r\n",
            b"abcde",
        ),
        (b"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n2\nab\n0\n\n", b"ab"),
        (b"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n{}", b"{}"),
        (b"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\nabc\n", b"abc\n"),
    ],
)
def test_a_body_is_what_stands_behind_the_empty_line(raw: bytes, body: bytes) -> None:
    """As long as the headers say, where that is there, and out of its chunks."""
    assert raw_request(raw).body == body


def test_a_proxy_writes_the_whole_url() -> None:
    delivery = raw_request(b"POST https://x.test/hooks?a=1 HTTP/1.1\r\nHost: x.test\r\n\r\n")

    assert delivery.target == "/hooks?a=1"
    assert raw_request(b"POST http://x.test HTTP/1.1\n\n").path == "/"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n",
        b"hello",
        b"POST",
        b"HTTP/1.1 200 OK\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\n: x\r\n\r\n",
        b"<html>",
        b"\xff\xfe",
        b"[1]",
    ],
)
def test_what_is_no_request_is_an_error(raw: bytes) -> None:
    """It says what may stand there."""
    with pytest.raises(HookError) as caught:
        list(deliveries(lines(raw)))

    assert caught.value.exit_code == 1
    assert "POST /path HTTP/1.1" in caught.value.hint


@pytest.mark.parametrize("body", [b'{"caf\xc3\xa9": 1}', b"\xff\x00", b"", b"a\r\nb\n"])
def test_a_record_comes_back_as_the_delivery_that_it_was_made_of(body: bytes) -> None:
    """Body, headers and time; what was made of them is found again."""
    delivery = make_delivery(id=42, received_at=AT, provider="github", body=body, size=len(body))

    assert list(deliveries([dump(delivery_record(delivery, body))])) == [delivery]


def test_a_path_that_is_no_utf8_comes_back() -> None:
    delivery = make_delivery(path="/\udcff")

    assert list(deliveries([dump(delivery_record(delivery, b"hello"))])) == [delivery]


def test_other_records_and_empty_lines_are_passed_over() -> None:
    """A file of `--format records` has attempts as well."""
    first, second = (make_delivery(id=number) for number in (1, 2))
    written = [b"\n", b'{"type":"ready"}\n', dump(delivery_record(first, b"hello"))]
    written += [b'{"type":"attempt","id":1}\n', b"\n", dump(delivery_record(second, b"hello"))]

    assert [delivery.id for delivery in deliveries(written)] == [1, 2]


@pytest.mark.parametrize("body", [None, b"", b"{}", b"\xff"])
def test_attempts_come_back_as_well(body: bytes | None) -> None:
    """With what was sent, where that was not the delivery."""
    sent = Changed(method="PUT", path="/a?b", headers=HEADERS, body=body)
    attempt = Attempt(
        kind="replay",
        id=17,
        delivery=42,
        endpoint="http://127.0.0.1:3000",
        started_at=AT,
        duration_ms=12.5,
        status=502,
        headers=HEADERS,
        body=b"no\xff",
        body_truncated=True,
        error="Broke off",
        request=sent,
    )

    assert list(entries([dump(attempt_record(attempt))])) == [attempt]


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "guess"},
        {"status": "x"},
        {"headers": None},
        {"request": [1]},
        {"duration_ms": None},
        {"duration_ms": -1},
        {"duration_ms": float("inf")},
        {"status": 1e30},
        {"status": 99},
        {"started_at": "9999-12-31T23:59:59Z"},
    ],
    ids=str,
)
def test_what_is_no_attempt_is_an_error(fields: dict[str, Any]) -> None:
    attempt = Attempt(kind="answer", started_at=AT, duration_ms=1, delivery=1)
    broken = {**attempt_record(attempt), "request": {}, **fields}

    with pytest.raises(HookError, match="A record "):
        list(entries([json.dumps(broken).encode()]))


def test_a_record_may_be_on_many_lines() -> None:
    """As jq writes it."""
    record = delivery_record(make_delivery(id=42), b"hello")

    [delivery] = deliveries(lines(json.dumps(record, indent=2).encode()))

    assert (delivery.id, delivery.body) == (42, b"hello")


def test_a_record_needs_no_more_than_a_request_has() -> None:
    delivery = recorded({"method": "POST", "path": "/", "headers": [], "body": "x"})

    assert delivery == Delivery(method="POST", path="/", body=b"x", received_at=EPOCH)


def test_a_time_without_a_zone_is_utc() -> None:
    record = {"method": "POST", "path": "/", "headers": [], "received_at": "2026-11-24T22:35:01"}

    assert recorded(record).received_at == AT.replace(microsecond=0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "A line is no record: "),
        (b'{"type":"delivery"}', "A record has no method"),
        (b'{"method":"POST","path":1,"headers":[]}', "A record is no delivery: 1 is no text"),
        (b'{"method":"POST","path":"/","headers":1}', "A record is no delivery: "),
        (b'{"method":"POST","path":"/","headers":[["a"]]}', "A record is no delivery: "),
        (b'{"method":"POST","path":"/","headers":[["a",1]]}', "A record is no delivery: "),
        (b'{"method":"POST","path":"/","headers":[],"body":1}', "A record is no delivery: "),
        (b'{"method":"POST","path":"/","headers":[],"body_base64":"x"}', "A record is no delivery"),
        (
            b'{"method":"POST","path":"/","headers":[],"body_base64":"%%"}',
            "A record is no delivery",
        ),
        (b'{"method":"POST","path":"/","headers":[],"received_at":"x"}', "A record is no delivery"),
        (b'{"method":"P","path":"/","headers":[],"received_at":"0001-01-01"}', "A record is no "),
        (b'{"method":"POST","path":"/","headers":[],"id":"x"}', "A record is no delivery"),
        (b'{"type":"ready"}\n[1]', "A line is no record: it is no JSON object"),
        (b'{"a":' * 100_000, "A line is no record: "),
    ],
)
def test_a_broken_record_is_an_error_that_says_why(text: bytes, said: str) -> None:
    with pytest.raises(HookError) as caught:
        list(deliveries(lines(text)))

    assert caught.value.message.startswith(said)


@given(st.binary() | st.binary().map(lambda rest: b'{"method":"POST",' + rest))
def test_any_bytes_are_deliveries_or_an_error(data: bytes) -> None:
    with suppress(HookError):
        assert all(delivery.held for delivery in deliveries(lines(data)))
