"""Deliveries signed anew before they are sent again: with which secret, and whether to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hookcli.errors import HookError
from hookcli.remaking import with_body
from hookcli.secret import fitting
from hookcli.signatures.canonical import Contentful, Hook0
from hookcli.signatures.fields import Mailgun
from hookcli.signatures.jwts import Monday
from hookcli.signatures.keys import PublicKey
from hookcli.signatures.request import Request
from hookcli.signatures.schemes import Signed
from hookcli.signatures.tokens import ClientState, QueryToken, Token
from hookcli.signatures.verifying import BY_NAME, sign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookcli.delivery import Delivery
    from hookcli.routes import Endpoint
    from hookcli.secret import Secret


_TOKENS = (Token, QueryToken, ClientState, Monday)
"""These show who sent something, whatever it is."""


def secret_of(delivery: Delivery, secrets: Sequence[Secret]) -> Secret | None:
    """Return the secret that signs for a delivery's provider; None: there is none.

    Of several it is the one whose signature the delivery has. Its whole body has to be held.
    """
    provider = BY_NAME.get(delivery.provider or "")
    fits = fitting(secrets, provider.name) if provider else ()
    if provider is None or len(fits) < 2:
        return fits[0] if fits else None
    request = Request(delivery=delivery, now=delivery.received_at.timestamp())

    def matches(secret: Secret) -> bool:
        return provider.scheme(request, secret.value).verify(request, secret.value).matched

    return next(filter(matches, fits), fits[0])


def signed_for(delivery: Delivery, endpoint: Endpoint, secret: Secret, now: float) -> Delivery:
    """Return the delivery, whose whole body is held, signed at `now` for an app at `endpoint`.

    A URL that is signed is the one that the app can tell from the headers it gets. Raises
    HookError where the secret or the body does not fit.
    """
    _refuse_public_key(delivery, secret)
    headers = delivery.headers
    target = endpoint.request_target(delivery)
    there = replace(delivery, path=target.partition("?")[0])
    scheme = (headers.get("x-forwarded-proto") or "http").strip()
    host = headers.get("x-forwarded-host") or headers.get("host") or endpoint.host
    url = f"{scheme}://{host.strip()}{target}"
    signed = sign(there, secret.value, provider=delivery.provider, url=url, now=now)
    return replace(with_body(signed, signed.body), path=delivery.path)


def _refuse_public_key(delivery: Delivery, secret: Secret) -> None:
    """Raise HookError for a key that checks the signature that is there: a private one does not."""
    provider = BY_NAME.get(delivery.provider or "")
    request = Request(delivery=delivery, now=delivery.received_at.timestamp())
    scheme = provider.scheme(request, secret.value) if provider else None
    if isinstance(scheme, PublicKey) and scheme.verify(request, secret.value).matched:
        raise HookError(
            f"The secret {secret.label} is a public key, which only checks",
            "A private key signs: that of a pair of your own, whose public one your app has",
        )


def is_signed(delivery: Delivery) -> bool:
    """Return whether there is anything of a signature in a delivery, whose whole body is held."""
    provider = BY_NAME.get(delivery.provider or "")
    request = Request(delivery=delivery, now=0)
    return provider is not None and any(each.present(request) for each in provider.schemes)


def covers(came: Delivery, sent: Delivery) -> bool:
    """Return whether the signature of one, whole, that came is over what differs in another."""
    provider = BY_NAME.get(came.provider or "")
    request = Request(delivery=came, now=0)
    schemes = [each for each in provider.schemes if each.present(request)] if provider else []
    present = [each for each in schemes if not isinstance(each, _TOKENS)]
    if not present or came.body != sent.body:
        return bool(present)
    if any(isinstance(each, (Contentful, Hook0)) for each in present):  # they list headers
        return came.headers != sent.headers
    ids = [each.id for each in present if isinstance(each, Signed) and each.id]
    return any(came.headers.get(name) != sent.headers.get(name) for name in ids)


def too_old(delivery: Delivery, now: float) -> bool:
    """Return whether its signature was made longer ago than its provider's libraries allow.

    It is taken to have been made when the delivery came.
    """
    provider = BY_NAME.get(delivery.provider or "")
    if provider is None:
        return False
    request = Request(delivery=delivery, now=now)
    present = [each for each in provider.schemes if each.present(request)]
    clocks = [each.clock for each in present[:1] if isinstance(each, (Signed, Mailgun))]
    age = now - delivery.received_at.timestamp()
    return any(clock.tolerance is not None and age > clock.tolerance for clock in clocks)
