"""Signatures in headers that a public key checks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hookcli.delivery import Delivery
from hookcli.errors import HookError
from hookcli.signatures.providers import DISCORD, SENDGRID, STANDARD_ASYMMETRIC
from hookcli.signatures.request import Request
from tests.signatures.vectors import a_valid_one

if TYPE_CHECKING:
    from hookcli.signatures.keys import PublicKey

NOW = 1_790_000_000
PRIVATE = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
PUBLIC = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
WHSK = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
WHPK = "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="


def make() -> Request:
    return Request(delivery=Delivery(method="POST", path="/", body=b"{}"), now=NOW)


@pytest.mark.parametrize(
    ("scheme", "private", "public"),
    [(DISCORD, PRIVATE, PUBLIC), (STANDARD_ASYMMETRIC, WHSK, WHPK)],
)
def test_the_private_key_signs_and_the_public_one_checks(
    scheme: PublicKey, private: str, public: str
) -> None:
    request = replace(make(), delivery=scheme.sign(make(), private))

    assert scheme.verify(request, public).code == "valid"
    assert scheme.verify(request, private).code == "mismatch"
    assert scheme.verify(request.with_body(b"{} "), public).code == "mismatch"


@pytest.mark.parametrize(
    ("scheme", "key", "said"),
    [
        (DISCORD, "", "empty"),
        (DISCORD, "zz", "hex digits"),
        (DISCORD, PUBLIC[2:], "no public key for Ed25519"),
        (STANDARD_ASYMMETRIC, WHPK[5:], "does not start with whpk_"),
        (STANDARD_ASYMMETRIC, "whpk_!", "not base64"),
        (SENDGRID, "MFkw", "no public key for ECDSA P-256"),
        (SENDGRID, "-----BEGIN PUBLIC KEY-----", "no public key for ECDSA P-256"),
    ],
)
def test_a_key_that_does_not_fit_is_told_why(scheme: PublicKey, key: str, said: str) -> None:
    assert said in (scheme.fits(key) or "")


@pytest.mark.parametrize(
    ("scheme", "key"),
    [(DISCORD, PUBLIC[2:]), (STANDARD_ASYMMETRIC, WHPK), (SENDGRID, "MFkw"), (SENDGRID, "é")],
)
def test_what_is_no_private_key_cannot_sign(scheme: PublicKey, key: str) -> None:
    with pytest.raises(HookError, match="no private key"):
        scheme.sign(make(), key)


@pytest.mark.parametrize(
    ("provider", "value"),
    [
        ("discord", "0" * 128),
        ("discord", "ab" * 63),
        ("sendgrid", "bm90IERFUg=="),
        ("sendgrid", "MEQCIH9gBC5sDlwZNp8u"),
    ],
)
def test_what_cannot_be_a_signature_is_malformed(provider: str, value: str) -> None:
    vector = a_valid_one(provider)
    scheme = DISCORD if provider == "discord" else SENDGRID
    request = vector.request.with_header(scheme.header, value)

    assert scheme.verify(request, vector.secret).code == "malformed_signature"


def test_says_what_was_checked() -> None:
    vector = a_valid_one("discord")
    size = vector.request.delivery.size

    assert vector.finding().checked == (
        f"X-Signature-Ed25519: Ed25519 signature of the time and the {size:,} raw bytes"
    )
