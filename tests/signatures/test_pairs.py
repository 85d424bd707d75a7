"""A key pair that is made for a test signs and checks."""

from __future__ import annotations

from hookcli import Delivery, Headers, sign, verify
from hookcli.signatures.pairs import new_pair


def test_what_the_private_key_signs_the_public_one_checks() -> None:
    pair, other = new_pair(), new_pair()
    delivery = Delivery(method="POST", path="/", headers=Headers(), body=b"{}")

    signed = sign(delivery, pair.private, provider="discord")

    assert verify(signed, pair.public).code == "valid"
    assert verify(signed, other.public).code == "mismatch"
