"""Public-key signatures by name."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from hookcli.signatures.asymmetric import CIPHERS, CipherName

TEXT = [b"some ", b"text"]
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
P256 = ec.derive_private_key(7, ec.SECP256R1())
P384 = ec.derive_private_key(7, ec.SECP384R1())
RSA = rsa.generate_private_key(65537, 2048)

Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER


def private_bytes(key: Private, encoding: serialization.Encoding = PEM) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)


def public_bytes(key: Private, encoding: serialization.Encoding = PEM) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(encoding, form)


PAIRS: dict[str, tuple[CipherName, bytes, bytes]] = {
    "Ed25519": ("Ed25519", ED25519.private_bytes_raw(), ED25519.public_key().public_bytes_raw()),
    "ECDSA, PEM": ("ECDSA P-256", private_bytes(P256), public_bytes(P256)),
    "ECDSA, DER": ("ECDSA P-256", private_bytes(P256, DER), public_bytes(P256, DER)),
    "RSA, SHA-1": ("RSA-SHA1", private_bytes(RSA), public_bytes(RSA)),
    "RSA, SHA-256": ("RSA-SHA256", private_bytes(RSA), public_bytes(RSA)),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_what_a_private_key_signs_its_public_key_checks(pair: str) -> None:
    name, private, public = PAIRS[pair]
    cipher = CIPHERS[name]
    signature = cipher.sign(private, iter(TEXT))

    assert cipher.fits(public)
    assert cipher.verifies(public, signature, iter(TEXT))
    assert not cipher.verifies(public, signature, [b"other"])
    assert not cipher.verifies(public, signature[:-1], iter(TEXT))
    assert not cipher.verifies(public, b"", iter(TEXT))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Ed25519", b"short"),
        ("ECDSA P-256", public_bytes(RSA)),
        ("ECDSA P-256", public_bytes(P384)),
        ("ECDSA P-256", private_bytes(P256)),
        ("ECDSA P-256", b"-----BEGIN"),
        ("RSA-SHA256", public_bytes(P256)),
        ("RSA-SHA256", b"-----BEGIN CERTIFICATE-----"),
        ("RSA-SHA256", b""),
    ],
)
def test_other_keys_do_not_fit(name: CipherName, key: bytes) -> None:
    assert not CIPHERS[name].fits(key)
    with pytest.raises((ValueError, TypeError)):
        CIPHERS[name].sign(public_bytes(P256) if "P" in name else b"", TEXT)


@pytest.mark.parametrize("name", ["ECDSA P-256", "RSA-SHA1"])
def test_nothing_is_right_by_a_key_of_another_kind(name: CipherName) -> None:
    assert not CIPHERS[name].verifies(b"none", b"signature", TEXT)


@pytest.mark.parametrize(("name", "other"), [("ECDSA P-256", RSA), ("RSA-SHA256", P256)])
def test_a_private_key_of_another_kind_does_not_sign(name: CipherName, other: Private) -> None:
    with pytest.raises(TypeError):
        CIPHERS[name].sign(private_bytes(other), TEXT)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80))
def test_any_bytes_of_the_right_size_are_a_key(key: bytes, signature: bytes) -> None:
    """Also those that are no point of the curve: nothing is right by them."""
    assert not CIPHERS["Ed25519"].verifies(key, signature, TEXT)
