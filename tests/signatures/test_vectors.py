"""Every request that vendors' own libraries have signed or refused, and what may come instead."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import Delivery, Headers, SignatureCode
from hookcli.signatures.providers import PROVIDERS, Provider
from hookcli.signatures.request import Finding, Request
from tests.signatures.vectors import Vector, vectors

CODES = {
    "missing_signature": "missing_signature",
    "missing_id": "missing_signature",
    "missing_timestamp": "missing_signature",
    "malformed_timestamp": "malformed_signature",
    "expired_timestamp": "expired_timestamp",
    "future_timestamp": "future_timestamp",
}
"""What a scheme says itself; the other reasons are those that the doctor finds."""


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector.name)
def test_agrees_with_the_vendors_own_libraries(vector: Vector) -> None:
    finding = vector.finding()

    assert (finding.code == "valid") is (vector.reason is None)
    assert finding.code == CODES.get(vector.reason or "", finding.code)


def test_says_nothing_of_the_secret() -> None:
    """What is found goes into records, and to whoever reads them."""
    findings = [(vector.secret, vector.finding()) for vector in vectors()]

    assert not [finding for secret, finding in findings if secret in finding.detail]
    assert not [finding for secret, finding in findings if secret in finding.checked]


def test_there_are_vectors_of_nearly_every_provider() -> None:
    without = {provider.name for provider in PROVIDERS} - {each.provider for each in vectors()}

    assert without == {
        *("gogs", "monday", "mailchimp", "okta"),
        *("microsoft-graph", "postmark", "chargebee", "supabase"),
    }


latin = st.text(st.characters(codec="latin-1"))
pieces = st.sampled_from(
    [*"tsv01=,;. ", "sha256=", "sha1=", "v1,", "t=1790000000", "0" * 64, "A" * 43 + "="]
)
values = latin | st.lists(pieces).map("".join)
names = st.sampled_from([name for provider in PROVIDERS for name in provider.signatures])
bodies = st.binary() | st.sampled_from(
    [
        b'{"signature":{"timestamp":1,"token":"a","signature":"b"}}',
        b'{"notificationItems":[{"NotificationRequestItem":{"amount":1}}]}',
        b'{"Signature":"AA==","SigningCertURL":"https://[","SignatureVersion":"1"}',
        b'{"value":[{"clientState":7}],"webhookTimestamp":"x"}',
        b"a=%ff&payload=%",
    ]
)


def found(provider: Provider, request: Request, key: str) -> list[Finding]:
    return [scheme.verify(request, key) for scheme in provider.schemes]


@given(
    st.sampled_from(PROVIDERS),
    st.lists(st.tuples(names | latin, values)),
    bodies,
    st.text(),
    st.text() | st.none(),
)
def test_any_request_and_any_secret_give_a_finding(
    provider: Provider, pairs: list[tuple[str, str]], body: bytes, key: str, url: str | None
) -> None:
    delivery = Delivery(method="POST", path="/", headers=Headers(pairs), body=body)
    request = Request(delivery=delivery, url=url, now=1_790_000_000)

    for finding in found(provider, request, key):
        assert finding.code in get_args(SignatureCode)


@given(st.sampled_from(vectors()), st.data())
def test_a_real_request_that_was_cut_off_or_changed_gives_a_finding(
    vector: Vector, data: st.DataObject
) -> None:
    """Somewhere in a header, in its body, or in the secret."""
    pairs = list(vector.request.delivery.headers)
    at = data.draw(st.integers(0, len(pairs) - 1)) if pairs else 0
    for name, value in pairs[at : at + 1]:
        end = data.draw(st.integers(0, len(value)))
        pairs[at] = (name, value[:end] + data.draw(latin))
    body = vector.request.delivery.body
    body = body[: data.draw(st.integers(0, len(body)))]
    delivery = replace(vector.request.delivery, headers=Headers(pairs), body=body, size=-1)
    key = vector.secret[: data.draw(st.integers(0, len(vector.secret)))] + data.draw(st.text())
    now = data.draw(st.floats(-1e18, 1e18))

    finding = vector.finding(replace(vector.request, delivery=delivery, now=now), key)

    assert finding.code in get_args(SignatureCode)


def test_an_empty_secret_is_never_right() -> None:
    """Anybody can sign with nothing."""
    codes = {vector.finding(secret="").code for vector in vectors()}

    assert codes == {"missing_signature", "malformed_signature", "mismatch"}
