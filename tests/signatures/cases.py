"""Requests as providers sign them, checked and explained as hookcli does it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hookcli.delivery import Delivery, Headers
from hookcli.secret import Secret
from hookcli.signatures.providers import PROVIDERS
from hookcli.signatures.request import Request
from hookcli.signatures.verifying import examine

if TYPE_CHECKING:
    from hookcli.signatures.doctor import Diagnosis

NOW = 1_790_000_000
SECRET = "s3cret-that-is-never-shown"
BODY = json.dumps({"action": "opened", "name": "Grüße / <b>"}, indent=2).encode()
KNOWN = {provider.name: provider for provider in PROVIDERS}


def signed(
    name: str,
    body: bytes = BODY,
    *,
    secret: str = SECRET,
    url: str = "https://hooks.test/in",
    kind: str = "application/json",
    at: float = NOW,
) -> Request:
    """Return a request that a provider has signed."""
    headers = Headers([("Host", "hooks.test"), ("Content-Type", kind)])
    delivery = Delivery(method="POST", path="/in", headers=headers, body=body, id=48)
    request = Request(delivery=delivery, url=url, now=at)
    delivery = KNOWN[name].schemes[0].sign(request, secret)
    return Request(delivery=delivery, url=url, now=NOW)


def told(name: str, request: Request, *secrets: Secret) -> Diagnosis:
    """Check a request as hookcli does, and explain why it fails."""
    given = secrets or (Secret(value=SECRET, provider=name, source="env X"),)
    diagnosis = examine(request, KNOWN[name], given).diagnosis
    assert diagnosis is not None
    return diagnosis


def as_secret(name: str, value: str) -> Secret:
    """Return a secret for one provider."""
    return Secret(value=value, provider=name)
