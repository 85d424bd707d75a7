"""Signatures over chosen headers as well: Contentful's and Hook0's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from hookcli.signatures.encodings import octets
from hookcli.signatures.hmacs import Hmac
from hookcli.signatures.schemes import Given

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookcli.delivery import Delivery
    from hookcli.signatures.request import Request
_COMPONENT = "-_.!~*'()"
"""What JavaScript's encodeURIComponent leaves as it is, beside letters and digits."""
_URI = _COMPONENT + ";,/?:@&=+$#"
"""What its encodeURI leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contentful(Hmac):
    """Method, path, and the headers that it names; the id is the list of those."""

    def sign(self, request: Request, key: str) -> Delivery:
        """Return the delivery signed, with all of Contentful's own headers signed as well."""
        names = {name.lower() for name, _ in request.delivery.headers}
        own = {name for name in names if name.startswith("x-contentful-")}
        signed = own - {self.header.lower()} | {self.id.lower(), self.timestamp.lower()}
        return Hmac.sign(self, request.with_header(self.id, ",".join(sorted(signed))), key)

    def _text(self, given: Given, request: Request) -> Iterator[bytes]:
        listed = set(given.id.split(","))
        headers = {
            name.lower().strip(): value.strip()
            for name, value in reversed(request.delivery.headers.pairs)
        }
        chosen = {name: headers[name] for name in listed & headers.keys()}
        chosen[self.timestamp.lower()] = given.timestamp
        chosen[self.id.lower()] = ",".join(sorted({*chosen, self.id.lower()}))
        fields = ";".join(f"{name}:{chosen[name]}" for name in sorted(chosen))
        head = f"{request.delivery.method}\n{_normal(request.sent_to())}\n{fields}\n"
        yield head.encode("latin-1", "replace")
        yield from request.body()


def _normal(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    query = parts.query.partition("?")[0]
    path = f"{parts.path}?{quote(octets(query), safe=_COMPONENT)}" if query else parts.path
    return quote(octets(path), safe=_URI)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook0(Hmac):
    """The time, and the names and values of the headers that the signature lists."""

    def present(self, request: Request) -> bool:
        """Return whether there is a signature of this version; the older one has no headers."""
        return self.prefix in (request.header(self.header) or "")

    def sign(self, request: Request, key: str) -> Delivery:
        """Return the delivery signed, with its content type and the headers of its event."""
        signed = {"content-type", "x-event-id", "x-event-type"}
        names = sorted({name.lower() for name, _ in request.delivery.headers} & signed)
        listed, timestamp = f"h={' '.join(names)}", self.clock.written(request.now)
        given = Given([], listed, timestamp, "")
        signature = self._signature(self._text(given, request), key)
        value = f"t={timestamp},{listed},{self.prefix}{signature}"
        return request.with_header(self.header, value).delivery

    def _text(self, given: Given, request: Request) -> Iterator[bytes]:
        fields = [part.strip() for part in given.raw.split(",")]
        listed = next((part[2:] for part in fields if part.startswith("h=")), "").strip().lower()
        names = listed.split(" ") if listed else []
        values = [value for name in names if (value := request.header(name)) is not None]
        head = f"{given.timestamp}.{' '.join(names)}.{'.'.join(values)}."
        yield head.encode("latin-1", "replace")
        yield from request.body()
