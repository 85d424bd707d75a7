"""Secrets and pairs of keys, as vendors show them."""

from __future__ import annotations

from base64 import b64encode
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


class Keys(NamedTuple):
    """What signs, what checks that, and what does not."""

    signs: str
    checks: str
    other: str


def shared(secret: str, other: str) -> Keys:
    """Return what HMACs are made with: both sides know the same."""
    return Keys(secret, secret, other)


def _standard(number: int) -> str:
    return f"whsec_{b64encode(bytes([number] * 32)).decode()}"


def _ed25519(number: int) -> tuple[str, str]:
    """Return a private and a public key in hexadecimal digits."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))
    return key.private_bytes_raw().hex(), key.public_key().public_bytes_raw().hex()


def _p256(number: int) -> tuple[str, str]:
    """Return a private and a public key, DER in base64."""
    key = derive_private_key(number, SECP256R1())
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(private).decode(), b64encode(public).decode()


PLAIN = shared("a-secret / with + signs", "another")
STANDARD = shared(_standard(1), _standard(2))
HEX = shared("0123456789abcdef" * 4, "ab" * 32)
DISCORD = Keys(*_ed25519(1), _ed25519(2)[1])
SENDGRID = Keys(*_p256(7), _p256(8)[1])
