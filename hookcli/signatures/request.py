"""What is checked, what a check finds, and the shape of a scheme that checks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

from hookcli.delivery import HELD_BODY, Delivery, Headers
from hookcli.payload import payload_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hookcli.delivery import SignatureCode

_WHOLE = 4 << 20
"""Bytes of a body that is read as a value to find its signature; more than any such sender's."""
_KEPT = 256 << 10
"""Bytes of a body whose value is kept until the next one is read."""


class _Reading:
    """Reads bodies as values, and keeps the last: trials ask for the same again and again.

    All variants of a request share one.
    """

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: tuple[bytes, str | None, str | None, Any] | None = None

    def value(self, headers: Headers, body: bytes) -> Any:
        """Return the value of a body, or None."""
        kind, encoding = headers.get("content-type"), headers.get("content-encoding")
        last = self._last
        # By identity, as even a hash of a body costs what checking a signature does.
        if last and last[0] is body and last[1] == kind and last[2] == encoding:
            return last[3]
        value = payload_of(headers, body, HELD_BODY)
        if len(body) <= _KEPT and not encoding:
            self._last = (body, kind, encoding, value)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A delivery, and what else its signature depends on."""

    delivery: Delivery
    url: str | None = None
    """The whole URL that the sender used, as some sign it; None where it is not known."""
    now: float
    """When it is checked, or signed, in Unix seconds."""
    tolerance: float | None = None
    """Seconds that a timestamp may be off; None: what the scheme's own libraries allow."""
    chunks: Callable[[], Iterable[bytes]] | None = None
    """Gives the body piece by piece where the delivery does not hold it."""
    reading: _Reading = field(default_factory=_Reading, repr=False, compare=False)

    def body(self) -> Iterable[bytes]:
        """Return the raw body in pieces."""
        return self.chunks() if self.chunks else (self.delivery.body,)

    def whole(self) -> bytes:
        """Return the raw body in one piece, or nothing where it is too large for one."""
        return b"".join(self.body()) if self.delivery.size <= _WHOLE else b""

    def payload(self) -> Any:
        """Return the value of the body, or None. It is shared, and so not to be changed."""
        return self.reading.value(self.delivery.headers, self.whole())

    def header(self, name: str) -> str | None:
        """Return the first value of a header, stripped of spaces, or None."""
        value = self.delivery.headers.get(name)
        return None if value is None else value.strip()

    def sent_to(self) -> str:
        """Return the URL that the sender used, by its headers where it is not known."""
        if self.url is not None:
            return self.url
        scheme = "http" if self.header("x-forwarded-proto") == "http" else "https"
        host = self.header("x-forwarded-host") or self.header("host") or "localhost"
        return f"{scheme}://{host}{self.delivery.target}"

    def with_body(self, body: bytes) -> Request:
        """Return the same request with another body."""
        return replace(self, delivery=replace(self.delivery, body=body, size=-1), chunks=None)

    def with_header(self, name: str, value: str) -> Request:
        """Return the same request with one header set, in its place where it has one."""
        pairs = self.delivery.headers.pairs
        lower = name.lower()
        at = next((i for i, pair in enumerate(pairs) if pair[0].lower() == lower), len(pairs))
        others = [pair for pair in pairs[at + 1 :] if pair[0].lower() != lower]
        headers = Headers([*pairs[:at], (name, value), *others])
        return replace(self, delivery=replace(self.delivery, headers=headers))


class Finding(NamedTuple):
    """What one scheme with one key found."""

    code: SignatureCode
    """`valid`, `missing_signature`, `malformed_signature`, `expired_timestamp`,
    `future_timestamp` or `mismatch`."""
    detail: str
    """What was found, as part of a sentence. Never holds a secret or its length."""
    checked: str
    """What was compared: `X-Hub-Signature-256: HMAC-SHA256 of the 7,104 raw bytes`."""

    @property
    def matched(self) -> bool:
        """Whether the signature is right, be it too old or too new."""
        return self.code in {"valid", "expired_timestamp", "future_timestamp"}


class Scheme(Protocol):
    """One way to sign requests: a frozen dataclass, so a variant of it is a `replace` away."""

    gap: ClassVar[str]
    """What a right signature leaves unprotected, as a sentence; empty where that is nothing."""

    @property
    def headers(self) -> tuple[str, ...]:
        """Headers that hold the signature, in lower case; none where the body holds it."""

    def present(self, request: Request) -> bool:
        """Return whether there is anything of this scheme in the request."""

    def fits(self, key: str) -> str | None:
        """Return why a secret cannot be one of this scheme, or None."""

    def verify(self, request: Request, key: str) -> Finding:
        """Check the signature first, and then its time. Never raises."""

    def sign(self, request: Request, key: str) -> Delivery:
        """Return the delivery signed at `request.now`. Raises HookError where that cannot be."""
