"""Checks deliveries for a person: with what, by when, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from hookcli.delivery import EPOCH, HELD_BODY, Delivery
from hookcli.secret import fitting
from hookcli.signatures import identify
from hookcli.signatures.request import Request
from hookcli.signatures.trials import signs_url
from hookcli.signatures.verifying import BY_NAME, examine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hookcli.secret import Secret
    from hookcli.signatures.providers import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By what deliveries are checked."""

    secrets: Sequence[Secret]
    provider: Provider | None
    """Who sent them; None: as each says itself."""
    public_url: str | None
    at: datetime | None
    """None: when each arrived, or `now`."""
    tolerance_s: float | None
    """None: what the provider's own libraries allow."""
    now: datetime


class Check(NamedTuple):
    """How one signature was checked, and what came of it."""

    delivery: Delivery
    """With the verdict."""
    sender: str
    """The provider, and how it is known; or that it is not."""
    at: datetime
    why_at: str
    """Why then, like `when it arrived`."""
    cause: str
    """What came of it."""
    do: Sequence[str]
    """What to do about it."""
    url: str | None = None
    """The URL that it was sent to, where that is signed."""
    secrets: Sequence[Secret] = ()
    """Those that were tried."""
    checked: str = ""
    """What was compared."""


def checked(delivery: Delivery, terms: Terms) -> Check:
    """Check a delivery, and note how."""
    at, why_at = _time(delivery, terms)
    identity = identify(delivery.headers, delivery.body[:HELD_BODY])
    provider, says = _sender(identity.provider, terms)
    delivery = replace(
        delivery,
        provider=provider.name if provider else None,
        event=identity.event,
        action=identity.action,
        signature=identity.signature,
    )
    check = Check(
        delivery=delivery,
        sender="unknown",
        at=at,
        why_at=why_at,
        cause="nothing tells which provider it is from",
        do=("name it: --provider NAME",),
    )
    if provider is None:
        return check
    request = Request(
        delivery=delivery,
        url=terms.public_url and sent_to(terms.public_url, delivery),
        now=at.timestamp(),
        tolerance=terms.tolerance_s,
    )
    found = examine(request, provider, terms.secrets)
    secrets = fitting(terms.secrets, provider.name)
    do = () if secrets else (f"give its secret: --secret {provider.name}=env:NAME",)
    return check._replace(
        delivery=delivery.judged(found.verdict),
        sender=f"{provider.title}, as {says}",
        url=request.sent_to() if any(map(signs_url, provider.schemes)) else None,
        secrets=secrets,
        checked=found.checked,
        cause=found.diagnosis.cause if found.diagnosis else found.verdict.message,
        do=found.diagnosis.do if found.diagnosis else do,
    )


def _time(delivery: Delivery, terms: Terms) -> tuple[datetime, str]:
    """Return the time to check at, and why that one."""
    if terms.at:
        return terms.at, "as --at says"
    if delivery.received_at != EPOCH:
        return delivery.received_at, "when it arrived"
    return terms.now, "which is now"


def _sender(detected: str | None, terms: Terms) -> tuple[Provider | None, str]:
    """Return who sent it, and what says so."""
    if terms.provider:
        return terms.provider, "--provider says"
    if detected:
        return BY_NAME[detected], "it says itself"
    named = {secret.provider for secret in terms.secrets}
    return BY_NAME.get(named.pop() or "") if len(named) == 1 else None, "the secret is for it"


def sent_to(public_url: str, delivery: Delivery) -> str:
    """Return the whole URL that was used: as it is given, or with the delivery's path and query."""
    parts = urlsplit(public_url)
    if parts.query or (parts.path == delivery.path and not delivery.query):
        return public_url
    base = public_url.removesuffix(parts.path) if parts.path == delivery.path else public_url
    return base.rstrip("/") + delivery.target
