"""Each output gets what is meant for it, at its own pace, and nobody waits for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hookcli import pipeline as module
from hookcli.delivery import Delivery, Verdict
from hookcli.pipeline import Follower
from hookcli.stores.memory import MemoryStore
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookcli.delivery import Entry


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


class Full(Shown):
    """An output without room."""

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Fail."""
        raise OSError(f"No space left for {len(entries)}")


class Bench:
    """A log, an output, and the follower between them."""

    def __init__(
        self,
        *,
        events: tuple[str | None, ...] = ("issues",),
        count: int | None = None,
        busy: Callable[[], bool] = lambda: False,
        shown: Shown | None = None,
    ) -> None:
        async def selects(delivery: Delivery) -> bool:
            return delivery.event in events

        self.store = MemoryStore()
        self.shown = shown or Shown()
        self.follower = Follower(self.shown, selects=selects, count=count, busy=busy)

    async def start(self) -> asyncio.Future[None]:
        """Follow from now on."""
        return asyncio.ensure_future(self.follower.run(await self.store.follow()))

    async def keep(self, *events: str, status: int | None = 200) -> None:
        """Receive deliveries of these events."""
        for event in events:
            await self.store.append(make_delivery(event=event), make_answer(status=status))


async def test_brings_what_is_chosen_with_its_answers() -> None:
    """In the order of the log."""
    bench = Bench()
    running = await bench.start()
    await bench.keep("issues", "push", "issues")
    await bench.follower.reach(3)

    assert bench.shown.notes == ["#1", "answer 1", "#3", "answer 3"]
    assert not running.done()
    running.cancel()


async def test_ends_after_so_many() -> None:
    """Only those that are chosen count; what comes after them is not brought."""
    bench = Bench(count=2)
    running = await bench.start()
    await bench.keep("issues", "push", "issues", "issues")

    await asyncio.wait_for(running, 5)

    assert bench.shown.notes == ["#1", "answer 1", "#3", "answer 3"]


async def test_does_not_end_before_the_last_answer() -> None:
    """It may come much later than its delivery, and behind others."""
    bench = Bench(count=1)
    running = await bench.start()
    await bench.store.append(make_delivery())
    await bench.keep("issues")
    await bench.follower.reach(2)
    assert not running.done()

    await bench.store.append_attempt(make_answer(delivery=1))

    await asyncio.wait_for(running, 5)
    assert bench.shown.notes == ["#1", "answer 1"]


async def test_brings_one_answer_to_each() -> None:
    """What is replayed later is no answer to what came now."""
    bench = Bench()
    running = await bench.start()
    await bench.keep("issues")
    await bench.store.append_attempt(make_answer(delivery=1, kind="replay"))
    await bench.keep("issues")
    await bench.follower.reach(2)
    running.cancel()

    assert bench.shown.notes == ["#1", "answer 1", "#2", "answer 2"]


@pytest.mark.parametrize(
    ("code", "status", "event", "failed"),
    [
        ("valid", 200, "issues", False),
        ("unsigned", 299, "issues", False),
        ("mismatch", 200, "issues", True),
        ("valid", 500, "issues", True),
        ("valid", None, "issues", True),
        ("mismatch", 500, "push", False),
    ],
)
async def test_knows_whether_something_it_brought_failed(
    code: str, status: int | None, event: str, failed: bool
) -> None:
    """`--check` asks; what is not chosen does not matter."""
    bench = Bench()
    running = await bench.start()
    verdict = Verdict(code, "")  # type: ignore[arg-type] # one of the codes
    await bench.store.append(
        make_delivery(event=event, signature=verdict), make_answer(status=status)
    )
    await bench.keep("issues")
    await bench.follower.reach(2)
    running.cancel()

    assert bench.follower.failed is failed


async def test_while_senders_wait_it_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page, a rest, and the next page has all that came meanwhile."""
    rests: list[float] = []
    waiting = [True]

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        await bench.keep("issues", "issues")
        waiting.pop()

    bench = Bench(count=3, busy=lambda: bool(waiting))
    await bench.keep("push")
    monkeypatch.setattr(asyncio, "sleep", rest)
    pages = await bench.store.follow("1")
    await bench.keep("issues")

    await asyncio.wait_for(bench.follower.run(pages), 5)

    (seconds,) = rests
    assert 0 < seconds <= 1
    assert bench.shown.notes == [f"{what}{n}" for n in (2, 3, 4) for what in ("#", "answer ")]


async def test_waits_until_the_output_has_come_so_far() -> None:
    """At the end everything that came in is shown first."""
    bench = Bench()
    bench.shown.ready.clear()
    running = await bench.start()
    await bench.keep("issues", "push")
    reaching = asyncio.ensure_future(bench.follower.reach(2))
    await asyncio.sleep(0)
    assert not reaching.done()

    bench.shown.ready.set()

    await asyncio.wait_for(reaching, 5)
    assert bench.shown.notes == ["#1", "answer 1"]
    running.cancel()


async def test_does_not_wait_for_an_output_that_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody reads on the terminal, or no longer does."""
    monkeypatch.setattr(module, "_STUCK_S", 0.01)
    bench = Bench()
    bench.shown.ready.clear()
    running = await bench.start()
    await bench.keep("issues")

    await asyncio.wait_for(bench.follower.reach(1), 5)

    assert bench.shown.notes == []
    running.cancel()


async def test_does_not_wait_for_an_output_that_has_had_enough() -> None:
    bench = Bench(count=1)
    running = await bench.start()
    await bench.keep("issues")
    await asyncio.wait_for(running, 5)

    await asyncio.wait_for(bench.follower.reach(99), 5)

    assert running.done()


async def test_an_output_that_fails_ends_its_follower() -> None:
    """Whoever runs it is told."""
    bench = Bench(shown=Full())
    running = await bench.start()

    await bench.keep("issues")

    with pytest.raises(OSError, match="No space left"):
        await asyncio.wait_for(running, 5)


async def test_the_answer_of_the_last_delivery_is_shown_too() -> None:
    """An answer that is given while hookcli stops is waited for."""
    bench = Bench()
    running = await bench.start()
    await bench.store.append(make_delivery())
    await bench.follower.reach(1)
    await bench.store.append_attempt(make_answer(delivery=1, status=500))
    await bench.follower.reach(1)
    running.cancel()

    assert bench.shown.notes == ["#1", "answer 1"]
    assert bench.follower.failed
