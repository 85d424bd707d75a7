"""Each output gets what is meant for it, at its own pace, and nobody waits for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hookcli import pipeline as module
from hookcli.delivery import Verdict
from tests.stores.builders import make_answer, make_delivery
from tests.watchers import Bench, Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookcli.delivery import Entry


class Full(Shown):
    """An output without room."""

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Fail."""
        raise OSError(f"No space left for {len(entries)}")


async def test_brings_what_is_chosen_with_its_answers() -> None:
    """In the order of the log."""
    bench = Bench()
    running = await bench.start()
    await bench.keep("issues", "push", "issues")
    await bench.follower.reach(3, answered=True)

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


async def test_a_set_up_request_is_shown_and_does_not_count() -> None:
    """Neither to a number, nor as a failure: it is no event."""
    bench = Bench(count=1)
    running = await bench.start()
    bad = Verdict("missing_signature", "")
    asked = make_delivery(handshake="xero_intent", signature=bad)
    await bench.store.append(asked, make_answer(status=401))
    await bench.keep("issues")

    await asyncio.wait_for(running, 5)

    assert bench.shown.notes == ["#1", "answer 1", "#2", "answer 2"]
    assert not bench.follower.failed


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
    await bench.follower.reach(2, answered=True)
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
    reaching = await bench.reaching(2)

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

    await asyncio.wait_for(bench.follower.reach(1, answered=True), 5)

    assert bench.shown.notes == []
    running.cancel()


async def test_does_not_wait_for_an_output_that_has_had_enough() -> None:
    bench = Bench(count=1)
    running = await bench.start()
    await bench.keep("issues")
    await asyncio.wait_for(running, 5)

    await asyncio.wait_for(bench.follower.reach(99, answered=True), 5)

    assert running.done()


async def test_an_output_that_fails_ends_its_follower() -> None:
    """Whoever runs it is told."""
    bench = Bench(shown=Full())
    running = await bench.start()

    await bench.keep("issues")

    with pytest.raises(OSError, match="No space left"):
        await asyncio.wait_for(running, 5)
