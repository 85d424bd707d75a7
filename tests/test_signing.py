"""What is sent is signed with the secret that fits, or says that it is not."""

from __future__ import annotations

import time

import pytest

from hookcli import verify
from hookcli.delivery import Delivery, Headers
from hookcli.errors import HookError
from hookcli.secret import Secret
from hookcli.signatures.verifying import BY_NAME
from hookcli.signing import Signing, signed, unsigned

URL = "http://127.0.0.1:3000/hook"
HEADERS = Headers([("X-GitHub-Event", "push"), ("X-Hub-Signature-256", ""), ("Accept", "*/*")])


def secret(value: str, provider: str | None = None, source: str = "") -> Secret:
    return Secret(value=value, provider=provider, source=source)


def sign(*secrets: Secret, provider: str = "github", headers: Headers = HEADERS) -> Signing:
    delivery = Delivery(method="POST", path="/", headers=headers, body=b"{}", provider=provider)
    return signed(delivery, BY_NAME[provider], secrets, url=URL, now=time.time())


def test_the_providers_own_secret_comes_first() -> None:
    """Then those for anybody; never those of others."""
    own, anybody, other = secret("a", "github", "env A"), secret("b"), secret("c", "stripe")

    first = sign(other, anybody, own).delivery
    second = sign(other, anybody).delivery
    third = sign(other).delivery

    assert verify(first, "a").code == verify(second, "b").code == "valid"
    assert first.signature.message == "Signed with the secret 'github, from env A'"
    assert second.signature.message == "Signed with the secret 'any'"
    assert third.signature.code == "unsigned"


def test_a_signature_stands_where_a_place_is_kept_for_it() -> None:
    names = [name for name, _ in sign(secret("a")).delivery.headers]

    assert names == ["X-GitHub-Event", "X-Hub-Signature-256", "Accept"]


def test_without_a_secret_no_place_is_left() -> None:
    delivery = sign().delivery

    assert [name for name, _ in delivery.headers] == ["X-GitHub-Event", "Accept"]
    assert delivery.signature.message == "Not signed: there is no secret for GitHub"


def test_an_old_signature_is_taken_away() -> None:
    """It would be wrong soon."""
    old = sign(secret("a")).delivery

    assert unsigned(old, BY_NAME["github"]).headers.get("x-hub-signature-256") is None


def test_where_only_a_sender_can_sign_a_pair_is_made() -> None:
    """The public key comes with it, as nothing else can check it."""
    delivery, pair = sign(provider="discord", headers=Headers())

    assert pair is not None
    assert verify(delivery, pair.public).code == "valid"
    assert pair.private not in repr(delivery)


def test_a_pair_is_not_made_where_keys_are_written_otherwise() -> None:
    assert sign(provider="sendgrid", headers=Headers()).delivery.signature.code == "unsigned"


def test_a_secret_that_cannot_sign_is_an_error() -> None:
    with pytest.raises(HookError, match="Cannot sign"):
        sign(secret("not hex"), provider="discord")
