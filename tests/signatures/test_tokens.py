"""Secrets that are sent along as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hookcli.delivery import Delivery, Headers
from hookcli.signatures.request import Request
from hookcli.signatures.tokens import ClientState, QueryToken, Token

if TYPE_CHECKING:
    from hookcli.signatures.request import Scheme

SECRET = "grün & sécret"
KINDS: dict[str, Scheme] = {
    "plain": Token(header="X-Token"),
    "bearer": Token(header="Authorization", prefix="Bearer "),
    "basic": Token(header="Authorization", prefix="Basic ", basic=True),
    "query": QueryToken(),
    "state": ClientState(),
}


def make(body: bytes = b'{"value":[{"id":1},{"id":2}]}', query: str = "") -> Request:
    headers = Headers([("Content-Type", "application/json")])
    delivery = Delivery(method="POST", path="/", query=query, headers=headers, body=body)
    return Request(delivery=delivery, now=0)


@pytest.mark.parametrize("kind", KINDS)
def test_is_right_where_it_is_the_secret_and_says_what_that_is_worth(kind: str) -> None:
    scheme = KINDS[kind]
    request = replace(make(), delivery=scheme.sign(make(), SECRET))

    assert scheme.present(request)
    assert scheme.verify(request, SECRET).code == "valid"
    assert scheme.verify(request, SECRET + "x").code == "mismatch"
    assert scheme.gap == "It shows who sent it, but does not protect the body."


@pytest.mark.parametrize("kind", KINDS)
def test_is_missing_where_there_is_none(kind: str) -> None:
    scheme = KINDS[kind]
    request = make(b"{}")

    assert not scheme.present(request)
    assert scheme.verify(request, SECRET).code == "missing_signature"


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_secret_is_never_right(kind: str) -> None:
    """Not even where the token is empty as well."""
    scheme = KINDS[kind]
    request = replace(make(), delivery=scheme.sign(make(), ""))

    assert scheme.fits("") == "the secret is empty"
    assert scheme.verify(request, "").code != "valid"


def test_an_empty_header_is_malformed() -> None:
    request = make().with_header("X-Token", "")

    assert KINDS["plain"].present(request)
    assert KINDS["plain"].verify(request, SECRET).code == "malformed_signature"


def test_headers_are_bytes_as_they_go_on_the_wire() -> None:
    signed = KINDS["plain"].sign(make(), "ü")

    assert (signed.headers.get("x-token") or "").encode("latin-1") == "ü".encode()
    assert KINDS["basic"].sign(make(), "user:pass").headers.get("authorization") == (
        "Basic dXNlcjpwYXNz"
    )


def test_any_value_of_the_query_may_be_the_secret() -> None:
    request = make(query="a=1&key=gr%C3%BCn+%26+s%C3%A9cret")
    signed = KINDS["query"].sign(make(query="a=1&secret=old"), "new")

    assert KINDS["query"].verify(request, SECRET).code == "valid"
    assert signed.query == "a=1&secret=new"


def test_each_notification_has_to_have_the_secret() -> None:
    body = b'{"value":[{"clientState":"s"},{"clientState":7}]}'
    finding = KINDS["state"].verify(make(body), "s")

    assert finding.code == "malformed_signature"
    assert KINDS["state"].verify(make(body.replace(b"7", b'"s"')), "s").code == "valid"


@pytest.mark.parametrize("query", ["a" * 10, "&" * 2_000, "=%ff", "a=%"])
def test_an_odd_query_is_looked_through(query: str) -> None:
    assert KINDS["query"].verify(make(query=query), "s").code != "valid"
