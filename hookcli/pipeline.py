"""Brings the log to the outputs, to each at its own pace."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

from hookcli.delivery import Delivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from hookcli.delivery import Entry
    from hookcli.stores import Page

_REST = 9
"""While senders are waiting, an output rests so many times as long as it worked."""
_REST_S = 0.25, 1.0
"""Its shortest and its longest rest then, in seconds."""
_STUCK_S = 5.0
"""Seconds within which an output has to get on, for someone to go on waiting for it."""


class Output(Protocol):
    """Where deliveries and attempts are shown, written or saved."""

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Take the next entries of the log."""
        ...


class Follower:
    """Brings one output what is meant for it, until it has had enough."""

    def __init__(
        self,
        output: Output,
        *,
        selects: Callable[[Delivery], Awaitable[bool]],
        count: int | None,
        busy: Callable[[], bool],
    ) -> None:
        """Bring `output` the first `count` deliveries that `selects` picks, and their answers.

        While `busy`, senders are served first.
        """
        self._output = output
        self._selects = selects
        self._left = count
        self._busy = busy
        self._unanswered: set[int] = set()
        """Deliveries that were brought, and whose answer has not come yet."""
        self._reached = 0
        self._moved = asyncio.Event()
        self.failed = False
        """Whether something brought has a bad signature, or an answer outside 2xx."""

    async def run(self, pages: AsyncIterator[Page]) -> None:
        """Follow the log, and return once `count` deliveries and their answers were brought."""
        async for page in pages:
            started = time.perf_counter()
            await self._output.handle(await self._chosen(page.entries))
            self._move(max(_number(entry) for entry in page.entries))
            if self._left == 0 and not self._unanswered:
                break
            if self._busy():
                worked = time.perf_counter() - started
                shortest, longest = _REST_S
                await asyncio.sleep(min(max(worked * _REST, shortest), longest))
        self._left = 0

    async def reach(self, delivery: int) -> None:
        """Wait until that delivery has been passed, for as long as the output gets on."""
        while self._left != 0 and (self._reached < delivery or self._unanswered):
            self._moved.clear()
            try:
                await asyncio.wait_for(self._moved.wait(), _STUCK_S)
            except TimeoutError:
                return

    def _move(self, delivery: int) -> None:
        self._reached = max(self._reached, delivery)
        self._moved.set()

    async def _chosen(self, entries: Sequence[Entry]) -> list[Entry]:
        chosen: list[Entry] = []
        for entry in entries:
            if isinstance(entry, Delivery):
                if self._left == 0 or not await self._selects(entry):
                    continue
                if self._left is not None:
                    self._left -= 1
                self._unanswered.add(entry.id)
                self.failed |= entry.signature.failed
            elif entry.delivery not in self._unanswered:
                continue
            else:
                self._unanswered.discard(entry.delivery)
                self.failed |= entry.failed
            chosen.append(entry)
        return chosen


def _number(entry: Entry) -> int:
    return entry.id if isinstance(entry, Delivery) else entry.delivery
