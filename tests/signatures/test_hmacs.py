"""HMACs, and the plain hashes that came before."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

import pytest

from hookcli.delivery import Delivery
from hookcli.errors import HookError
from hookcli.signatures.hmacs import Algorithm, Hmac, PlainHash
from hookcli.signatures.request import Request

if TYPE_CHECKING:
    from hookcli.signatures.encodings import KeyForm

BODY = b"Hello, World!"


def request_of(body: bytes = BODY) -> Request:
    return Request(delivery=Delivery(method="POST", path="/", body=body), now=0)


def test_gives_what_githubs_documentation_gives() -> None:
    scheme = Hmac(header="X-Hub-Signature-256", prefix="sha256=")
    signed = scheme.sign(request_of(), "It's a Secret to Everybody")

    assert signed.headers.get("x-hub-signature-256") == (
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    )


@pytest.mark.parametrize(("algorithm", "length"), [("sha1", 20), ("sha256", 32)])
def test_knows_its_name_and_length(algorithm: Algorithm, length: int) -> None:
    scheme = Hmac(header="x", algorithm=algorithm)

    assert scheme.name == f"HMAC-{algorithm.upper()}"
    assert scheme.length == length
    assert len(scheme.sign(request_of(), "k").headers.get("x") or "") == 2 * length


@pytest.mark.parametrize(
    ("form", "key"),
    [("text", "a"), ("hex", "61"), ("base64", "YQ=="), ("whsec", "whsec_YQ==")],
)
def test_a_key_may_be_written_in_several_ways(form: KeyForm, key: str) -> None:
    scheme = Hmac(header="x", key=form)
    signed = scheme.sign(request_of(), key)

    assert signed.headers.get("x") == hmac.digest(b"a", BODY, "sha256").hex()


def test_a_plain_hash_begins_with_the_secret() -> None:
    scheme = PlainHash(header="x", signed="{method}{body}")
    request = request_of()
    signed = scheme.sign(request, "key")

    assert signed.headers.get("x") == hashlib.sha256(b"keyPOST" + BODY).hexdigest()
    finding = scheme.verify(Request(delivery=signed, now=0), "key")
    assert finding.checked == "x: SHA256 (secret first) of the method and the 13 raw bytes"


def test_the_body_is_hashed_piece_by_piece() -> None:
    scheme = Hmac(header="x")
    signed = scheme.sign(request_of(), "key")
    pieces = Request(delivery=signed, now=0, chunks=lambda: iter([BODY[:5], BODY[5:]]))

    assert scheme.verify(pieces, "key").code == "valid"


def test_a_secret_that_does_not_fit_cannot_sign() -> None:
    scheme = Hmac(header="x", key="hex")

    assert scheme.fits("xyz") == "the secret is not made of pairs of hex digits"
    with pytest.raises(HookError, match="Cannot sign: the secret is not made of pairs"):
        scheme.sign(request_of(), "xyz")
