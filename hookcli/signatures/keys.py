"""Signatures that are checked with a public key, which the provider shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookcli.errors import HookError
from hookcli.signatures.encodings import KeyForm, decode, encode, key_bytes, misfit, octets
from hookcli.signatures.schemes import Given, Signed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookcli.signatures.asymmetric import Cipher, CipherName
    from hookcli.signatures.request import Request

_PEM = "-----BEGIN"


def cipher(name: CipherName) -> Cipher:
    """Return what checks and makes such signatures."""
    from hookcli.signatures.asymmetric import CIPHERS  # noqa: PLC0415 - it loads `cryptography`

    return CIPHERS[name]


def signed_by(name: CipherName, key: bytes | None, text: Iterable[bytes]) -> bytes:
    """Return a signature. Raises HookError where this is no private key for it."""
    try:
        return cipher(name).sign(key or b"", text)
    except (ValueError, TypeError):
        raise HookError(
            f"Cannot sign: this is no private key for {name}",
            "Checking takes the public key; to sign, the secret is the private one",
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey(Signed):
    """Who checks cannot sign: the sender alone has the private key."""

    cipher: CipherName
    key: KeyForm
    """How keys are written; PEM is read as well."""
    public: str = ""
    """Stands in front of a public key."""
    private: str = ""
    """Stands in front of a private key."""

    @property
    def name(self) -> str:
        """As in `Ed25519 signature`."""
        return f"{self.cipher} signature"

    @property
    def length(self) -> int:
        """Bytes of a signature; 0 where that differs."""
        return 64 if self.cipher == "Ed25519" else 0

    def fits(self, key: str) -> str | None:
        """Return why a text cannot be the public key, or None."""
        data = self._bytes(key, self.public)
        if not data:
            return misfit(key.removeprefix(self.public), self.key) or (
                f"the public key does not start with {self.public}"
            )
        return (
            None if cipher(self.cipher).fits(data) else f"this is no public key for {self.cipher}"
        )

    def _bytes(self, key: str, prefix: str) -> bytes | None:
        if key.startswith(_PEM):
            return octets(key)
        return key_bytes(key.removeprefix(prefix), self.key) if key.startswith(prefix) else None

    def _matches(self, given: Given, request: Request, key: str) -> bool:
        public = self._bytes(key, self.public) or b""
        decoded = [decode(signature, self.encoding) for signature in given.signatures]
        return any(
            cipher(self.cipher).verifies(public, signature, self._text(given, request))
            for signature in decoded
            if signature
        )

    def _well_formed(self, signature: str) -> bool:
        data = decode(signature, self.encoding) or b""
        if self.cipher == "Ed25519":
            return len(data) == self.length and any(data)
        return data[:1] == b"\x30" and data[1:2] == bytes(
            [len(data) - 2 & 0xFF]
        )  # one DER sequence

    def _signature(self, text: Iterable[bytes], key: str) -> str:
        private = self._bytes(key, self.private)
        return encode(signed_by(self.cipher, private, text), self.encoding)
