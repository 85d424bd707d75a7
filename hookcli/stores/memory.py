"""A store that ends with its process."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from hookcli.delivery import Attempt
from hookcli.stores import CHUNK, Page, Query, Stats
from hookcli.stores.repeats import Repeats
from hookcli.where import event_matcher

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from typing import BinaryIO

    from hookcli.delivery import Delivery, Entry

_PAGE = 256
_REFUSED = 400


class MemoryStore:
    """Keeps the log in memory, and loses it when the process ends."""

    url = "memory"

    def __init__(self) -> None:
        self._log: dict[int, Entry] = {}
        """By their places, which go on where others have been removed."""
        self._end = 0
        self._last_delivery = 0
        self._deliveries: dict[int, Delivery] = {}
        self._attempts: dict[int, list[Attempt]] = {}
        self._large: dict[int, bytes] = {}
        self._last_attempt = 0
        self._repeats = Repeats()
        self._grown = asyncio.Event()

    async def append(
        self, delivery: Delivery, answer: Attempt | None = None, body: BinaryIO | None = None
    ) -> int:
        """Keep a delivery, with its built-in answer if it has one; return the id it got."""
        content = await asyncio.to_thread(_content, body) if body else None

        async def keep(delivery: Delivery) -> int:
            return self._keep_delivery(delivery, answer, content)

        return await self._repeats.append(delivery, keep)

    def _keep_delivery(
        self, delivery: Delivery, answer: Attempt | None, content: bytes | None
    ) -> int:
        self._last_delivery += 1
        stored = delivery.numbered(self._last_delivery)
        if content is not None:
            self._large[stored.id] = content
        self._deliveries[stored.id] = stored
        self._log_as_next(stored)
        if answer is not None:
            self._keep(replace(answer, delivery=stored.id))
        self._wake()
        return stored.id

    async def append_attempt(self, attempt: Attempt) -> int:
        """Keep an attempt at a stored delivery; return the id it got."""
        stored = self._keep(attempt)
        self._wake()
        return stored.id

    async def get(self, delivery: int) -> Delivery | None:
        """Return the delivery of that id, with its body if that is `held`."""
        return self._deliveries.get(delivery)

    async def query(self, query: Query) -> list[Delivery]:
        """Return the deliveries asked for, oldest first, all of them without bodies."""
        matches = self._matcher(query)
        found = [delivery for delivery in self._deliveries.values() if matches(delivery)]
        if query.limit is not None:
            first = 0 if query.oldest else max(0, len(found) - query.limit)
            found = found[first : first + query.limit]
        return [replace(delivery, body=b"") for delivery in found]

    async def attempts(self, deliveries: Sequence[int]) -> list[Attempt]:
        """Return all attempts at these deliveries, oldest first."""
        found = [a for delivery in set(deliveries) for a in self._attempts.get(delivery, ())]
        return sorted(found, key=lambda attempt: attempt.id)

    async def body(self, delivery: int) -> AsyncIterator[bytes]:
        """Yield a body of any size in chunks."""
        known = await self.get(delivery)
        body = self._large.get(delivery, known.body if known else b"")
        for start in range(0, len(body), CHUNK):
            yield body[start : start + CHUNK]

    async def follow(
        self,
        cursor: str | None = None,
        *,
        own: bool = False,  # noqa: ARG002 - nobody else can append
        events: Sequence[str] = (),
    ) -> AsyncIterator[Page]:
        """Iterate, without end, over what comes after `cursor`; None: after this very call."""
        return self._pages(self._end if cursor is None else int(cursor), event_matcher(events))

    async def prune(self, deliveries: Sequence[int]) -> int:
        """Remove these deliveries with their attempts; return the bytes that are free now."""
        gone = {number: self._deliveries.pop(number, None) for number in deliveries}
        for number in gone:
            self._attempts.pop(number, None)
            self._large.pop(number, None)
        self._log = {
            place: entry for place, entry in self._log.items() if _delivery(entry) not in gone
        }
        return sum(delivery.size for delivery in gone.values() if delivery)

    async def stats(self) -> Stats:
        """Count what is there."""
        size = sum(delivery.size for delivery in self._deliveries.values())
        return Stats(len(self._deliveries), size)

    async def close(self) -> None:
        """Let go of everything."""
        self._log.clear()
        self._deliveries.clear()
        self._attempts.clear()
        self._large.clear()

    def _keep(self, attempt: Attempt) -> Attempt:
        self._last_attempt += 1
        stored = replace(attempt, id=self._last_attempt)
        self._attempts.setdefault(stored.delivery, []).append(stored)
        self._log_as_next(stored)
        return stored

    def _log_as_next(self, entry: Entry) -> None:
        self._log[self._end] = entry
        self._end += 1

    def _wake(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()

    async def _pages(self, start: int, matches: Callable[[Delivery], bool]) -> AsyncIterator[Page]:
        while True:
            while start >= self._end:
                await self._grown.wait()
            places = range(start, min(start + _PAGE, self._end))
            start = places.stop
            passed = [self._log[place] for place in places if place in self._log]
            entries = [each for each in passed if isinstance(each, Attempt) or matches(each)]
            if passed:
                yield Page(entries, str(start), max(map(_delivery, passed)))

    def _matcher(self, query: Query) -> Callable[[Delivery], bool]:
        event_matches = event_matcher(query.events)

        def matches(delivery: Delivery) -> bool:
            return (
                delivery.id > query.after
                and (query.before is None or delivery.id < query.before)
                and query.provider in {None, delivery.provider}
                and event_matches(delivery)
                and (delivery.delivery_id or "").startswith(query.delivery_id or "")
                and (query.since is None or delivery.received_at >= query.since)
                and (query.until is None or delivery.received_at < query.until)
                and (not query.failed or self._failed(delivery))
            )

        return matches

    def _failed(self, delivery: Delivery) -> bool:
        return delivery.signature.failed or any(
            attempt.status is None or attempt.status >= _REFUSED or attempt.error is not None
            for attempt in self._attempts.get(delivery.id, ())
        )


def _delivery(entry: Entry) -> int:
    return entry.delivery if isinstance(entry, Attempt) else entry.id


def _content(body: BinaryIO) -> bytes:
    body.seek(0)
    return body.read()
