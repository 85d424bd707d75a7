"""Who sent a delivery: told by the names of its headers, or else by what is in its body."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from hookcli.signatures.events import Seen
from hookcli.signatures.providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookcli.delivery import Headers
    from hookcli.signatures.providers import Provider

_MARKERS = frozenset(marker for provider in PROVIDERS for marker in provider.markers)
_AGENTS = frozenset(provider.user_agent for provider in PROVIDERS if provider.user_agent)
_BY_NAME = {provider.name: provider for provider in PROVIDERS}


def detect(headers: Headers, body: bytes) -> Provider | None:
    """Return who sent this, told by its headers and a body up to `HELD_BODY`. Never raises."""
    return provider_of(Seen(headers, body))


def provider_of(seen: Seen) -> Provider | None:
    """Look up, rather than ask every provider: a request costs the same however many there are."""
    agent = seen.headers.get("user-agent", "").partition("/")[0].lower()
    marks = _MARKERS.intersection(seen.headers)
    if marks or agent in _AGENTS:
        for provider in _marked(marks, agent if agent in _AGENTS else None):
            only_if = _ONLY_IF.get(provider.name)
            if only_if is None or only_if(seen):
                return provider
    for name, word, is_it in _IN_BODIES:
        if seen.may_hold(word) and is_it(seen):
            return _BY_NAME[name]
    return None


@lru_cache(256)
def _marked(marks: frozenset[str], agent: str | None) -> tuple[Provider, ...]:
    """Return whom these marks fit, in the order in which they are asked."""
    return tuple(
        provider
        for provider in PROVIDERS
        if not marks.isdisjoint(provider.markers) or (agent and agent == provider.user_agent)
    )


def _has_headers(*names: str) -> Callable[[Seen], bool]:
    return lambda seen: all(name in seen.headers for name in names)


def _has_type(*beginnings: str) -> Callable[[Seen], bool]:
    return lambda seen: (seen.text(".type") or "").startswith(beginnings)


def _is_intercom(seen: Seen) -> bool:
    legacy = seen.headers.get("x-hub-signature", "").startswith("sha1=")
    alone = "x-hub-signature-256" not in seen.headers
    return legacy and alone and seen.text(".type") == "notification_event"


def _is_meta(seen: Seen) -> bool:
    return seen.text(".object") is not None and seen.at(".entry") is not None


def _is_netlify(seen: Seen) -> bool:
    is_token = seen.headers.get("x-webhook-signature", "").count(".") == 2
    return is_token or "x-netlify-event" in seen.headers


def _is_mailgun(seen: Seen) -> bool:
    return seen.at(".event-data") is not None and seen.text(".signature.token") is not None


def _is_mailgun_route(seen: Seen) -> bool:
    return seen.text(".timestamp .token .signature") is not None


def _is_adyen(seen: Seen) -> bool:
    return isinstance(seen.at(".notificationItems"), list)


def _is_sns(seen: Seen) -> bool:
    return seen.text(".SigningCertURL .TopicArn") is not None


_ONLY_IF = {
    "gitlab": lambda seen: "webhook-signature" not in seen.headers,
    "gitlab-signing": _has_headers("webhook-signature"),
    "adyen": _has_headers("hmacsignature", "protocol"),
    "clerk": _has_type("user.", "session."),
    "resend": _has_type("email."),
    "standard-webhooks": _has_headers("webhook-id", "webhook-signature"),
    "intercom": _is_intercom,
    "meta": _is_meta,
    "netlify": _is_netlify,
    "lemonsqueezy": _has_headers("x-event-name", "x-signature"),
}
"""What, beside a marker, must be there."""

_IN_BODIES = (
    ("mailgun", b'"event-data"', _is_mailgun),
    ("mailgun", b"signature=", _is_mailgun_route),
    ("adyen", b'"notificationItems"', _is_adyen),
    ("sns", b'"SigningCertURL"', _is_sns),
)
"""Who is told by the body alone, by which word in it, and how that shows once it is parsed."""
