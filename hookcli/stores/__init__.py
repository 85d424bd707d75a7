"""The durable log of deliveries and attempts: what every store can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from hookcli.delivery import Attempt, Delivery, Entry

CHUNK = 256 * 1024
"""Bytes in which bodies over `HELD_BODY` are read and kept."""


class Page(NamedTuple):
    """Consecutive entries of the log."""

    entries: Sequence[Entry]
    """A delivery comes before its attempts."""
    cursor: str
    """Opaque; `follow(cursor)` goes on behind the last entry."""
    last: int = 0
    """The last delivery that was passed, be it among the entries or not; 0: none."""


class Stats(NamedTuple):
    """How much the store holds."""

    deliveries: int
    bytes: int
    """What that takes; a file may have a little more, for what comes next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which deliveries are asked for; all criteria must hold."""

    limit: int | None = None
    """So many of them: the newest, or where `oldest` is set the oldest."""
    oldest: bool = False
    provider: str | None = None
    events: Sequence[str] = ()
    """Globs over `event` or `event.action`; any of them."""
    delivery_id: str | None = None
    """The provider's delivery id, or a prefix of it."""
    after: int = 0
    before: int | None = None
    """Only ids above `after` and below `before`."""
    since: datetime | None = None
    until: datetime | None = None
    """Received at or after `since`, before `until`."""
    failed: bool = False
    """Only those with a bad signature, or an attempt without a whole answer, or of 400 or more.

    Where it is not known yet what came of an attempt, that is none."""


class Reader(Protocol):
    """What can be read from a store. Every method may raise HookError where the medium fails."""

    async def get(self, delivery: int) -> Delivery | None:
        """Return the delivery of that id, with its body if that is `held`."""
        ...

    async def query(self, query: Query) -> list[Delivery]:
        """Return the deliveries asked for, oldest first, all of them without bodies."""
        ...

    async def attempts(self, deliveries: Sequence[int]) -> list[Attempt]:
        """Return all attempts at these deliveries, oldest first."""
        ...

    def body(self, delivery: int) -> AsyncIterator[bytes]:
        """Yield a body of any size in chunks."""
        ...


class Store(Reader, Protocol):
    """The log. Every method may raise HookError where the medium fails."""

    url: str
    """As `--store` takes it."""

    async def append(
        self, delivery: Delivery, answer: Attempt | None = None, body: BinaryIO | None = None
    ) -> int:
        """Keep a delivery, with its built-in answer if it has one; return the id it got.

        Durable, both or neither, when this returns. `body` is a file that holds the
        `delivery.size` bytes of a body that is not `held`; the answer's `delivery` is filled in.
        """
        ...

    async def append_attempt(self, attempt: Attempt) -> int:
        """Keep an attempt at a stored delivery; return the id it got."""
        ...

    async def follow(
        self, cursor: str | None = None, *, own: bool = False, events: Sequence[str] = ()
    ) -> AsyncIterator[Page]:
        """Iterate, without end, over what comes after `cursor`; None: after this very call.

        Sees other processes' writes within 100 ms, or, if `own`, passes over deliveries that
        others appended; with `events`, as of Query, over all other ones, of which attempts may
        come. A page may be empty then. Bodies that are `held` are there.
        """
        ...

    async def prune(self, deliveries: Sequence[int]) -> int:
        """Remove these deliveries with their attempts; return the bytes that are free now.

        In small steps, each of them whole or not at all, with pauses for whoever appends. Their
        numbers are never given again; those that are not there are passed over.
        """
        ...

    async def stats(self) -> Stats:
        """Count what is there."""
        ...

    async def close(self) -> None:
        """Finish what is queued, and let go."""
        ...
