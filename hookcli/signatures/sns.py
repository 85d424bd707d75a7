"""AWS SNS: RSA signatures in the body, with a certificate from Amazon."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import orjson

from hookcli.signatures.encodings import decode, described, encode, octets
from hookcli.signatures.keys import cipher, signed_by
from hookcli.signatures.request import Finding, Request

if TYPE_CHECKING:
    from hookcli.delivery import Delivery, SignatureCode
    from hookcli.signatures.asymmetric import CipherName

AMAZON = re.compile(r"sns\.[a-zA-Z0-9-]{3,}\.amazonaws\.com(\.cn)?")
"""Hosts that certificates, and confirmations of subscriptions, may come from."""

_CIPHERS: dict[str, CipherName] = {"1": "RSA-SHA1", "2": "RSA-SHA256"}
_NOTIFICATION = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
_CONFIRMATION = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
_CERTIFICATE = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-hookcli.pem"
_SHORTEST = 128
"""Bytes of a signature."""


def is_amazons(url: str) -> bool:
    """Return whether a URL is https, and of SNS's own hosts."""
    try:
        parts = urlsplit(url)
        own = parts.port in {None, 443} and parts.username is None
    except ValueError:
        return False
    return parts.scheme == "https" and own and AMAZON.fullmatch(parts.hostname or "") is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sns:
    """Over fields of the body, so that another spelling of the same JSON is right as well."""

    gap: ClassVar[str] = ""

    @property
    def headers(self) -> tuple[str, ...]:
        """No header holds it."""
        return ()

    def present(self, request: Request) -> bool:
        """Return whether the body has a signature."""
        return "Signature" in _message(request)

    def fits(self, key: str) -> str | None:
        """Return why a text cannot be Amazon's certificate, or None."""
        fits = cipher("RSA-SHA256").fits(octets(key.strip()))
        return None if fits else "this is no certificate in PEM, as SigningCertURL serves it"

    def verify(self, request: Request, key: str) -> Finding:
        """Check the signature with the certificate. Never raises."""
        message = _message(request)
        name = _CIPHERS.get(str(message.get("SignatureVersion")), "RSA")
        checked = f"Signature in the body: {name} of the message's fields"
        return Finding(*self._compared(message, key), checked)

    def sign(self, request: Request, key: str) -> Delivery:
        """Return the delivery with a new time, signed in version 2 by a private key."""
        moment = datetime.fromtimestamp(int(request.now), UTC)
        message = _message(request) | {
            "Timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "SignatureVersion": "2",
        }
        if not is_amazons(str(message.get("SigningCertURL"))):
            message["SigningCertURL"] = _CERTIFICATE
        signature = signed_by("RSA-SHA256", octets(key), [_text(message)])
        signed = message | {"Signature": encode(signature, "base64")}
        return request.with_body(orjson.dumps(signed)).delivery

    def _compared(self, message: dict[str, Any], key: str) -> tuple[SignatureCode, str]:
        given, url = message.get("Signature"), message.get("SigningCertURL")
        if not isinstance(given, str) or not isinstance(url, str):
            return "missing_signature", "the body has no Signature with a SigningCertURL"
        name = _CIPHERS.get(str(message.get("SignatureVersion")))
        signature = decode(given, "base64") or b""
        if name is None or len(signature) < _SHORTEST:
            problem = described(given, "", "base64", 2 * _SHORTEST)
            detail = (
                f"Signature is malformed: {problem}" if name else "SignatureVersion is not 1 or 2"
            )
            return "malformed_signature", detail
        if reason := _distrust(url) or self.fits(key):
            return "mismatch", reason
        if cipher(name).verifies(octets(key.strip()), signature, [_text(message)]):
            return "valid", f"{name} of the message's fields matches"
        return "mismatch", "the signature is not that of the certificate"


def _distrust(url: str) -> str | None:
    if is_amazons(url) and urlsplit(url).path.endswith(".pem"):
        return None
    return "SigningCertURL is none of Amazon's: anybody could have signed it"


def _message(request: Request) -> dict[str, Any]:
    payload = request.payload()
    return payload if isinstance(payload, dict) else {}


def _text(message: dict[str, Any]) -> bytes:
    names = _NOTIFICATION if message.get("Type") == "Notification" else _CONFIRMATION
    pairs = [(name, message.get(name)) for name in names]
    lines = [f"{name}\n{value}\n" for name, value in pairs if isinstance(value, str)]
    return octets("".join(lines))
