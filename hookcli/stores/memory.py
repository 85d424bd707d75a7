"""A store that ends with its process."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from hookcli.stores import CHUNK, Page, Query, Stats
from hookcli.stores.repeats import Repeats
from hookcli.where import event_matcher

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from typing import BinaryIO

    from hookcli.delivery import Attempt, Delivery, Entry

_PAGE = 256


class MemoryStore:
    """Keeps the log in memory, and loses it when the process ends."""

    url = "memory"

    def __init__(self) -> None:
        self._log: list[Entry] = []
        self._deliveries: list[Delivery] = []
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
        stored = replace(delivery, id=len(self._deliveries) + 1)
        if content is not None:
            self._large[stored.id] = content
        self._deliveries.append(stored)
        self._log.append(stored)
        if answer is not None:
            self._keep(replace(answer, delivery=stored.id))
        self._wake()
        return stored.id

    async def append_attempt(self, attempt: Attempt) -> Attempt:
        """Keep an attempt at a stored delivery; return it with its id."""
        stored = self._keep(attempt)
        self._wake()
        return stored

    async def get(self, delivery: int) -> Delivery | None:
        """Return the delivery of that id, with its body if that is `held`."""
        return self._deliveries[delivery - 1] if 0 < delivery <= len(self._deliveries) else None

    async def query(self, query: Query) -> list[Delivery]:
        """Return the deliveries asked for, oldest first, all of them without bodies."""
        matches = self._matcher(query)
        found = [delivery for delivery in self._deliveries if matches(delivery)]
        newest = found if query.limit is None else found[-query.limit :] if query.limit else []
        return [replace(delivery, body=b"") for delivery in newest]

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

    async def follow(self, cursor: str | None = None, *, own: bool = False) -> AsyncIterator[Page]:  # noqa: ARG002 - nobody else can append
        """Iterate, without end, over what comes after `cursor`; None: after this very call."""
        return self._pages(len(self._log) if cursor is None else int(cursor))

    async def stats(self) -> Stats:
        """Count what is there."""
        size = sum(delivery.size for delivery in self._deliveries)
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
        self._log.append(stored)
        return stored

    def _wake(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()

    async def _pages(self, start: int) -> AsyncIterator[Page]:
        while True:
            while start >= len(self._log):
                await self._grown.wait()
            entries = self._log[start : start + _PAGE]
            start += len(entries)
            yield Page(entries, str(start))

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
        attempts = self._attempts.get(delivery.id)
        return delivery.signature.failed or bool(attempts and attempts[-1].failed)


def _content(body: BinaryIO) -> bytes:
    body.seek(0)
    return body.read()
