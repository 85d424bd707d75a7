"""Names a delivery's provider, its event and what is known of its signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hookcli.delivery import UNSIGNED, Delivery, Verdict
from hookcli.signatures.detection import provider_of
from hookcli.signatures.events import Seen, action_of, delivery_id_of, event_of
from hookcli.signatures.providers import PROVIDERS
from hookcli.signatures.request import Request

if TYPE_CHECKING:
    from hookcli.delivery import Headers
    from hookcli.signatures.providers import Provider

_UNSIGNED = {
    provider.name: Verdict(
        "unsigned", f"Not signed: this webhook has no secret at {provider.title}; set one there"
    )
    for provider in PROVIDERS
}
_UNCHECKED = {
    provider.name: {
        header: Verdict("unchecked", f"Signed in {header}, but there is no secret to check it with")
        for header in provider.signatures
    }
    for provider in PROVIDERS
}
_UNCHECKED_INSIDE = Verdict("unchecked", "Signed in its body, but there is no secret to check it")
_SIGNED_INSIDE = {
    provider.name: [scheme for scheme in provider.schemes if not scheme.headers]
    for provider in PROVIDERS
}


class Identity(NamedTuple):
    """What a delivery says of itself; the fields of `Delivery` of the same names."""

    provider: str | None = None
    event: str | None = None
    action: str | None = None
    delivery_id: str | None = None
    signature: Verdict = UNSIGNED


_UNKNOWN = Identity()


def identify(headers: Headers, body: bytes) -> Identity:
    """Return what the headers, and a body up to `HELD_BODY`, say of a delivery. Never raises."""
    seen = Seen(headers, body)
    provider = provider_of(seen)
    if provider is None:
        return _UNKNOWN
    return Identity(
        provider.name,
        event_of(provider, seen),
        action_of(provider, seen),
        delivery_id_of(provider, seen),
        _signature(provider, headers, seen),
    )


def unverified(provider: Provider, headers: Headers, body: bytes) -> Verdict:
    """Return what is known of a signature of this provider's without a secret."""
    return _signature(provider, headers, Seen(headers, body))


def _signature(provider: Provider, headers: Headers, seen: Seen) -> Verdict:
    for header, verdict in _UNCHECKED[provider.name].items():
        if seen.headers.get(header):
            return verdict
    if inside := _SIGNED_INSIDE[provider.name]:
        delivery = Delivery(method="POST", path="/", headers=headers, body=seen.body)
        request = Request(delivery=delivery, now=0)
        if any(scheme.present(request) for scheme in inside):
            return _UNCHECKED_INSIDE
    return _UNSIGNED[provider.name]
