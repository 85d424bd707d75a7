"""JSON Web Tokens, and what they claim."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest

from hookcli.delivery import Delivery
from hookcli.signatures.jwts import Monday, Netlify
from hookcli.signatures.request import Request

NOW = 1_790_000_000
KEY = "secret"
URL = "https://x.test/in"
NETLIFY = Netlify(header="X-Webhook-Signature")
MONDAY = Monday(header="Authorization")
HS256 = b'{"alg":"HS256"}'


def make(url: str | None = URL) -> Request:
    return Request(delivery=Delivery(method="POST", path="/in", body=b"{}"), url=url, now=NOW)


def part(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def token(claims: bytes, header: bytes = HS256) -> str:
    """Return a token that the secret signs."""
    text = f"{part(header)}.{part(claims)}"
    return f"{text}.{part(hmac.digest(KEY.encode(), text.encode(), 'sha256'))}"


@pytest.mark.parametrize("scheme", [NETLIFY, MONDAY])
def test_what_is_signed_is_valid(scheme: Netlify | Monday) -> None:
    request = replace(make(), delivery=scheme.sign(make(), KEY))

    assert scheme.present(request)
    assert scheme.verify(request, KEY).code == "valid"
    assert scheme.verify(request, "other").code == "mismatch"
    assert scheme.verify(request, "").code == "mismatch"
    assert scheme.verify(make(), KEY).code == "missing_signature"


def test_only_netlifys_protects_the_body() -> None:
    netlify = replace(make(), delivery=NETLIFY.sign(make(), KEY)).with_body(b"[]")
    monday = replace(make(), delivery=MONDAY.sign(make(), KEY)).with_body(b"[]")

    finding = NETLIFY.verify(netlify, KEY)
    assert finding.detail == "the token is right, but the body is not the one it is for"
    assert MONDAY.verify(monday, KEY).code == "valid"
    assert "does not protect the body" in MONDAY.gap


@pytest.mark.parametrize(
    "value",
    ["", "not.a.jws", "a.b", "a.b.c.d", "....", token(b"[]"), token(b"{"), token(b"{}", b"{}")],
)
def test_what_is_no_token_is_malformed(value: str) -> None:
    request = make().with_header("X-Webhook-Signature", value)

    assert NETLIFY.verify(request, KEY).code == "malformed_signature"


@pytest.mark.parametrize("header", [b'{"alg":"none"}', b'{"alg":"HS512"}', b'{"alg":["HS256"]}'])
def test_a_token_does_not_choose_its_algorithm(header: bytes) -> None:
    request = make().with_header("Authorization", token(b'{"exp":9e9}', header))

    assert MONDAY.verify(request, KEY).detail == "the token's algorithm is not HS256"


def test_a_token_of_somebody_else_is_none_of_netlifys() -> None:
    request = make().with_header("X-Webhook-Signature", token(b'{"iss":"me"}'))

    assert NETLIFY.verify(request, KEY).code == "mismatch"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        (b'{"aud":"https://x.test/in","exp":1790000001}', "valid"),
        (b'{"aud":"https://x.test/in","exp":1789999999}', "expired_timestamp"),
        (b'{"aud":"https://x.test/in"}', "malformed_signature"),
        (b'{"aud":"https://y.test/in","exp":1790000001}', "mismatch"),
    ],
)
def test_mondays_is_for_a_url_and_a_while(claims: bytes, code: str) -> None:
    request = make().with_header("Authorization", f"Bearer {token(claims)}")

    assert MONDAY.verify(request, KEY).code == code
    assert MONDAY.verify(replace(request, tolerance=10), KEY).code in {code, "valid"}


def test_where_the_url_is_not_known_mondays_may_be_for_any() -> None:
    request = make(None).with_header("Authorization", token(b'{"exp":1790000001}'))

    assert MONDAY.verify(request, KEY).code == "valid"


def test_a_url_with_bytes_that_are_no_utf_8_can_be_signed_for() -> None:
    """As a shell hands them on."""
    request = make(url="https://hooks.test/\udcff")

    assert MONDAY.sign(request, "key").headers.get("Authorization")
