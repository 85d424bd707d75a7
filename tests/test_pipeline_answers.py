"""What was brought gets its answers, and they are waited for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hookcli import pipeline as module
from tests.senders import until
from tests.stores.builders import make_answer, make_delivery
from tests.watchers import Bench

if TYPE_CHECKING:
    import pytest


async def test_does_not_end_before_the_last_answer() -> None:
    """It may come much later than its delivery, and behind others."""
    bench = Bench(count=1)
    running = await bench.start()
    await bench.store.append(make_delivery())
    await bench.keep("issues")
    await bench.follower.reach(2, answered=False)
    assert not running.done()

    await bench.store.append_attempt(make_answer(delivery=1))

    await asyncio.wait_for(running, 5)
    assert bench.shown.notes == ["#1", "answer 1"]


async def test_waits_for_as_many_answers_as_there_will_be() -> None:
    """An app's, beside that of the listener: both are looked at."""
    bench = Bench(count=1, answers=2)
    running = await bench.start()
    await bench.keep("issues")
    await bench.follower.reach(1, answered=False)
    assert not running.done()

    await bench.store.append_attempt(make_answer(delivery=1, kind="forward", status=500))

    await asyncio.wait_for(running, 5)
    assert bench.shown.notes == ["#1", "answer 1", "answer 1"]
    assert bench.follower.failed


async def test_an_answer_that_does_not_come_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a crash: whoever has patience loses it, once all else is there."""
    monkeypatch.setattr(module, "_STUCK_S", 60)
    bench = Bench(count=2, patience_s=0.01)
    running = await bench.start()
    await bench.store.append(make_delivery())
    await bench.follower.reach(1, answered=False)
    assert not running.done()

    await bench.keep("issues")
    await asyncio.wait_for(bench.follower.reach(2, answered=True), 5)

    await asyncio.wait_for(running, 5)
    assert bench.follower.done
    assert bench.follower.failed


async def test_brings_further_answers_to_what_it_brought() -> None:
    """What is sent again, or to a second app, is shown, but is not what the sender got."""
    bench = Bench()
    running = await bench.start()
    await bench.keep("issues", "push")
    for delivery in (1, 2):
        late = make_answer(delivery=delivery, kind="replay", status=500)
        await bench.store.append_attempt(late)
    await bench.keep("issues")
    await bench.follower.reach(3, answered=True)
    running.cancel()

    assert bench.shown.notes == ["#1", "answer 1", "answer 1", "#3", "answer 3"]
    assert not bench.follower.failed


async def test_a_later_try_is_not_taken_for_the_answer() -> None:
    """It may be made while an app lets wait for that."""
    bench = Bench(count=1)
    running = await bench.start()
    await bench.store.append(make_delivery())
    await bench.store.append_attempt(make_answer(delivery=1, kind="replay", status=500))
    await bench.store.append_attempt(make_answer(delivery=1))

    await asyncio.wait_for(running, 5)
    assert bench.shown.notes == ["#1", "answer 1", "answer 1"]
    assert not bench.follower.failed


async def test_forgets_what_it_brought_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits any more for an answer to it."""
    monkeypatch.setattr(module, "_REMEMBERED", 1)
    bench = Bench()
    running = await bench.start()
    await bench.store.append(make_delivery())
    await bench.keep("issues")
    await bench.store.append_attempt(make_answer(delivery=1))
    await bench.keep("issues")

    await asyncio.wait_for(bench.follower.reach(3, answered=True), 5)

    assert bench.shown.notes == ["#1", "#2", "answer 2", "#3", "answer 3"]
    running.cancel()


async def test_the_answer_of_the_last_delivery_is_shown_too() -> None:
    """An answer that is given while hookcli stops is waited for."""
    bench = Bench()
    running = await bench.start()
    await bench.store.append(make_delivery())
    await bench.follower.reach(1, answered=False)
    await bench.store.append_attempt(make_answer(delivery=1, status=500))
    await bench.follower.reach(1, answered=True)
    running.cancel()

    assert bench.shown.notes == ["#1", "answer 1"]
    assert bench.follower.failed


async def test_an_answer_that_is_still_on_its_way_is_waited_for() -> None:
    """The last page may be with the output when the end comes: nothing of it is cut off."""
    bench = Bench()
    running = await bench.start()
    await bench.store.append(make_delivery())
    await bench.follower.reach(1, answered=False)
    bench.shown.ready.clear()
    await bench.store.append_attempt(make_answer(delivery=1))
    await until(lambda: not bench.follower._owed)
    reaching = await bench.reaching(1)

    bench.shown.ready.set()

    await asyncio.wait_for(reaching, 5)
    assert bench.shown.notes == ["#1", "answer 1"]
    running.cancel()


async def test_the_answer_of_the_last_that_counts_is_waited_for() -> None:
    """Nothing more is to come, but it."""
    bench = Bench(count=1)
    running = await bench.start()
    await bench.store.append(make_delivery())
    await bench.follower.reach(1, answered=False)
    reaching = await bench.reaching(1)

    await bench.store.append_attempt(make_answer(delivery=1))

    await asyncio.wait_for(reaching, 5)
    assert bench.follower.done
    await asyncio.wait_for(running, 5)
