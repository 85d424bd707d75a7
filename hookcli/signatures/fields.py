"""Signatures in the body, over some of its fields: Mailgun's and Adyen's."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from urllib.parse import urlencode

import orjson

from hookcli.errors import HookError
from hookcli.payload import FORM, content_type, payload_of
from hookcli.signatures.encodings import (
    decode,
    described,
    encode,
    key_bytes,
    misfit,
    octets,
    same,
)
from hookcli.signatures.request import Finding, Request
from hookcli.signatures.schemes import right

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookcli.delivery import Delivery, SignatureCode
    from hookcli.signatures.clocks import Clock

_PART = re.compile(
    rb'name="(timestamp|token|signature)"\r\n(?:[^\r\n]{1,998}\r\n){0,9}\r\n([^\r\n]{1,200})'
)
_LENGTH = 32
_OTHER = "the signature is not that of the secret"
_ADYEN = "pspReference originalReference merchantAccountCode merchantReference"
_MOST = 100
"""Items that one notification of Adyen's has at the most."""


class Stamp(NamedTuple):
    """What Mailgun signs, and its signature."""

    timestamp: str
    token: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailgun:
    """An HMAC over a time and a random token, in the body beside what it does not cover."""

    gap: ClassVar[str] = "It shows who sent it, but does not protect the event's data."

    clock: Clock

    @property
    def headers(self) -> tuple[str, ...]:
        """No header holds it."""
        return ()

    def present(self, request: Request) -> bool:
        """Return whether the body has the fields."""
        return self._stamp(request) is not None

    def fits(self, key: str) -> str | None:
        """Return why a secret cannot be one of this scheme, or None."""
        return misfit(key, "text")

    def verify(self, request: Request, key: str) -> Finding:
        """Check the signature first, and then its time. Never raises."""
        stamp = self._stamp(request)
        checked = "signature.signature in the body: HMAC-SHA256 of the timestamp and the token"
        if stamp:
            return Finding(*self._compared(stamp, request, key), checked)
        if request.payload() is None:
            return Finding("mismatch", "the body is neither JSON nor a form", checked)
        return Finding("missing_signature", "the body has no signature", checked)

    def sign(self, request: Request, key: str) -> Delivery:
        """Return the delivery with a new time, and a token made from its body."""
        timestamp = self.clock.written(request.now)
        token = hashlib.sha256(request.whole()).hexdigest()[:50]
        stamp = Stamp(timestamp, token, _mailgun(timestamp, token, key))._asdict()
        payload = request.payload()
        fields = payload if isinstance(payload, dict) else {}
        if content_type(request.delivery.headers) == FORM:
            return request.with_body(urlencode(fields | stamp, doseq=True).encode()).delivery
        return request.with_body(orjson.dumps(fields | {"signature": stamp})).delivery

    def _compared(self, stamp: Stamp, request: Request, key: str) -> tuple[SignatureCode, str]:
        time = self.clock.judge(stamp.timestamp, request)
        if time and time[0] == "malformed_signature":
            return time
        if reason := self.fits(key):
            return "mismatch", reason
        if same(stamp.signature, _mailgun(stamp.timestamp, stamp.token, key)):
            return right("HMAC-SHA256 of the timestamp and the token matches", time)
        if len(decode(stamp.signature, "hex") or b"") == _LENGTH:
            return "mismatch", _OTHER
        problem = described(stamp.signature, "", "hex", _LENGTH)
        return "malformed_signature", f"the signature is malformed: {problem}"

    def _stamp(self, request: Request) -> Stamp | None:
        payload = request.payload()
        fields = payload if isinstance(payload, dict) else {}
        inner = fields.get("signature")
        found = inner if isinstance(inner, dict) else fields
        if not fields and content_type(request.delivery.headers) == "multipart/form-data":
            parts = _PART.findall(request.whole())
            found = {name.decode(): value.decode("latin-1") for name, value in parts}
        values = [found.get(name) for name in Stamp._fields]
        texts = [str(value) for value in values if isinstance(value, (str, int))]
        return Stamp(*texts) if len(texts) == len(Stamp._fields) else None


def _mailgun(timestamp: str, token: str, key: str) -> str:
    return hmac.digest(octets(key), octets(timestamp + token), "sha256").hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdyenItems:
    """An HMAC in each item of a notification, over eight of its fields."""

    gap: ClassVar[str] = "It protects the references, amount, event and success, and nothing else."

    @property
    def headers(self) -> tuple[str, ...]:
        """No header holds it."""
        return ()

    def present(self, request: Request) -> bool:
        """Return whether the body has such items."""
        return any(self._items(request))

    def fits(self, key: str) -> str | None:
        """Return why a secret cannot be one of this scheme, or None."""
        return misfit(key, "hex")

    def verify(self, request: Request, key: str) -> Finding:
        """Check every item: all must be right. Never raises."""
        checked = "hmacSignature in the body: HMAC-SHA256 of eight fields of each item"
        given = [_adyen_signature(item) for item in self._items(request)]
        if not given or not all(given):
            return Finding("missing_signature", "the body has no hmacSignature", checked)
        if reason := self.fits(key):
            return Finding("mismatch", reason, checked)
        expected = [_adyen(item, key) for item in self._items(request)]
        if all(same(a, b) for a, b in zip(given, expected, strict=True)):
            return Finding("valid", "HMAC-SHA256 of eight fields matches", checked)
        broken = [text for text in given if len(decode(text, "base64") or b"") != _LENGTH]
        if broken:
            problem = described(broken[0], "", "base64", _LENGTH)
            detail = f"hmacSignature is malformed: {problem}"
            return Finding("malformed_signature", detail, checked)
        return Finding("mismatch", _OTHER, checked)

    def sign(self, request: Request, key: str) -> Delivery:
        """Return the delivery with a signature in each item."""
        if reason := self.fits(key):
            raise HookError(f"Cannot sign: {reason}", "Copy the HMAC key from Adyen as it is shown")
        # Its own copy, as the signatures are written into it.
        payload = payload_of(request.delivery.headers, request.whole())
        if not any(_adyen_items(payload)):
            raise HookError("Cannot sign: the body has no notificationItems", "Sign one that has")
        for item in _adyen_items(payload):
            data = item.get("additionalData")
            others = data if isinstance(data, dict) else {}
            item["additionalData"] = others | {"hmacSignature": _adyen(item, key)}
        return request.with_body(orjson.dumps(payload)).delivery

    def _items(self, request: Request) -> Iterator[dict[str, Any]]:
        return _adyen_items(request.payload())


def _adyen_items(payload: Any) -> Iterator[dict[str, Any]]:
    items = payload.get("notificationItems") if isinstance(payload, dict) else None
    for each in items[:_MOST] if isinstance(items, list) else []:
        item = each.get("NotificationRequestItem") if isinstance(each, dict) else None
        if isinstance(item, dict):
            yield item


def _adyen_signature(item: dict[str, Any]) -> str:
    data = item.get("additionalData")
    value = data.get("hmacSignature") if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def _adyen(item: dict[str, Any], key: str) -> str:
    given = item.get("amount")
    amount = given if isinstance(given, dict) else {}
    values = [item.get(name) for name in _ADYEN.split()]
    values += [amount.get("value"), amount.get("currency")]
    values += [item.get("eventCode"), item.get("success")]
    text = ":".join("" if value is None else _plain(value) for value in values)
    return encode(hmac.digest(key_bytes(key, "hex") or b"", octets(text), "sha256"), "base64")


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
