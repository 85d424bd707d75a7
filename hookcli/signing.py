"""Signs what is about to be sent, or takes its signature away where there is no secret."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from hookcli.delivery import Headers, Verdict
from hookcli.secret import fitting
from hookcli.signatures.keys import PublicKey
from hookcli.signatures.verifying import sign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookcli.delivery import Delivery
    from hookcli.secret import Secret
    from hookcli.signatures.pairs import Pair
    from hookcli.signatures.providers import Provider


class Signing(NamedTuple):
    """What came of it."""

    delivery: Delivery
    """With a verdict that says what it is signed with."""
    pair: Pair | None = None
    """The keys that were made for it; only its public one can check it."""


def signed(
    delivery: Delivery, provider: Provider, secrets: Sequence[Secret], *, url: str, now: float
) -> Signing:
    """Sign with the first secret that is the provider's, or may be.

    Without one, what is checked with hex Ed25519 keys is signed with a pair made for it, and
    anything else goes unsigned. `url` is where it is sent to, as the receiver sees it; `now` is in
    Unix seconds. Raises HookError where the secret or the body does not fit.
    """
    secret = next(iter(fitting(secrets, provider.name)), None)
    if secret is not None:
        done = sign(delivery, secret.value, provider=provider.name, url=url, now=now)
        return Signing(_told(done, f"Signed with the secret '{secret.label}'"))
    if not _has_simple_pairs(provider):
        return Signing(unsigned(delivery, provider))
    from hookcli.signatures.pairs import new_pair  # noqa: PLC0415 - it loads `cryptography`

    pair = new_pair()
    done = sign(delivery, pair.private, provider=provider.name, url=url, now=now)
    return Signing(_told(done, "Signed with a key made just now"), pair)


def unsigned(delivery: Delivery, provider: Provider) -> Delivery:
    """Return the delivery without the headers that hold a signature."""
    kept = [pair for pair in delivery.headers if pair[0].lower() not in provider.signatures]
    verdict = Verdict("unsigned", f"Not signed: there is no secret for {provider.title}")
    return replace(delivery, headers=Headers(kept), signature=verdict)


def _told(delivery: Delivery, message: str) -> Delivery:
    return delivery.judged(Verdict("valid", message))


def _has_simple_pairs(provider: Provider) -> bool:
    strongest = provider.schemes[0]
    return (
        isinstance(strongest, PublicKey)
        and strongest.cipher == "Ed25519"
        and strongest.key == "hex"
    )
