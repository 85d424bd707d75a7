"""Requests that vendors' own libraries have signed, as this project keeps them."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from hookcli.delivery import Delivery, Headers
from hookcli.signatures.providers import PROVIDERS
from hookcli.signatures.request import Finding, Request

BY_NAME = {provider.name: provider for provider in PROVIDERS}

_FILE = Path(__file__).parent.parent / "data/signature-vectors.ndjson"


class Vector(NamedTuple):
    """One request, and what its provider's own libraries say of it."""

    name: str
    provider: str
    request: Request
    secret: str
    reason: str | None
    """Why it is not valid; None where it is."""

    def finding(self, request: Request | None = None, secret: str | None = None) -> Finding:
        """Check it, or a changed one."""
        request = request or self.request
        key = self.secret if secret is None else secret
        return BY_NAME[self.provider].scheme(request, key).verify(request, key)


@cache
def vectors() -> tuple[Vector, ...]:
    """Return all of them."""
    return tuple(map(_read, _FILE.read_text("utf-8").splitlines()))


@cache
def a_valid_one(provider: str) -> Vector:
    """Return the first that is valid."""
    return next(each for each in vectors() if each.provider == provider and not each.reason)


def _read(line: str) -> Vector:
    fields: dict[str, Any] = json.loads(line)
    url = urlsplit(fields["url"])
    delivery = Delivery(
        method=fields["method"],
        path=url.path,
        query=url.query,
        headers=Headers((name, value) for name, value in fields["headers"]),
        body=base64.b64decode(fields["body_b64"]),
    )
    request = Request(delivery=delivery, url=fields["url"], now=fields["now"])
    return Vector(fields["name"], fields["provider"], request, fields["secret"], fields["reason"])
