"""Signatures over chosen headers as well."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hookcli.delivery import Delivery, Headers
from hookcli.signatures.providers import CONTENTFUL, HOOK0, HOOK0_V0
from hookcli.signatures.request import Request
from tests.signatures.vectors import a_valid_one

if TYPE_CHECKING:
    from hookcli.signatures.canonical import Contentful, Hook0

NOW = 1_790_000_000
KEY = "k" * 64


def make(url: str = "https://x.test/in") -> Request:
    headers = [("X-Contentful-Topic", "Entry.publish"), ("X-Event-Id", "1"), ("Via", "proxy")]
    delivery = Delivery(method="POST", path="/in", headers=Headers(headers), body=b"{}")
    return Request(delivery=delivery, url=url, now=NOW)


@pytest.mark.parametrize(
    ("scheme", "name"),
    [(CONTENTFUL, "X-Contentful-Topic"), (HOOK0, "X-Event-Id")],
)
def test_a_signed_header_may_not_change_and_others_may(
    scheme: Contentful | Hook0, name: str
) -> None:
    request = replace(make(), delivery=scheme.sign(make(), KEY))

    assert scheme.verify(request, KEY).code == "valid"
    assert scheme.verify(request.with_header("Via", "other"), KEY).code == "valid"
    assert scheme.verify(request.with_header(name, "other"), KEY).code == "mismatch"
    assert scheme.verify(request.with_body(b"{} "), KEY).code == "mismatch"


@pytest.mark.parametrize(
    "url",
    [
        "https://x.test/a%20b?x=1&y=%C3%A4",
        "https://x.test/ä?ö",
        "https://x.test",
        "https://x.test/?a?b",
        "https://[",
    ],
)
def test_contentful_signs_the_path_and_the_query(url: str) -> None:
    request = make(url)
    signed = replace(request, delivery=CONTENTFUL.sign(request, KEY))

    assert CONTENTFUL.verify(signed, KEY).code == "valid"
    assert CONTENTFUL.verify(replace(signed, url="https://x.test/z"), KEY).code == "mismatch"


def test_contentful_escapes_a_query_twice() -> None:
    """What its own toolkit signs for a path with a query."""
    plain, escaped = make("https://x.test/in?x=1"), make("https://x.test/in%3Fx=1")
    given = CONTENTFUL._given(replace(plain, delivery=CONTENTFUL.sign(plain, KEY)))
    assert not isinstance(given, str)

    text = b"".join(CONTENTFUL._text(given, plain))

    assert b"POST\n/in?x%253D1\n" in text
    assert b"POST\n/in%253Fx=1\n" in b"".join(CONTENTFUL._text(given, escaped))


def test_contentful_without_the_list_of_headers_is_missing() -> None:
    vector = a_valid_one("contentful")
    empty = vector.request.with_header("X-Contentful-Signed-Headers", "")

    assert vector.finding(empty).code == "missing_signature"


def test_the_new_version_of_hook0_outdoes_the_old_one() -> None:
    old = replace(make(), delivery=HOOK0_V0.sign(make(), KEY))
    value = old.header("X-Hook0-Signature") or ""
    both = old.with_header("X-Hook0-Signature", f"{value},h=,v1={'0' * 64}")

    assert not HOOK0.present(old)
    assert HOOK0_V0.verify(old, KEY).code == "valid"
    assert HOOK0.present(both)
    assert HOOK0.verify(both, KEY).code == "mismatch"


def test_hook0_leaves_out_headers_that_are_not_there() -> None:
    request = replace(make(), delivery=HOOK0.sign(make(), KEY))
    value = request.header("X-Hook0-Signature") or ""

    assert "h=x-event-id," in value
    assert HOOK0.verify(request, KEY).checked == (
        "X-Hook0-Signature: HMAC-SHA256 of the time, the signed headers and the 2 raw bytes"
    )
