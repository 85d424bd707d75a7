"""The values that walk through the house: a delivery, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SignatureCode = Literal[
    "valid",
    "unsigned",
    "unchecked",
    "missing_signature",
    "malformed_signature",
    "wrong_secret",
    "body_changed",
    "expired_timestamp",
    "future_timestamp",
    "url_mismatch",
    "mismatch",
]

AttemptKind = Literal["answer", "forward", "replay"]

BODILESS = {204, 304}
"""Statuses whose answers have no body, and do not say how long it is."""

HELD_BODY = 1 << 20
"""Bodies up to this many bytes travel inside their delivery; larger ones stay in the store."""


class Headers:
    """Header fields in the order, case and number they came in.

    Names and values are ISO-8859-1, a character a byte, so they go on the wire as they came.
    """

    __slots__ = ("_folded", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs = tuple(pairs)
        self._folded: dict[str, str] | None = None

    @classmethod
    def from_raw(cls, raw: Iterable[tuple[bytes, bytes]]) -> Headers:
        """Header fields from the bytes of the wire."""
        # A list, as a generator would cost as much again.
        return cls([(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw])

    def get(self, name: str) -> str | None:
        """Return the first value of `name`, whatever its case, or None."""
        return self.folded.get(name.lower())

    @property
    def folded(self) -> Mapping[str, str]:
        """Values by names in lower case; of repeated ones the first."""
        if self._folded is None:
            self._folded = {name.lower(): value for name, value in reversed(self.pairs)}
        return self._folded

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self.pairs == other.pairs

    def __hash__(self) -> int:
        return hash(self.pairs)

    def __repr__(self) -> str:
        return f"Headers({list(self.pairs)!r})"


NO_HEADERS = Headers()
EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a delivery's signature."""

    code: SignatureCode
    message: str
    """A sentence that a person can act on. Never holds a secret or its length."""

    @property
    def failed(self) -> bool:
        """Whether the signature was checked, or had to be there, and is not right."""
        return self.code not in {"valid", "unsigned", "unchecked"}


UNSIGNED = Verdict("unsigned", "Nothing is signed, and no signature was expected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook request, exactly as the provider sent it."""

    method: str
    path: str
    """Raw from the request line, without the query; ends in `?` where the query is empty."""
    query: str = ""
    """Raw, without its question mark."""
    headers: Headers = NO_HEADERS
    body: bytes = b""
    """The raw payload. Never re-encoded: signatures cover these bytes.

    Empty where the body is over `HELD_BODY` (see `held`); the store has it then."""
    size: int = -1
    """Bytes of the raw body; -1, the default, stands for `len(body)`."""
    http_version: str = "1.1"
    remote: str | None = None
    """Address of the sender."""
    id: int = 0
    """The number the store gave it; 0 before it is stored."""
    received_at: datetime = EPOCH
    provider: str | None = None
    event: str | None = None
    action: str | None = None
    delivery_id: str | None = None
    """The provider's own name for this delivery."""
    handshake: str | None = None
    """The name of the set-up request that this is, if it is one."""
    repeats: int | None = None
    """The earlier delivery with the same provider's delivery id."""
    signature: Verdict = UNSIGNED

    def __post_init__(self) -> None:
        if self.size < 0:
            object.__setattr__(self, "size", len(self.body))

    def judged(self, signature: Verdict) -> Delivery:
        """Return the same delivery with this verdict."""
        return self._but("signature", signature)

    def numbered(self, number: int) -> Delivery:
        """Return the same delivery with the number that the store gave it."""
        return self._but("id", number)

    def _but(self, name: str, value: Any) -> Delivery:
        """Do as `dataclasses.replace` does, at a third of what that costs each delivery."""
        twin = object.__new__(Delivery)
        for each, same in zip(_SLOTS, _values(self), strict=True):
            object.__setattr__(twin, each, same)
        object.__setattr__(twin, name, value)
        return twin

    @property
    def held(self) -> bool:
        """Whether `body` is the whole body."""
        return len(self.body) == self.size

    @property
    def target(self) -> str:
        """Path and query, as in the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What was sent in place of a delivery as it came."""

    method: str
    path: str
    """With the query."""
    headers: Headers
    body: bytes | None
    """None: the delivery's own, which is too large to be kept with every attempt."""


_SLOTS = tuple(field.name for field in fields(Delivery))
_values = attrgetter(*_SLOTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One answer to a delivery, or one send of it, with what came of it."""

    kind: AttemptKind
    id: int = 0
    """The number the store gave it; 0 before it is stored."""
    delivery: int = 0
    """The id of the delivery."""
    endpoint: str | None = None
    """The URL sent to; None for a built-in answer."""
    started_at: datetime
    duration_ms: float
    status: int | None = None
    """None where there was no response; `error` says why."""
    headers: Headers = NO_HEADERS
    body: bytes = b""
    """The first 64 KiB of the response."""
    body_truncated: bool = False
    error: str | None = None
    request: Changed | None = None
    """None where it was sent byte for byte."""

    @property
    def accepted(self) -> bool:
        """Whether there is an answer of 2xx, be its end missing."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def failed(self) -> bool:
        """Whether the answer, or its end, is missing, or it is outside 2xx."""
        return self.error is not None or not self.accepted


Entry = Delivery | Attempt
"""One entry of the log."""
