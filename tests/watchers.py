"""Whoever watches the log: what is asked of them, and what they are brought."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from hookcli.choosing import Choice
from hookcli.delivery import Delivery
from hookcli.pipeline import Follower
from hookcli.stores.memory import MemoryStore
from hookcli.watching import WatchWish
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookcli.delivery import Entry


def make_watch_wish(**fields: Any) -> WatchWish:
    """Return what is asked for by `--format records --color never`."""
    usual: dict[str, Any] = {
        "form": "records",
        "color": "never",
        "choice": Choice([], None),
        "save": None,
        "execute": None,
        "count": None,
        "timeout_s": None,
        "check": False,
    }
    return WatchWish(**{**usual, **fields})


class Shown:
    """An output that notes what it is brought."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.ready = asyncio.Event()
        self.ready.set()

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Note entries, once it is ready."""
        await self.ready.wait()
        for entry in entries:
            if isinstance(entry, Delivery):
                self.notes.append(f"#{entry.id}")
            else:
                self.notes.append(f"answer {entry.delivery}")


class Bench:
    """A log, an output, and the follower between them."""

    def __init__(
        self,
        *,
        events: tuple[str | None, ...] = ("issues",),
        count: int | None = None,
        busy: Callable[[], bool] = lambda: False,
        shown: Shown | None = None,
        answers: int = 1,
        patience_s: float | None = None,
    ) -> None:
        async def selects(delivery: Delivery) -> bool:
            return delivery.event in events

        self.store = MemoryStore()
        self.shown = shown or Shown()
        self.follower = Follower(
            self.shown,
            selects=selects,
            count=count,
            busy=busy,
            answers=lambda _: answers,
            patience_s=patience_s,
        )

    async def start(self) -> asyncio.Future[None]:
        """Follow from now on."""
        return asyncio.ensure_future(self.follower.run(await self.store.follow()))

    async def reaching(self, delivery: int) -> asyncio.Future[None]:
        """Begin to wait until the output has come so far, with all answers; it has not yet."""
        reaching = asyncio.ensure_future(self.follower.reach(delivery, answered=True))
        await asyncio.sleep(0)
        assert not reaching.done()
        return reaching

    async def keep(self, *events: str, status: int | None = 200) -> None:
        """Receive deliveries of these events."""
        for event in events:
            await self.store.append(make_delivery(event=event), make_answer(status=status))
