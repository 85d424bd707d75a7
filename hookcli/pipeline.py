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
_LONGEST_REST_S = 1.0


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
        """Bring `output` the first `count` deliveries that `selects` picks, and their attempts.

        While `busy`, senders are served first.
        """
        self._output = output
        self._selects = selects
        self._left = count
        self._busy = busy
        self._unanswered: set[int] = set()
        """Deliveries that were brought, and whose answer has not come yet."""

    async def run(self, pages: AsyncIterator[Page]) -> None:
        """Follow the log, and return once `count` deliveries and their answers were brought."""
        async for page in pages:
            started = time.perf_counter()
            await self._output.handle(await self._chosen(page.entries))
            if self._left == 0 and not self._unanswered:
                return
            if self._busy():
                worked = time.perf_counter() - started
                await asyncio.sleep(min(worked * _REST, _LONGEST_REST_S))

    async def _chosen(self, entries: Sequence[Entry]) -> list[Entry]:
        chosen: list[Entry] = []
        for entry in entries:
            if isinstance(entry, Delivery):
                if self._left != 0 and await self._selects(entry):
                    chosen.append(entry)
                    self._unanswered.add(entry.id)
                    if self._left is not None:
                        self._left -= 1
            elif entry.delivery in self._unanswered:
                chosen.append(entry)
                self._unanswered.discard(entry.delivery)
        return chosen
