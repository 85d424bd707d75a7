"""Signatures in a header, over parts of the request put together: what all of them share."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import orjson

from hookcli.signatures.clocks import SECONDS, Clock
from hookcli.signatures.encodings import Encoding, decode, described, octets
from hookcli.signatures.request import Finding, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hookcli.delivery import Delivery, SignatureCode

_BODY = "{body}"
_FIELD = re.compile(r"{\w+}")
_MOST = 32
"""Signatures that are looked at in one request."""


Glance = Callable[[Mapping[str, str], bytes], bool]
"""Looks at headers, by names in lower case, and a body; sees only signatures that are right."""


class Given(NamedTuple):
    """What a request says of its own signature."""

    signatures: list[str]
    """Without their prefix; empty where none has it."""
    raw: str
    """The header as it came."""
    timestamp: str
    id: str


def right(detail: str, time: tuple[SignatureCode, str] | None) -> tuple[SignatureCode, str]:
    """Return what becomes of a right signature: what is wrong with its time, if anything is."""
    return (time[0], f"right secret, right body, {time[1]}") if time else ("valid", detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed(ABC):
    """A signature in a header, over parts of the request put together."""

    gap: ClassVar[str] = ""

    header: str
    signed: str = _BODY
    """What is signed, with `{body}`, `{timestamp}`, `{id}`, `{method}` and `{url}`."""
    prefix: str = ""
    """Stands before each signature; others in the same header are not ours."""
    separator: str = ""
    """Stands between several signatures, and other fields, in the header."""
    encoding: Encoding = "hex"
    clock: Clock = SECONDS
    timestamp: str = ""
    """The header with the timestamp; ending in `=`, its field beside the signature; after a dot,
    its field in the body."""
    id: str = ""
    """The header with the id of the message."""
    numbered: bool = False
    """Whether `header` is followed by a number, and any of several may match."""
    when: tuple[str, str] | None = None
    """A header, and what its value contains, that choose this scheme."""
    content: Callable[[Request], Iterable[bytes]] = Request.body
    """Gives what stands for `{body}`."""
    content_is: str = "the raw body"
    """What that is, in words."""
    empty_is_unsigned: bool = False
    """Whether a sender without a secret sends the header all the same."""

    @property
    def headers(self) -> tuple[str, ...]:
        """Headers that hold the signature, in lower case."""
        return (f"{self.header}1".lower() if self.numbered else self.header.lower(),)

    def present(self, request: Request) -> bool:
        """Return whether the header is there, be it empty."""
        if self.when and self.when[1] not in (request.header(self.when[0]) or ""):
            return False
        values = self._values(request)
        return bool(values) and not self._empty(values)

    @abstractmethod
    def fits(self, key: str) -> str | None:
        """Return why a secret cannot be one of this scheme, or None."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What its makers call it."""

    @property
    @abstractmethod
    def length(self) -> int:
        """Bytes of a signature; 0 where that differs."""

    @abstractmethod
    def _matches(self, given: Given, request: Request, key: str) -> bool:
        """Return whether one of the signatures is right."""

    @abstractmethod
    def _signature(self, text: Iterable[bytes], key: str) -> str:
        """Return the signature. Raises HookError where the secret cannot sign."""

    def verify(self, request: Request, key: str) -> Finding:
        """Check the signature first, and then its time. Never raises."""
        given = self._given(request)
        if isinstance(given, str):
            return Finding("missing_signature", given, self._checked(request))
        return Finding(*self._compared(given, request, key), self._checked(request))

    def _compared(self, given: Given, request: Request, key: str) -> tuple[SignatureCode, str]:
        time = self.clock.judge(given.timestamp, request) if self.timestamp else None
        if not given.signatures:
            return "malformed_signature", self._malformed(given)
        if time and time[0] == "malformed_signature":
            return time
        if reason := self.fits(key):
            return "mismatch", reason
        if self._matches(given, request, key):
            return right(f"{self.name} of {self._contents()} matches", time)
        if any(map(self._well_formed, given.signatures)):
            return "mismatch", "the signature is not that of the secret"
        return "malformed_signature", self._malformed(given)

    def sign(self, request: Request, key: str) -> Delivery:
        """Return the delivery signed at `request.now`. Raises HookError where that cannot be."""
        request, timestamp = self._stamped(request)
        if self.id and not request.header(self.id):
            request = request.with_header(self.id, "msg_hookcli")
        if self.when and self.when[1] not in (request.header(self.when[0]) or ""):
            request = request.with_header(*self.when)
        given = Given([], "", timestamp, self.id and (request.header(self.id) or ""))
        value = self.prefix + self._signature(self._text(given, request), key)
        if self._is_field:
            value = f"{self.timestamp}{timestamp}{self.separator}{value}"
        header = f"{self.header}1" if self.numbered else self.header
        return request.with_header(header, value).delivery

    @property
    def _is_field(self) -> bool:
        return self.timestamp.endswith("=")

    def _stamped(self, request: Request) -> tuple[Request, str]:
        """Return the request with its time, where that is not beside the signature."""
        timestamp = self.clock.written(request.now)
        if self.timestamp.startswith("."):
            payload = request.payload()
            fields = payload if isinstance(payload, dict) else {}
            body = orjson.dumps(fields | {self.timestamp[1:]: int(timestamp)})
            return request.with_body(body), timestamp
        if self.timestamp and not self._is_field:
            return request.with_header(self.timestamp, timestamp), timestamp
        return request, timestamp

    @property
    def _shown(self) -> str:
        return f"{self.header}N" if self.numbered else self.header

    def _values(self, request: Request) -> list[str]:
        if self.numbered:
            start = self.header.lower()
            return [
                value.strip()
                for name, value in request.delivery.headers
                if name.lower().startswith(start) and name[len(start) :].isdecimal()
            ]
        value = request.header(self.header)
        return [] if value is None else [value]

    def _empty(self, values: list[str]) -> bool:
        return self.empty_is_unsigned and all(value in {"", self.prefix} for value in values)

    def _given(self, request: Request) -> Given | str:
        """Return what is to be checked, or what is missing."""
        values = self._values(request)
        if not values:
            return f"there is no {self._shown}"
        if self._empty(values):
            return f"{self.header} is empty: the sender has no secret"
        parts = values[0].split(self.separator) if self.separator else values
        ours = [part[len(self.prefix) :] for part in parts if part.startswith(self.prefix)]
        timestamp = self._timestamp(request, parts)
        if timestamp is None and not self._is_field:
            return f"there is no {self.timestamp.removeprefix('.')}"
        message_id = self.id and request.header(self.id)
        if self.id and not message_id:
            return f"there is no {self.id}"
        signatures = [] if timestamp is None else [text for text in ours if text][:_MOST]
        return Given(signatures, values[0], timestamp or "", message_id or "")

    def _timestamp(self, request: Request, parts: list[str]) -> str | None:
        """Return it as it came, nothing where there is none by design, or None if it lacks."""
        if self._is_field:
            times = (part for part in parts if part.startswith(self.timestamp))
            field = next(times, None)
            return field and field.removeprefix(self.timestamp)
        if self.timestamp.startswith("."):
            payload = request.payload()
            value = payload.get(self.timestamp[1:]) if isinstance(payload, dict) else None
            return None if value is None else str(value)
        return self.timestamp and (request.header(self.timestamp) or None)

    def _text(self, given: Given, request: Request) -> Iterator[bytes]:
        before, body, after = self.signed.partition(_BODY)
        url = request.sent_to() if "{url}" in self.signed else ""
        parts = {
            "timestamp": given.timestamp,
            "id": given.id,
            "method": request.delivery.method,
            "url": octets(url).decode("latin-1"),
        }
        if before:
            yield before.format_map(parts).encode("latin-1", "replace")
        if body:
            yield from self.content(request)
        if after:
            yield after.format_map(parts).encode("latin-1", "replace")

    def _well_formed(self, signature: str) -> bool:
        data = decode(signature, self.encoding)
        return bool(data) and (not self.length or len(data or b"") == self.length)

    def _malformed(self, given: Given) -> str:
        first = self._is_field and self.timestamp not in given.raw
        prefix = self.timestamp if first else self.prefix
        problem = described(given.raw, prefix, self.encoding, self.length)
        return f"{self._shown} is malformed: {problem}"

    def _contents(self) -> str:
        """Say what is signed, as words."""
        return _words(self.signed, self.content_is)

    def _checked(self, request: Request) -> str:
        body = f"the {request.delivery.size:,} raw bytes"
        text = self._contents().replace("the raw body", body)
        if "{url}" in self.signed:
            text = text.replace("the URL", request.sent_to())
        return f"{self._shown}: {self.name} of {text}"


@cache
def _words(signed: str, content_is: str) -> str:
    names = {"{id}": "the id", "{timestamp}": "the time", "{method}": "the method"}
    names |= {"{url}": "the URL", _BODY: content_is}
    parts = [names[name] for name in _FIELD.findall(signed)]
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
