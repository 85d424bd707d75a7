"""JSON Web Tokens with HS256, as Netlify and monday.com send them."""

from __future__ import annotations

import hashlib
import hmac
import re
from abc import ABC, abstractmethod
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from hookcli.signatures.encodings import octets, same
from hookcli.signatures.request import Finding, Request
from hookcli.signatures.tokens import InHeader

if TYPE_CHECKING:
    from hookcli.delivery import Delivery, SignatureCode

_TOKEN = re.compile(r"([\w-]+)\.([\w-]+)\.([\w-]+)", re.ASCII)
_HEADER = b'{"alg":"HS256","typ":"JWT"}'
_LIVES = 300
"""Seconds that a token we make is good for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jwt(InHeader, ABC):
    """A token in a header, whose claims say what is signed."""

    gap: ClassVar[str] = ""

    def verify(self, request: Request, key: str) -> Finding:
        """Check the token, and then what it claims. Never raises."""
        checked = f"{self.header}: JWT (HS256) over {self._covers}"
        value = request.header(self.header)
        if value is None:
            return Finding("missing_signature", f"there is no {self.header}", checked)
        return Finding(*self._compared(value.removeprefix("Bearer "), request, key), checked)

    def sign(self, request: Request, key: str) -> Delivery:
        """Return the delivery with a token."""
        claims = orjson.dumps(self._claims(request))
        text = f"{_written(_HEADER)}.{_written(claims)}"
        return request.with_header(self.header, f"{text}.{_signature(text, key)}").delivery

    def _compared(self, value: str, request: Request, key: str) -> tuple[SignatureCode, str]:
        token = _TOKEN.fullmatch(value)
        header, claims = (_read(token[1]), _read(token[2])) if token else (None, None)
        if token is None or header is None or claims is None:
            return "malformed_signature", f"{self.header} is no JSON Web Token"
        if header.get("alg") != "HS256":
            return "malformed_signature", "the token's algorithm is not HS256"
        if reason := self.fits(key):
            return "mismatch", reason
        if not same(token[3], _signature(f"{token[1]}.{token[2]}", key)):
            return "mismatch", "the token is not signed with the secret"
        return self._judged(claims, request)

    @property
    @abstractmethod
    def _covers(self) -> str:
        """What the token protects, in words."""

    @abstractmethod
    def _claims(self, request: Request) -> dict[str, object]:
        """Return what a token for this request claims."""

    @abstractmethod
    def _judged(self, claims: dict[str, Any], request: Request) -> tuple[SignatureCode, str]:
        """Compare the claims of a right token with the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Netlify(Jwt):
    """Who sent it, and the hash of its body."""

    @property
    def _covers(self) -> str:
        return "the hash of the raw body"

    def _claims(self, request: Request) -> dict[str, object]:
        digest = hashlib.sha256()
        for piece in request.body():
            digest.update(piece)
        return {"iss": "netlify", "sha256": digest.hexdigest()}

    def _judged(self, claims: dict[str, Any], request: Request) -> tuple[SignatureCode, str]:
        right = self._claims(request)
        if claims.get("iss") != right["iss"]:
            return "mismatch", "the token is right, but its issuer is not netlify"
        if claims.get("sha256") != right["sha256"]:
            return "mismatch", "the token is right, but the body is not the one it is for"
        return "valid", "JWT (HS256) over the hash of the raw body matches"


@dataclass(frozen=True, slots=True, kw_only=True)
class Monday(Jwt):
    """For which URL it is, and until when."""

    gap: ClassVar[str] = "It shows who sent it, but does not protect the body."

    @property
    def _covers(self) -> str:
        return "the URL and the time"

    def _claims(self, request: Request) -> dict[str, object]:
        now = int(request.now)
        url = octets(request.sent_to()).decode("utf-8", "replace")
        return {"aud": url, "iat": now, "exp": now + _LIVES}

    def _judged(self, claims: dict[str, Any], request: Request) -> tuple[SignatureCode, str]:
        if request.url is not None and claims.get("aud") != request.url:
            return "mismatch", "the token is right, but it is for another URL"
        end = claims.get("exp")
        if not isinstance(end, (int, float)):
            return "malformed_signature", "the token does not say until when it is good"
        if request.now > end + (request.tolerance or 0):
            return "expired_timestamp", "right secret, but the token is no longer good"
        return "valid", "JWT (HS256) matches"


def _signature(text: str, key: str) -> str:
    return _written(hmac.digest(octets(key), text.encode(), "sha256"))


def _written(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _read(part: str) -> dict[str, Any] | None:
    try:
        value = orjson.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
