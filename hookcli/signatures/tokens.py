"""Secrets that are sent along as they are: whoever sees one request can send another."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qsl, urlencode

import orjson

from hookcli.signatures.encodings import misfit, octets, same
from hookcli.signatures.request import Finding, Request

if TYPE_CHECKING:
    from hookcli.delivery import Delivery

_GAP = "It shows who sent it, but does not protect the body."
_FIELDS = 1_000


def _found(given: list[str], key: str, where: str, checked: str) -> Finding:
    """Compare all of what was sent with what is expected."""
    if not given:
        return Finding("missing_signature", f"there is no {where}", checked)
    if not all(given):
        return Finding("malformed_signature", f"{where} is empty", checked)
    if reason := misfit(key, "text"):
        return Finding("mismatch", reason, checked)
    if all(same(text, key) for text in given):
        return Finding("valid", f"{where} matches", checked)
    return Finding("mismatch", f"{where} is not the secret", checked)


@dataclass(frozen=True, slots=True, kw_only=True)
class InHeader:
    """What proves who sent a request stands in one header, and needs a secret as it is shown."""

    header: str

    @property
    def headers(self) -> tuple[str, ...]:
        """Headers that hold it, in lower case."""
        return (self.header.lower(),)

    def present(self, request: Request) -> bool:
        """Return whether the header is there, be it empty."""
        return request.header(self.header) is not None

    def fits(self, key: str) -> str | None:
        """Return why a secret cannot be one of this scheme, or None."""
        return misfit(key, "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(InHeader):
    """A secret in a header."""

    gap: ClassVar[str] = _GAP

    prefix: str = ""
    """What stands before it, such as `Bearer `."""
    basic: bool = False
    """Whether the secret is `user:password` of HTTP's basic authentication."""

    def verify(self, request: Request, key: str) -> Finding:
        """Compare the header with the secret. Never raises."""
        value = request.header(self.header)
        given = [] if value is None else [value]
        checked = f"{self.header}: the secret itself"
        if not key or not value:
            return _found(given, key, self.header, checked)
        return _found(given, self._written(key), self.header, checked)

    def sign(self, request: Request, key: str) -> Delivery:
        """Return the delivery with the secret in it."""
        return request.with_header(self.header, self._written(key)).delivery

    def _written(self, key: str) -> str:
        text = b64encode(octets(key)).decode() if self.basic else key
        # A header is a character a byte.
        return octets(self.prefix + text).decode("latin-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryToken:
    """A secret that the receiver has put into the query of its URL."""

    gap: ClassVar[str] = _GAP

    name: str = "secret"
    """The parameter it is written into; any is looked at."""

    @property
    def headers(self) -> tuple[str, ...]:
        """No header holds it."""
        return ()

    def present(self, request: Request) -> bool:
        """Return whether there is a query."""
        return bool(request.delivery.query)

    def fits(self, key: str) -> str | None:
        """Return why a secret cannot be one of this scheme, or None."""
        return misfit(key, "text")

    def verify(self, request: Request, key: str) -> Finding:
        """Look for the secret among the query's values. Never raises."""
        values = [value for _, value in self._pairs(request)]
        right = [value for value in values if key and same(value, key)]
        return _found(right[:1] or values[:1], key, "the URL's query", "the URL: the secret itself")

    def sign(self, request: Request, key: str) -> Delivery:
        """Return the delivery with the secret in its query."""
        others = [pair for pair in self._pairs(request) if pair[0] != self.name]
        return replace(request.delivery, query=urlencode([*others, (self.name, octets(key))]))

    def _pairs(self, request: Request) -> list[tuple[str, str]]:
        try:
            return parse_qsl(
                request.delivery.query, errors="surrogateescape", max_num_fields=_FIELDS
            )
        except ValueError:
            return []


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientState:
    """A secret in each of Microsoft Graph's notifications."""

    gap: ClassVar[str] = _GAP

    @property
    def headers(self) -> tuple[str, ...]:
        """No header holds it."""
        return ()

    def present(self, request: Request) -> bool:
        """Return whether a notification has one."""
        return bool(self._states(request))

    def fits(self, key: str) -> str | None:
        """Return why a secret cannot be one of this scheme, or None."""
        return misfit(key, "text")

    def verify(self, request: Request, key: str) -> Finding:
        """Compare all of them with the secret. Never raises."""
        return _found(self._states(request), key, "clientState", "clientState: the secret itself")

    def sign(self, request: Request, key: str) -> Delivery:
        """Return the delivery with the secret in each of its notifications."""
        state = {"clientState": octets(key).decode("utf-8", "replace")}
        items = [item | state for item in self._items(request)]
        return request.with_body(orjson.dumps({"value": items or [state]})).delivery

    def _items(self, request: Request) -> list[dict[str, object]]:
        payload = request.payload()
        value = payload.get("value") if isinstance(payload, dict) else None
        items = value if isinstance(value, list) else []
        return [item for item in items if isinstance(item, dict)]

    def _states(self, request: Request) -> list[str]:
        states = [item.get("clientState") for item in self._items(request)]
        return [state if isinstance(state, str) else "" for state in states]
