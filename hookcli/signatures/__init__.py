"""Names a delivery's provider, its event and what is known of its signature."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hookcli.delivery import HELD_BODY, Verdict
from hookcli.payload import payload_of
from hookcli.signatures.providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookcli.delivery import Delivery
    from hookcli.signatures.providers import Provider

_BY_MARKER = {provider.marker: provider for provider in reversed(PROVIDERS)}
_BY_AGENT = {
    provider.user_agent: provider for provider in reversed(PROVIDERS) if provider.user_agent
}
_UNSIGNED = {
    provider.name: Verdict(
        "unsigned", f"Not signed: this webhook has no secret at {provider.title}; set one there"
    )
    for provider in PROVIDERS
}
_UNCHECKED = {
    header: Verdict("unchecked", f"Signed in {header}, but there is no secret to check it with")
    for provider in PROVIDERS
    for header in provider.signatures
}


def identify(delivery: Delivery) -> Delivery:
    """Return the delivery with provider, event, action, delivery id and signature filled in.

    One of no known provider comes back as it is. Never raises.
    """
    # Reversed, so that the first of repeated headers stands.
    headers = {name.lower(): value for name, value in reversed(delivery.headers.pairs)}
    provider = _provider(headers)
    if provider is None:
        return delivery
    return replace(
        delivery,
        provider=provider.name,
        event=headers.get(provider.event) or None,
        action=_action(provider, delivery),
        delivery_id=headers.get(provider.delivery_id) or None,
        signature=_signature(provider, headers),
    )


def _provider(headers: Mapping[str, str]) -> Provider | None:
    """Look up, rather than ask every provider: a request costs the same however many there are."""
    found = [_BY_MARKER[marker] for marker in headers.keys() & _BY_MARKER.keys()]
    agent = headers.get("user-agent", "").partition("/")[0].lower()
    if agent in _BY_AGENT:
        found.append(_BY_AGENT[agent])
    fitting = [provider for provider in found if provider.unless.isdisjoint(headers)]
    return min(fitting, key=PROVIDERS.index, default=None)


def _action(provider: Provider, delivery: Delivery) -> str | None:
    field = provider.action
    if field is None:
        return None
    # Parsing is the dear part, and most events have no action.
    if field.encode() not in delivery.body and not delivery.headers.get("content-encoding"):
        return None
    payload = payload_of(delivery.headers, delivery.body, HELD_BODY)
    action = payload.get(field) if isinstance(payload, dict) else None
    return action if isinstance(action, str) and action else None


def _signature(provider: Provider, headers: Mapping[str, str]) -> Verdict:
    for header in provider.signatures:
        if headers.get(header):
            return _UNCHECKED[header]
    return _UNSIGNED[provider.name]
