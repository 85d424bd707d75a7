"""Checks a delivery's signature with the secrets there are, and signs deliveries."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, isnan
from time import time
from typing import TYPE_CHECKING, NamedTuple

from hookcli.delivery import Verdict
from hookcli.errors import UsageError
from hookcli.grammar import suggestion
from hookcli.secret import Secret, fitting
from hookcli.signatures import detection, unverified
from hookcli.signatures.doctor import Diagnosis, diagnose
from hookcli.signatures.hmacs import Hmac
from hookcli.signatures.providers import PROVIDERS
from hookcli.signatures.request import Request
from hookcli.signatures.schemes import Signed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookcli.delivery import Delivery
    from hookcli.signatures.providers import Provider
    from hookcli.signatures.request import Finding, Scheme
    from hookcli.signatures.schemes import Glance

BY_NAME = {provider.name: provider for provider in PROVIDERS}

_UNKNOWN = Verdict("unchecked", "Not checked: no provider that hookcli knows has sent this")


class Examined(NamedTuple):
    """What came of a check."""

    verdict: Verdict
    checked: str = ""
    """What was compared; empty where there was nothing to compare with."""
    diagnosis: Diagnosis | None = None
    """Why it failed, where it did."""


def examine(request: Request, provider: Provider, secrets: Sequence[Secret]) -> Examined:
    """Check the provider's signature with each of its secrets, until one is right. Never raises.

    `secrets` are all there are; those for other providers may explain a failure.
    """
    found = _found(request, provider, fitting(secrets, provider.name))
    if isinstance(found, Examined):
        return found
    diagnosis = diagnose(request, provider, secrets, found)
    return Examined(diagnosis.verdict, diagnosis.checked, diagnosis)


def settled(request: Request, provider: Provider, tried: Sequence[Secret]) -> Verdict | None:
    """Return the verdict, or None where it takes longer to find: why a check has failed.

    `tried` are only those secrets that are `fitting`.
    """
    found = _found(request, provider, tried)
    return found.verdict if isinstance(found, Examined) else None


def _found(request: Request, provider: Provider, tried: Sequence[Secret]) -> Examined | Finding:
    """Return what came of it, or how it failed."""
    failed: Finding | None = None
    for secret in tried:
        scheme = provider.scheme(request, secret.value)
        finding = scheme.verify(request, secret.value)
        if finding.code == "valid":
            return Examined(_valid(finding.detail, scheme, secret, tried), finding.checked)
        # A right signature at a wrong time says more than those that others would have made.
        failed = finding if failed is None or finding.matched else failed
    if failed is None:
        return Examined(unverified(provider, request.delivery.headers, request.whole()))
    return failed


def check(request: Request, provider: Provider, secrets: Sequence[Secret]) -> Verdict:
    """Return the verdict of `examine`."""
    return examine(request, provider, secrets).verdict


def detect(delivery: Delivery) -> str | None:
    """Return the name of the provider that sent a delivery, or None. Never raises."""
    provider = detection.detect(delivery.headers, delivery.body)
    return provider.name if provider else None


def verify(
    delivery: Delivery,
    secret: str | Sequence[str],
    *,
    provider: str | None = None,
    url: str | None = None,
    now: float | None = None,
    tolerance: float | None = None,
) -> Verdict:
    """Check a delivery's signature with a secret, or with each of several.

    `provider` is a name; None: as the delivery says itself. `url` is the whole one that the
    sender used, as some sign it; None: as the headers say. `now` is Unix seconds; None: the
    clock's. `tolerance` is in seconds; None: what the provider's own libraries allow.
    Raises UsageError for a name that is no provider's and a time that is none, and nothing for
    any delivery or secret.
    """
    sender = _sender(delivery, provider)
    if sender is None:
        return _UNKNOWN
    values = (secret,) if isinstance(secret, str) else secret
    secrets = [Secret(value=value, provider=sender.name) for value in values]
    at = _moment(now)
    if tolerance is not None and isnan(tolerance):
        raise UsageError("tolerance=nan is no duration", "Give seconds, or float('inf') for all")
    return check(Request(delivery=delivery, url=url, now=at, tolerance=tolerance), sender, secrets)


def sign(
    delivery: Delivery,
    secret: str,
    *,
    provider: str | None = None,
    url: str | None = None,
    now: float | None = None,
) -> Delivery:
    """Return a new delivery with the headers, or fields of the body, that verify.

    Signatures that it has are replaced. `secret` is the private key for Discord, SendGrid and
    SNS; the rest is as in `verify`. Raises UsageError where nothing says who sends it, and
    HookError where the secret or the body does not fit.
    """
    sender = _sender(delivery, provider)
    if sender is None:
        raise UsageError("Nothing says which provider this is from", "Name it with provider=…")
    request = Request(delivery=delivery, url=url, now=_moment(now))
    for scheme in reversed(_signing(sender, request, secret)):
        request = replace(request, delivery=scheme.sign(request, secret))
    return request.delivery


def _signing(provider: Provider, request: Request, key: str) -> Sequence[Scheme]:
    """Return the schemes that a request is signed by already, or the strongest; weakest last."""
    present = [scheme for scheme in provider.schemes if scheme.present(request)]
    # Where a private key signs, `fits` knows only the public one.
    candidates = present or provider.schemes
    fit = [scheme for scheme in candidates if not scheme.fits(key)] or candidates[-1:]
    signed = [scheme for scheme in fit if isinstance(scheme, Signed)] if present else []
    return signed or fit[:1]


def _moment(now: float | None) -> float:
    if now is not None and not isfinite(now):
        raise UsageError(f"now={now} is no time", "Give Unix seconds, as time.time() does")
    return time() if now is None else now


def _sender(delivery: Delivery, name: str | None) -> Provider | None:
    if name is None:
        return detection.detect(delivery.headers, delivery.body)
    if name not in BY_NAME:
        raise UsageError(f"There is no provider {name!r}", suggestion(name, BY_NAME))
    return BY_NAME[name]


def glances(provider: Provider, tried: Sequence[Secret]) -> Sequence[tuple[Glance, Verdict]]:
    """Return what sees at a glance that one of these secrets has signed, with the verdict then.

    What none of them sees has to be examined.
    """
    strongest = provider.schemes[0]
    if not isinstance(strongest, Hmac):
        return ()
    seen = []
    for secret in tried:
        if not strongest.fits(secret.value) and (glance := strongest.glance(secret.value)):
            look, said = glance
            seen.append((look, _valid(said, strongest, secret, tried)))
    return seen


def _valid(detail: str, scheme: Scheme, secret: Secret, tried: Sequence[Secret]) -> Verdict:
    message = f"{detail} the secret '{secret.label}'"
    alike = [each for each in tried if each.label == secret.label]
    if len(alike) > 1:
        message = f"{message}, number {alike.index(secret) + 1} of {len(alike)}"
    return Verdict("valid", f"{message}. {scheme.gap}" if scheme.gap else message)
