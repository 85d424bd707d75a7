"""Signatures over the URL and a form's fields."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import Delivery, Headers
from hookcli.payload import FORM
from hookcli.signatures.providers import TWILIO, TWILIO_SHA256
from hookcli.signatures.request import Request
from hookcli.signatures.urls import form_fields, inner_json, sorted_fields

TOKEN = "auth-token"
URL = "https://x.test/sms?a=1"


def make(body: bytes = b"b=2&a=1", *, kind: str = FORM, url: str | None = URL) -> Request:
    headers = Headers([("Host", "x.test"), ("Content-Type", kind)])
    delivery = Delivery(method="POST", path="/sms", query="a=1", headers=headers, body=body)
    return Request(delivery=delivery, url=url, now=0)


def signed(request: Request) -> Request:
    return replace(request, delivery=TWILIO.sign(request, TOKEN))


def at(request: Request, url: str) -> str:
    return TWILIO.verify(replace(request, url=url), TOKEN).code


def test_fields_are_decoded_and_may_be_odd() -> None:
    assert form_fields(b"a=1+2&b=%C3%A4=%&&c&=d") == [
        (b"a", b"1 2"),
        (b"b", "ä=%".encode()),
        (b"c", b""),
        (b"", b"d"),
    ]
    assert form_fields(b"a&" * 20_000) == []


def test_fields_are_sorted_each_once() -> None:
    assert b"".join(sorted_fields(make(b"b=2&B=2&a=3&a=1&a=3"))) == b"B2a1a3b2"
    assert b"".join(sorted_fields(make(b"{}", kind="application/json"))) == b""


@pytest.mark.parametrize(
    ("body", "kind", "method", "query", "inner"),
    [
        (b"payload=%7B%7D&x=1", FORM, "POST", "", b"{}"),
        (b"payload=%7B%7D", "application/json", "POST", "", b"payload=%7B%7D"),
        (b"x=1", FORM, "POST", "", b""),
        (b"", "", "GET", "payload=%7B%7D", b"{}"),
    ],
)
def test_some_sign_the_json_inside(
    body: bytes, kind: str, method: str, query: str, inner: bytes
) -> None:
    request = make(body, kind=kind)
    delivery = replace(request.delivery, method=method, query=query)

    assert b"".join(inner_json(replace(request, delivery=delivery))) == inner


def test_the_order_of_the_fields_does_not_matter_but_the_url_does() -> None:
    request = signed(make())

    assert at(request.with_body(b"a=1&b=2"), URL) == "valid"
    assert at(request.with_body(b"a=1&b=3"), URL) == "mismatch"
    assert at(request, "https://x.test/sms") == "mismatch"
    assert at(request, URL.replace("https", "http")) == "mismatch"


@pytest.mark.parametrize("url", ["https://x.test:443/sms?a=1", "https://x.test/sms?a=1"])
def test_the_port_may_be_there_or_not(url: str) -> None:
    assert at(signed(make(url="https://x.test:443/sms?a=1")), url) == "valid"
    assert at(signed(make()), url) == "valid"


@pytest.mark.parametrize("url", ["https://x.test:99999/", "https://[x/", "", "x:y"])
def test_an_odd_url_is_a_mismatch(url: str) -> None:
    assert at(signed(make()), url) == "mismatch"


def test_other_bodies_are_covered_by_their_hash_in_the_url() -> None:
    request = signed(make(b"{}", kind="application/json", url=None))

    assert "bodySHA256=" in request.delivery.query
    assert TWILIO.verify(request, TOKEN).code == "valid"
    assert TWILIO.verify(request.with_body(b"{} "), TOKEN).code == "mismatch"


def test_a_right_url_without_the_hash_does_not_vouch_for_a_body() -> None:
    request = signed(make(b""))

    assert TWILIO.verify(request, TOKEN).code == "valid"
    json = request.with_header("Content-Type", "application/json").with_body(b"{}")
    assert TWILIO.verify(json, TOKEN).code == "mismatch"


def test_newer_accounts_say_that_they_use_sha_256() -> None:
    request = replace(make(), delivery=TWILIO_SHA256.sign(make(), TOKEN))

    assert TWILIO_SHA256.present(request)
    assert TWILIO_SHA256.verify(request, TOKEN).code == "valid"
    assert not TWILIO_SHA256.present(signed(make()))


@given(st.binary())
def test_any_bytes_are_some_form(body: bytes) -> None:
    assert isinstance(form_fields(body), list)
