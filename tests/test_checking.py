"""A delivery is checked with the right secrets, at the right time, for the right URL."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from hookcli.checking import Terms, checked, sent_to
from hookcli.delivery import Delivery, Headers
from hookcli.secret import Secret
from hookcli.signatures.verifying import BY_NAME

VECTORS = Path(__file__).parent / "data" / "signature-vectors.ndjson"
AT = datetime(2026, 11, 24, 14, 5, 10, tzinfo=UTC)
NOW = AT + timedelta(days=1)
BODY = b'{"type":"invoice.paid"}'
OURS = Secret(value="right", provider="stripe", source="env STRIPE")


def make_terms(*secrets: Secret, **terms: Any) -> Terms:
    usual = {"provider": None, "public_url": None, "at": None, "tolerance_s": None, "now": NOW}
    return Terms(secrets=secrets or (OURS,), **{**usual, **terms})


def make_delivery(age_s: int = 0, key: bytes = b"right", **fields: Any) -> Delivery:
    """Return what Stripe signed so long before it arrived."""
    time = str(int(AT.timestamp()) - age_s)
    digest = hmac.new(key, f"{time}.".encode() + BODY, hashlib.sha256).hexdigest()
    headers = Headers([("Host", "x.test"), ("Stripe-Signature", f"t={time},v1={digest}")])
    usual = {"method": "POST", "path": "/stripe", "headers": headers, "body": BODY}
    return Delivery(**{**usual, "received_at": AT, **fields})


def vector(name: str) -> dict[str, Any]:
    lines = VECTORS.read_text("utf-8").splitlines()
    found: dict[str, Any] = next(each for each in map(json.loads, lines) if each["name"] == name)
    return found


def delivery_of(vector: dict[str, Any]) -> Delivery:
    url = urlsplit(vector["url"])
    return Delivery(
        method=vector["method"],
        path=url.path,
        query=url.query,
        headers=Headers(map(tuple, vector["headers"])),
        body=b64decode(vector["body_b64"]),
    )


def test_a_valid_one_says_what_was_compared_and_with_what() -> None:
    check = checked(make_delivery(), make_terms())

    assert check.delivery.signature.code == "valid"
    assert (check.delivery.provider, check.delivery.event) == ("stripe", "invoice.paid")
    assert (check.sender, check.at) == ("Stripe, as it says itself", AT)
    assert check.secrets == (OURS,)
    assert check.checked == "Stripe-Signature: HMAC-SHA256 of the time and the 23 raw bytes"
    assert check.cause == check.delivery.signature.message
    assert not check.do


def test_the_signature_comes_before_its_time() -> None:
    """A right one that is too old is old; a wrong one is wrong, however old it is."""
    old, wrong = make_delivery(age_s=412), make_delivery(age_s=412, key=b"wrong")

    codes = [checked(each, make_terms()).delivery.signature.code for each in (old, wrong)]

    assert codes == ["expired_timestamp", "mismatch"]
    assert "6 min 52 s" in checked(old, make_terms()).cause


def test_a_failure_says_what_to_do() -> None:
    check = checked(make_delivery(key=b"right\n", id=48), make_terms())

    assert check.delivery.signature.code == "wrong_secret"
    assert check.cause != check.delivery.signature.message
    assert check.do[-1] == "hookcli verify 48"


@pytest.mark.parametrize(
    ("delivery", "terms", "code", "why"),
    [
        ({}, {}, "valid", "when it arrived"),
        ({}, {"at": NOW}, "expired_timestamp", "as --at says"),
        ({"received_at": datetime.fromtimestamp(0, UTC)}, {}, "expired_timestamp", "which is now"),
        ({}, {"at": NOW, "tolerance_s": 100_000.0}, "valid", "as --at says"),
        (
            {},
            {"at": AT + timedelta(seconds=9), "tolerance_s": 8.0},
            "expired_timestamp",
            "as --at says",
        ),
    ],
)
def test_the_time_is_that_of_arrival_unless_another_is_given(
    delivery: dict[str, Any], terms: dict[str, Any], code: str, why: str
) -> None:
    """What has no such time, a bare request, is checked as if it came now."""
    check = checked(make_delivery(**delivery), make_terms(**terms))

    assert (check.delivery.signature.code, check.why_at) == (code, why)


def test_all_secrets_for_the_sender_are_tried_and_no_others() -> None:
    other = Secret(value="x", provider="github")
    wrong, second = Secret(value="wrong"), Secret(value="x", provider="stripe", second="x")

    check = checked(make_delivery(), make_terms(other, wrong, second, OURS))

    assert check.secrets == (OURS, wrong)
    assert check.delivery.signature.code == "valid"
    assert OURS.label in check.cause


def test_a_secret_for_somebody_else_checks_nothing() -> None:
    check = checked(make_delivery(), make_terms(Secret(value="right", provider="github")))

    assert (check.delivery.signature.code, check.secrets) == ("unchecked", ())
    assert check.do == ("give its secret: --secret stripe=env:NAME",)


def test_an_unknown_sender_is_to_be_named() -> None:
    check = checked(Delivery(method="GET", path="/"), make_terms(Secret(value="x")))

    assert (check.sender, check.delivery.provider) == ("unknown", None)
    assert check.delivery.signature.code == "unsigned"
    assert check.do == ("name it: --provider NAME",)


@pytest.mark.parametrize(
    ("terms", "sender"),
    [
        ({"provider": BY_NAME["meta"]}, "Meta, as --provider says"),
        ({"provider": BY_NAME["github"]}, "GitHub, as --provider says"),
        ({}, "Meta, as the secret is for it"),
    ],
)
def test_a_sender_that_does_not_show_is_the_one_that_is_named(
    terms: dict[str, Any], sender: str
) -> None:
    """Meta's body and headers are no proof by themselves; the secret may be for it alone."""
    given = vector("meta/valid-unicode-escaped")
    secret = Secret(value=given["secret"], provider=None if terms else "meta")

    check = checked(delivery_of(given), make_terms(secret, **terms))

    assert (check.sender, check.delivery.signature.code) == (sender, "valid")


def test_a_signed_url_is_told_and_may_be_given() -> None:
    """Behind a proxy it is not the one that the headers say."""
    given = vector("square/valid-unicode-escaped")
    delivery = delivery_of(given)
    secret = Secret(value=given["secret"], provider="square")

    inside = checked(delivery, make_terms(secret))
    outside = checked(delivery, make_terms(secret, public_url="https://hooks.example.test"))

    assert inside.delivery.signature.code != "valid"
    assert (outside.url, outside.delivery.signature.code) == (given["url"], "valid")
    assert checked(make_delivery(), make_terms()).url is None


@pytest.mark.parametrize(
    ("public_url", "path", "query", "url"),
    [
        ("https://x.test", "/in", "a=1", "https://x.test/in?a=1"),
        ("https://x.test/", "/in", "", "https://x.test/in"),
        ("https://x.test/in", "/in", "", "https://x.test/in"),
        ("https://x.test/in", "/in", "a=1", "https://x.test/in?a=1"),
        ("https://x.test/in?b=2", "/in", "a=1", "https://x.test/in?b=2"),
        ("https://x.test/behind", "/in", "a=1", "https://x.test/behind/in?a=1"),
        ("https://x.test:8443", "/", "", "https://x.test:8443/"),
    ],
)
def test_a_url_is_whole_or_the_beginning_of_one(
    public_url: str, path: str, query: str, url: str
) -> None:
    """As `listen` takes it, or as it was entered at the sender."""
    assert sent_to(public_url, Delivery(method="POST", path=path, query=query)) == url


def test_no_text_of_a_check_shows_a_secret() -> None:
    secret = Secret(value="hunter2-hunter2", provider="stripe")

    for key in (b"hunter2-hunter2", b"hunter2-hunter2\n", b"other"):
        assert "hunter2" not in repr(checked(make_delivery(key=key), make_terms(secret)))
