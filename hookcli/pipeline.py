"""Brings the log to the outputs, to each at its own pace."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

from hookcli.delivery import Delivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from hookcli.delivery import Attempt, Entry
    from hookcli.stores import Page

_REST = 9
"""While senders are waiting, an output rests so many times as long as it worked."""
_REST_S = 0.25, 1.0
"""Its shortest and its longest rest then, in seconds."""
_STUCK_S = 5.0
"""Seconds within which an output has to get on, for someone to go on waiting for it."""
_REMEMBERED = 16_384
"""Deliveries of which it is known that they were brought, the newest ones."""


class Output(Protocol):
    """Where deliveries and attempts are shown, written or saved."""

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Take the next entries of the log."""
        ...


def one(_: Delivery) -> int:
    """Return how many answers a delivery gets, where each gets one."""
    return 1


def first_hand(attempt: Attempt) -> bool:
    """Return whether it is an answer to a delivery, and no later try."""
    return attempt.kind != "replay"


class Follower:
    """Brings one output what is meant for it, until it has had enough."""

    def __init__(
        self,
        output: Output,
        *,
        selects: Callable[[Delivery], Awaitable[bool]],
        count: int | None,
        busy: Callable[[], bool],
        answers: Callable[[Delivery], int] = one,
        counts: Callable[[Attempt], bool] = first_hand,
        patience_s: float | None = None,
    ) -> None:
        """Bring `output` the first `count` deliveries that `selects` picks, and their answers.

        While `busy`, senders are served first. `answers` tells how many a delivery will get, of
        those that `counts` says are meant: once `count` is reached they are waited for, for
        `patience_s` seconds or, if None, to the last. Others are only shown.
        """
        self._output = output
        self._selects = selects
        self._left = count
        self._busy = busy
        self._answers = answers
        self._counts = counts
        self._patience_s = patience_s
        self._give_up_at: float | None = None
        self._brought: dict[int, int] = {}
        """How many answers are still to come to each delivery that was brought."""
        self._owed = 0
        """Deliveries to which some are."""
        self._moved = asyncio.Event()
        self._at_a_page = False
        """Whether what is counted as brought is still on its way."""
        self.reached = 0
        """The last delivery of the log that was passed."""
        self.failed = False
        """Whether something brought has a bad signature, or an answer missing or outside 2xx."""

    @property
    def done(self) -> bool:
        """Whether `count` deliveries and their answers were brought."""
        return self._left == 0 and not self._owed

    async def run(self, pages: AsyncIterator[Page]) -> None:
        """Follow the log, and return once `count` deliveries and their answers were brought."""
        while not self.done:
            try:
                async with asyncio.timeout_at(self._give_up_at):
                    page = await anext(pages)
            except TimeoutError:
                self._owed = 0
                self.failed = True
                self._moved.set()
                break
            started = time.perf_counter()
            self._at_a_page = True
            if chosen := await self._chosen(page.entries):
                await self._output.handle(chosen)
            self._at_a_page = False
            self.reached = max(self.reached, page.last)
            self._moved.set()
            if self._busy() and not self.done:
                worked = time.perf_counter() - started
                shortest, longest = _REST_S
                await asyncio.sleep(min(max(worked * _REST, shortest), longest))

    async def reach(self, delivery: int, *, answered: bool) -> None:
        """Wait until that delivery has been passed, for as long as the output gets on.

        `answered`: and until all that was brought has its answers.
        """
        while self._at_a_page or (
            not self.done and (self.reached < delivery or (answered and self._owed))
        ):
            self._moved.clear()
            try:
                await asyncio.wait_for(self._moved.wait(), _STUCK_S)
            except TimeoutError:
                return

    async def _chosen(self, entries: Sequence[Entry]) -> list[Entry]:
        chosen: list[Entry] = []
        for entry in entries:
            if isinstance(entry, Delivery):
                if self._left == 0 or not await self._selects(entry):
                    continue
                self._bring(entry)
            elif entry.delivery not in self._brought:
                continue
            else:
                self._answer(entry)
            chosen.append(entry)
        return chosen

    def _bring(self, delivery: Delivery) -> None:
        # A set-up request is shown like any other delivery, but it is no event that is counted.
        answers = 0 if delivery.handshake else self._answers(delivery)
        self._brought[delivery.id] = answers
        self._owed += answers > 0
        if len(self._brought) > _REMEMBERED:
            oldest = next(iter(self._brought))
            self._owed -= self._brought.pop(oldest) > 0
        if delivery.handshake:
            return
        self.failed |= delivery.signature.failed
        if self._left is not None:
            self._left -= 1
        if self._left == 0 and self._patience_s is not None:
            self._give_up_at = asyncio.get_running_loop().time() + self._patience_s

    def _answer(self, attempt: Attempt) -> None:
        """Note an attempt; those behind the answers that were to come are only shown."""
        left = self._brought[attempt.delivery]
        if left and self._counts(attempt):
            self._brought[attempt.delivery] = left - 1
            self._owed -= left == 1
            self.failed |= attempt.failed
