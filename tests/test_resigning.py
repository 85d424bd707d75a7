"""What is sent again is signed with the right secret, for where it goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hookcli.delivery import Delivery, Headers
from hookcli.payload import FORM
from hookcli.resigning import covers, is_signed, secret_of, signed_for, too_old
from hookcli.routes import endpoint
from hookcli.secret import Secret
from hookcli.signatures.verifying import verify
from tests.signatures.cases import NOW, SECRET, as_secret, signed

APP = endpoint("3000")


def came(provider: str, *, secret: str = SECRET, kind: str = "text/plain") -> Delivery:
    """Return a delivery as its provider signed it."""
    delivery = signed(provider, secret=secret, kind=kind).delivery
    return replace(delivery, provider=provider, received_at=datetime.fromtimestamp(NOW, UTC))


def test_the_only_secret_that_fits_signs() -> None:
    """That of its provider before one for all; none where there is none."""
    github, stripe = as_secret("github", "a"), as_secret("stripe", "b")

    assert secret_of(came("github"), [stripe, github]) == github
    assert secret_of(came("github"), [stripe]) is None
    assert secret_of(replace(came("github"), provider=None), [github, Secret(value="c")]) is None


def test_of_several_secrets_the_one_signs_that_it_was_signed_with() -> None:
    """Or the first, where it is none of them."""
    old, new = as_secret("github", "old"), as_secret("github", "new")

    assert secret_of(came("github", secret="new"), [old, new]) == new
    assert secret_of(came("github", secret="other"), [old, new]) == old


def test_it_gets_the_time_of_now_and_a_signature_that_is_right() -> None:
    """And nothing else of it changes."""
    delivery = came("stripe")

    again = signed_for(delivery, APP, as_secret("stripe", SECRET), NOW + 9_000)

    assert verify(again, SECRET, now=NOW + 9_000).code == "valid"
    assert verify(delivery, SECRET, now=NOW + 9_000).code == "expired_timestamp"
    assert replace(again, headers=delivery.headers) == delivery


@pytest.mark.parametrize(
    ("headers", "to", "url"),
    [
        ({}, "3000", "http://hooks.test/in"),
        ({"X-Forwarded-Proto": "https"}, "3000", "https://hooks.test/in"),
        (
            {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "o.test"},
            "3000/sms?a=1",
            "https://o.test/sms?a=1",
        ),
    ],
)
def test_a_url_that_is_signed_is_the_one_that_the_app_sees(
    headers: dict[str, str], to: str, url: str
) -> None:
    """By the headers that it gets, and the path that it is sent to."""
    delivery = came("twilio", kind=FORM)
    delivery = replace(delivery, headers=Headers([*delivery.headers, *headers.items()]))

    again = signed_for(delivery, endpoint(to), as_secret("twilio", SECRET), NOW)

    assert verify(again, SECRET, url=url).code == "valid"
    assert again.path == "/in"


def test_whether_anything_is_signed_shows() -> None:
    bare = Delivery(method="POST", path="/", provider="github")

    assert is_signed(came("github"))
    assert not is_signed(bare)
    assert not is_signed(replace(came("github"), provider=None))


@pytest.mark.parametrize(
    ("provider", "age", "old"),
    [("stripe", 200, False), ("stripe", 400, True), ("github", 9_000, False)],
)
def test_a_signature_gets_too_old_where_its_provider_says_so(
    provider: str, age: int, *, old: bool
) -> None:
    """Stripe's after five minutes; GitHub's never."""
    assert too_old(came(provider), NOW + age) == old
    assert not too_old(replace(came(provider), provider=None), NOW + age)


@pytest.mark.parametrize(
    ("provider", "of_the_body", "of_the_id"),
    [
        ("github", True, False),
        ("twitch", True, True),
        ("telegram", False, False),
        (None, False, False),
    ],
)
def test_a_signature_is_not_over_all_that_may_be_changed(
    provider: str | None, of_the_body: bool, of_the_id: bool
) -> None:
    """GitHub's is over the body alone, a token over nothing."""
    before = replace(came(provider or "github"), provider=provider)
    pairs = [
        (name, "x" if name.lower().endswith("-id") else value) for name, value in before.headers
    ]
    named = replace(before, headers=Headers([*pairs, ("X-GitHub-Delivery", "x")]))

    assert covers(before, replace(before, body=b"x", size=-1)) == of_the_body
    assert covers(before, named) == of_the_id
    assert not covers(before, before)
