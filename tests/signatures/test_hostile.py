"""Whatever is sent, and whatever the secret is: a verdict comes of it, and nothing leaks."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookcli.delivery import Delivery, Headers, SignatureCode
from hookcli.errors import HookError
from hookcli.secret import Secret
from hookcli.signatures import identify
from hookcli.signatures.hmacs import Hmac
from hookcli.signatures.providers import PROVIDERS
from hookcli.signatures.verifying import BY_NAME, detect, examine, sign, verify
from tests.signatures.cases import BODY, NOW, SECRET, signed
from tests.signatures.vectors import vectors

if TYPE_CHECKING:
    from hookcli.signatures.request import Request

REAL = {
    provider.name: [each for each in vectors() if each.provider == provider.name]
    for provider in PROVIDERS
}

HMACS = [provider.name for provider in PROVIDERS if isinstance(provider.schemes[0], Hmac)]
SIGNATURE = re.compile(r"[A-Za-z\d+/]{27,}")

latin = st.text(st.characters(codec="latin-1"))
PIECES = (
    *("", "=", ",", ";", ".", "..", "t=", "v1=", "v1,", "sha256=", "h1=", "whsec_", "%zz", "\0"),
    *("9" * 20, "-1", "1e9", "0" * 64, "A" * 43 + "=", "9999-12-31T23:59:59Z", "e30.e30.e30"),
    *("https://[", "http://a:99999/", "//", "gzip", "application/x-www-form-urlencoded"),
    *("multipart/form-data", "[" * 99, '{"a":', "\u0663" * 10, "-----BEGIN CERTIFICATE-----\n"),
)
pieces = st.sampled_from(PIECES)


def changed(text: str, data: st.DataObject) -> str:
    """Return a text with something put in place of a part of it."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    return text[:start] + data.draw(pieces | latin | st.text()) + text[end:]


def in_latin(text: str) -> str:
    return text.encode("utf-8", "replace").decode("latin-1")


def drawn(name: str, data: st.DataObject) -> tuple[Request, str]:
    """Return a real request of a provider, or one that hookcli has signed, and its secret."""
    real = REAL[name]
    if not real:
        return signed(name), SECRET
    vector = data.draw(st.sampled_from(real))
    return vector.request, vector.secret


@pytest.mark.parametrize("name", REAL)
@settings(max_examples=30)
@given(st.data())
def test_whatever_becomes_of_a_request_there_is_a_verdict(name: str, data: st.DataObject) -> None:
    """Of a header, the body, the URL and the secret, and with the doctor's explanation."""
    request, key = drawn(name, data)
    pairs = list(request.delivery.headers)
    body, url = request.delivery.body, request.url
    for at in data.draw(st.lists(st.integers(0, max(0, len(pairs) - 1)), max_size=2 * bool(pairs))):
        pairs[at] = (pairs[at][0], in_latin(changed(pairs[at][1], data)))
    if data.draw(st.booleans()):
        body = changed(body.decode("latin-1"), data).encode("utf-8", "surrogatepass")
    if data.draw(st.booleans()):
        key = changed(key, data)
    if data.draw(st.booleans()):
        url = data.draw(st.none() | st.just(changed(url or "", data)))
    delivery = replace(request.delivery, headers=Headers(pairs), body=body, size=-1)

    verdict = verify(delivery, key, provider=name, url=url, now=request.now)

    assert verdict.code in get_args(SignatureCode)
    assert len(key) < 9 or key.strip() not in verdict.message
    detect(delivery)
    identify(delivery.headers, delivery.body)


@pytest.mark.parametrize("name", REAL)
@settings(max_examples=10)
@given(st.data())
def test_whatever_is_to_be_signed_is_signed_or_refused(name: str, data: st.DataObject) -> None:
    request, key = drawn(name, data)
    body = changed(request.delivery.body.decode("latin-1"), data).encode("utf-8", "surrogatepass")
    delivery = replace(request.delivery, body=body, size=-1)

    with suppress(HookError):
        made = sign(delivery, changed(key, data), provider=name, url=request.url, now=NOW)

        assert isinstance(made, Delivery)


@pytest.mark.parametrize("name", HMACS)
@pytest.mark.parametrize("body", [BODY + b" ", BODY[:-1], BODY.replace(b"opened", b"closed"), b""])
def test_no_explanation_holds_the_signature_that_was_expected(name: str, body: bytes) -> None:
    """Whoever reads it could send what they like, and signed."""
    key = "00ff" * 16 if name == "adyen" else "whsec_" + "c2VjcmV0" * 6
    scheme = BY_NAME[name].schemes[0]
    request = signed(name, secret=key).with_body(body)
    right = scheme.sign(request, key).headers.get(scheme.headers[0])
    expected = SIGNATURE.findall(right or "")[-1]

    said = examine(request, BY_NAME[name], [Secret(value=key, provider=name)])

    assert said.verdict.failed
    assert expected not in str(said)
