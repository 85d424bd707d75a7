"""Public-key signatures, by name. Imported only where one is met, as `cryptography` takes long."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509 import load_pem_x509_certificate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

CipherName = Literal["Ed25519", "ECDSA P-256", "RSA-SHA1", "RSA-SHA256"]

_PEM = b"-----BEGIN"
_CERTIFICATE = b"-----BEGIN CERTIFICATE"


class Cipher(Protocol):
    """One kind of signature. Keys are raw bytes, DER or PEM."""

    def fits(self, key: bytes) -> bool:
        """Return whether this is a public key, or a certificate of one."""

    def verifies(self, key: bytes, signature: bytes, text: Iterable[bytes]) -> bool:
        """Return whether the signature is right by a public key."""

    def sign(self, key: bytes, text: Iterable[bytes]) -> bytes:
        """Return a signature. Raises ValueError or TypeError where this is no private key."""


class Ed25519:
    """Ed25519 with keys of 32 bytes."""

    def fits(self, key: bytes) -> bool:
        """Return whether this has the size of a key."""
        return len(key) == 32

    def verifies(self, key: bytes, signature: bytes, text: Iterable[bytes]) -> bool:
        """Return whether the signature is right by a public key."""
        public = ed25519.Ed25519PublicKey.from_public_bytes(key)
        return _passes(lambda: public.verify(signature, b"".join(text)))

    def sign(self, key: bytes, text: Iterable[bytes]) -> bytes:
        """Return a signature. Raises ValueError or TypeError where this is no private key."""
        return ed25519.Ed25519PrivateKey.from_private_bytes(key).sign(b"".join(text))


class EcdsaP256:
    """ECDSA over P-256 and SHA-256; signatures are in DER."""

    _how = ec.ECDSA(Prehashed(SHA256()))

    def fits(self, key: bytes) -> bool:
        """Return whether this is a public key on the curve."""
        public = _public(key)
        return isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name == "secp256r1"

    def verifies(self, key: bytes, signature: bytes, text: Iterable[bytes]) -> bool:
        """Return whether the signature is right by a public key."""
        public = _public(key)
        if not isinstance(public, ec.EllipticCurvePublicKey):
            return False
        return _passes(lambda: public.verify(signature, _sha256(text), self._how))

    def sign(self, key: bytes, text: Iterable[bytes]) -> bytes:
        """Return a signature. Raises ValueError or TypeError where this is no private key."""
        private = _private(key)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise TypeError("not on an elliptic curve")
        return private.sign(_sha256(text), self._how)


class Rsa:
    """RSA with PKCS #1 v1.5; its public keys come in certificates, too."""

    def __init__(self, hashed: HashAlgorithm) -> None:
        self._hash = hashed

    def fits(self, key: bytes) -> bool:
        """Return whether this is a public key, or a certificate of one."""
        return isinstance(_public(key), rsa.RSAPublicKey)

    def verifies(self, key: bytes, signature: bytes, text: Iterable[bytes]) -> bool:
        """Return whether the signature is right by a public key."""
        public = _public(key)
        if not isinstance(public, rsa.RSAPublicKey):
            return False
        pad = padding.PKCS1v15()
        return _passes(lambda: public.verify(signature, b"".join(text), pad, self._hash))

    def sign(self, key: bytes, text: Iterable[bytes]) -> bytes:
        """Return a signature. Raises ValueError or TypeError where this is no private key."""
        private = _private(key)
        if not isinstance(private, rsa.RSAPrivateKey):
            raise TypeError("not of RSA")
        return private.sign(b"".join(text), padding.PKCS1v15(), self._hash)


CIPHERS: dict[CipherName, Cipher] = {
    "Ed25519": Ed25519(),
    "ECDSA P-256": EcdsaP256(),
    "RSA-SHA1": Rsa(SHA1()),  # noqa: S303 - AWS SNS's version 1
    "RSA-SHA256": Rsa(SHA256()),
}


def _passes(check: Callable[[], None]) -> bool:
    try:
        check()
    except InvalidSignature:
        return False
    return True


def _public(key: bytes) -> PublicKeyTypes | None:
    try:
        if key.startswith(_CERTIFICATE):
            return load_pem_x509_certificate(key).public_key()
        return load_pem_public_key(key) if key.startswith(_PEM) else load_der_public_key(key)
    except (ValueError, UnsupportedAlgorithm):
        return None


def _private(key: bytes) -> PrivateKeyTypes:
    try:
        if key.startswith(_PEM):
            return load_pem_private_key(key, None)
        return load_der_private_key(key, None)
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from None


def _sha256(text: Iterable[bytes]) -> bytes:
    digest = hashlib.sha256()
    for piece in text:
        digest.update(piece)
    return digest.digest()
