"""Signatures with a shared secret: HMACs, and HubSpot's old plain hashes."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from hookcli.errors import HookError
from hookcli.signatures.encodings import KeyForm, encode, key_bytes, misfit, same
from hookcli.signatures.schemes import Given, Glance, Signed, right

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hookcli.signatures.request import Request

Algorithm = Literal["sha1", "sha256"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared(Signed):
    """Who checks knows what the sender knows, and compares what both get."""

    algorithm: Algorithm = "sha256"
    key: KeyForm = "text"

    @property
    def length(self) -> int:
        """Bytes of a signature."""
        return 32 if self.algorithm == "sha256" else 20

    def fits(self, key: str) -> str | None:
        """Return why a secret cannot be one of this scheme, or None."""
        return misfit(key, self.key)

    def _digest(self, text: Iterable[bytes], key: bytes) -> bytes:
        raise NotImplementedError

    def _matches(self, given: Given, request: Request, key: str) -> bool:
        expected = self._signature(self._text(given, request), key)
        return any(same(expected, signature) for signature in given.signatures)

    def _signature(self, text: Iterable[bytes], key: str) -> str:
        secret = key_bytes(key, self.key)
        if not secret:
            raise HookError(
                f"Cannot sign: {self.fits(key)}", "Give the secret as the provider shows it"
            )
        return encode(self._digest(text, secret), self.encoding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hmac(Shared):
    """What nearly all providers use."""

    @property
    def name(self) -> str:
        """As in `HMAC-SHA256`."""
        return f"HMAC-{self.algorithm.upper()}"

    def glance(self, key: str) -> tuple[Glance, str] | None:
        """Return what sees whether the raw body is signed with a secret, and what it says of it.

        None where more than one header and the body is signed, or the secret is none of these.
        """
        simple = type(self)(
            header=self.header,
            prefix=self.prefix,
            encoding=self.encoding,
            algorithm=self.algorithm,
            key=self.key,
            empty_is_unsigned=self.empty_is_unsigned,
        )
        secret = key_bytes(key, self.key)
        if self != simple or not secret:
            return None
        header = self.header.lower()

        def sees(headers: Mapping[str, str], body: bytes) -> bool:
            given = headers.get(header, "")
            digest = hmac.digest(secret, body, self.algorithm)
            expected = self.prefix + encode(digest, self.encoding)
            return given.isascii() and hmac.compare_digest(given, expected)

        return sees, right(f"{self.name} of {self._contents()} matches", None)[1]

    def _digest(self, text: Iterable[bytes], key: bytes) -> bytes:
        mac = hmac.new(key, digestmod=self.algorithm)
        for piece in text:
            mac.update(piece)
        return mac.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainHash(Shared):
    """A hash of the secret followed by the text, as HubSpot had it before version 3."""

    @property
    def name(self) -> str:
        """As in `SHA256 (secret first)`."""
        return f"{self.algorithm.upper()} (secret first)"

    def _digest(self, text: Iterable[bytes], key: bytes) -> bytes:
        digest = hashlib.new(self.algorithm, key)
        for piece in text:
            digest.update(piece)
        return digest.digest()
