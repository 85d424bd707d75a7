"""Key pairs made for a test. Imported only where one is made, as `cryptography` takes long."""

from __future__ import annotations

from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Pair(NamedTuple):
    """An Ed25519 key pair, as hex digits."""

    private: str
    public: str


def new_pair() -> Pair:
    """Return one that nobody else has."""
    private = Ed25519PrivateKey.generate()
    return Pair(private.private_bytes_raw().hex(), private.public_key().public_bytes_raw().hex())
