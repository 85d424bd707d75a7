"""Names a delivery's provider, its event and what is known of its signature."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from hookcli.delivery import HELD_BODY, UNSIGNED, Verdict
from hookcli.payload import payload_of
from hookcli.signatures.providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookcli.delivery import Headers
    from hookcli.signatures.providers import Provider

_BY_MARKER = {marker: provider for provider in reversed(PROVIDERS) for marker in provider.markers}
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
_FIRST_ACTION = {
    provider.action: re.compile(rb'\s*\{\s*"%s"\s*:\s*"([\w.-]+)"' % provider.action.encode())
    for provider in PROVIDERS
    if provider.action
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
    # Reversed, so that the first of repeated headers stands.
    values = {name.lower(): value for name, value in reversed(headers.pairs)}
    provider = _provider(values)
    if provider is None:
        return _UNKNOWN
    return Identity(
        provider=provider.name,
        event=values.get(provider.event) or None,
        action=provider.action and _action(provider.action, headers, body),
        delivery_id=values.get(provider.delivery_id) or None,
        signature=_signature(provider, values),
    )


def _provider(headers: Mapping[str, str]) -> Provider | None:
    """Look up, rather than ask every provider: a request costs the same however many there are."""
    found = [_BY_MARKER[marker] for marker in headers.keys() & _BY_MARKER.keys()]
    agent = headers.get("user-agent", "").partition("/")[0].lower()
    if agent in _BY_AGENT:
        found.append(_BY_AGENT[agent])
    fitting = [provider for provider in found if provider.unless.isdisjoint(headers)]
    return min(fitting, key=PROVIDERS.index, default=None)


def _action(field: str, headers: Headers, body: bytes) -> str | None:
    # Parsing is the dear part: those that have an action begin with it, and most have none.
    if not headers.get("content-encoding"):
        if first := _FIRST_ACTION[field].match(body):
            return first[1].decode()
        if field.encode() not in body:
            return None
    payload = payload_of(headers, body, HELD_BODY)
    action = payload.get(field) if isinstance(payload, dict) else None
    return action if isinstance(action, str) and action else None


def _signature(provider: Provider, headers: Mapping[str, str]) -> Verdict:
    for header in provider.signatures:
        if headers.get(header):
            return _UNCHECKED[header]
    return _UNSIGNED[provider.name]
