"""Keeps a store within its limits: the oldest deliveries go, little by little."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from hookcli.errors import HookError
from hookcli.stores import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from hookcli.delivery import Delivery
    from hookcli.limits import Limits
    from hookcli.stores import Store

_EVERY_S = 10.0
"""Seconds from one look to the next."""
_TOGETHER = 32
"""Deliveries that go at once: that holds the writer up for less than a millisecond."""
_LONGEST_S = 100 * 365 * 86_400
"""A century; there is no time before all times."""


class Retention:
    """Removes what is too old, and the oldest where there is too much."""

    def __init__(
        self,
        store: Store,
        limits: Limits,
        *,
        clock: Callable[[], datetime],
        notice: Callable[[str, str | None], object],
    ) -> None:
        """`clock` tells the time in UTC; `notice` is told, once, that the store fails."""
        self._store = store
        self._limits = limits
        self._clock = clock
        self._notice = notice
        self._failed = False

    async def run(self) -> None:
        """Look every few seconds, until cancelled, if there are limits. Raises nothing."""
        while self._limits.said:
            try:
                await self.tidy()
                self._failed = False
            except HookError as error:
                if not self._failed:
                    self._notice(f"Old deliveries cannot be removed: {error.message}", error.hint)
                self._failed = True
            await asyncio.sleep(_EVERY_S)

    async def tidy(self) -> None:
        """Remove all that is beyond the limits now. Raises HookError where the store fails."""
        if self._limits.max_age_s is not None:
            age_s = min(self._limits.max_age_s, _LONGEST_S)
            await self._remove_older(self._clock() - timedelta(seconds=age_s))
        if self._limits.max_size is not None:
            _, size = await self._store.stats()
            # A sixteenth is the room that the file may have beside what it holds.
            if size > self._limits.max_size * 15 // 16:
                await self._remove_bytes(size - self._limits.max_size * 7 // 8)

    async def _remove_older(self, than: datetime) -> None:
        """Remove from the oldest on, up to the first one that is younger."""
        while old := [*takewhile(lambda each: each.received_at < than, await self._oldest())]:
            await self._remove(old)

    async def _remove_bytes(self, size: int) -> None:
        """Remove so many bytes, from the oldest on."""
        while size > 0 and (some := [*_up_to(size, await self._oldest())]):
            size -= await self._remove(some)

    async def _oldest(self) -> Sequence[Delivery]:
        return await self._store.query(Query(limit=_TOGETHER, oldest=True))

    async def _remove(self, some: Sequence[Delivery]) -> int:
        loop = asyncio.get_running_loop()
        started = loop.time()
        freed = await self._store.prune([delivery.id for delivery in some])
        # As much time as that took is for those who append.
        await asyncio.sleep(loop.time() - started)
        return freed


def _up_to(size: int, deliveries: Sequence[Delivery]) -> Iterator[Delivery]:
    """Yield deliveries until their bodies have that size together."""
    for delivery in deliveries:
        if size <= 0:
            break
        yield delivery
        size -= delivery.size
