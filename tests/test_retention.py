"""A store keeps what its limits let it keep: the oldest go, and nothing else."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from hookcli import retention as module
from hookcli.delivery import Delivery
from hookcli.errors import HookError
from hookcli.limits import Limits
from hookcli.retention import Retention
from hookcli.stores import Query, Store
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY_S = 86_400
MIB = 1 << 20
PATIENCE_S = 5


class Told:
    """What is told, and when that was."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def __call__(self, message: str, hint: str | None) -> None:
        """Take it."""
        assert hint
        self.messages.append(message)


def make_retention(store: Store, told: Told | None = None, **limits: float) -> Retention:
    """Return what keeps a store within limits, at noon."""
    age_s, size = limits.get("age_s"), limits.get("size")
    given = Limits(age_s, None if size is None else int(size), ("some",))
    return Retention(store, given, clock=lambda: NOW, notice=told or Told())


async def fill(store: Store, *days: float, body: bytes = b"{}") -> None:
    """Keep a delivery of so many days ago, each."""
    for ago in days:
        at = NOW - timedelta(days=ago)
        await store.append(make_delivery(received_at=at, body=body), make_answer())


async def kept(store: Store) -> list[int]:
    """Return the numbers of what is there."""
    return [delivery.id for delivery in await store.query(Query())]


@asynccontextmanager
async def running(retention: Retention) -> AsyncIterator[asyncio.Task[None]]:
    """Let it run."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(retention.run())
        yield task
        task.cancel()


async def until_kept(store: Store, *numbers: int) -> None:
    """Wait until this is what is there."""
    for _ in range(100 * PATIENCE_S):
        if await kept(store) == [*numbers]:
            return
        await asyncio.sleep(0.01)
    raise AssertionError


async def test_what_is_too_old_goes_and_the_rest_stays(store: Store) -> None:
    """More than go at once; what is just young enough stays, with its answer."""
    await fill(store, *[3.0] * 80, 1.001, 1.0, 0.5)

    await make_retention(store, age_s=DAY_S).tidy()

    assert await kept(store) == [82, 83]
    assert [attempt.delivery for attempt in await store.attempts([81, 82, 83])] == [82, 83]


async def test_all_may_be_too_old(store: Store) -> None:
    """An empty store is fine, and so is one that was empty before."""
    await fill(store, 3, 2)

    for _ in range(2):
        await make_retention(store, age_s=DAY_S, size=MIB).tidy()

    assert await kept(store) == []


async def test_the_oldest_go_where_there_is_too_much(store: Store) -> None:
    """So many that a part of the room is free again, and no more."""
    await fill(store, *range(100, 0, -1), body=b"x" * 20_000)

    await make_retention(store, size=MIB).tidy()

    left = await kept(store)
    _, size = await store.stats()
    assert left == [*range(left[0], 101)]
    assert 0.8 * MIB < size < 0.9 * MIB


async def test_what_fits_stays(store: Store) -> None:
    """However old it is."""
    await fill(store, 1000, 999)

    await make_retention(store, size=MIB).tidy()

    assert await kept(store) == [1, 2]


async def test_few_large_ones_do_not_take_many_with_them(store: Store) -> None:
    """Of those that could go at once, only as many go as are too much."""
    for _ in range(4):
        await store.append(make_delivery(body=b"", size=2 * MIB), None, BytesIO(bytes(2 * MIB)))

    await make_retention(store, size=6 * MIB).tidy()

    assert await kept(store) == [3, 4]


async def test_an_age_beyond_all_times_keeps_everything(store: Store) -> None:
    """It is no error to want that."""
    await fill(store, 1000)

    await make_retention(store, age_s=1e15).tidy()

    assert await kept(store) == [1]


async def test_it_looks_again_and_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes late, or becomes too old, goes as well."""
    monkeypatch.setattr(module, "_EVERY_S", 0.01)
    await fill(store, 3)
    async with running(make_retention(store, age_s=DAY_S)):
        await until_kept(store)
        await fill(store, 2, 0)
        await until_kept(store, 3)


async def test_without_limits_it_does_not_even_look(store: Store) -> None:
    """There is nothing to wait for."""
    await fill(store, 3000)

    await Retention(store, Limits(), clock=lambda: NOW, notice=Told()).run()

    assert await kept(store) == [1]


async def test_a_store_that_fails_is_told_once_and_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, or a lock, is none of the listener's end."""
    monkeypatch.setattr(module, "_EVERY_S", 0.01)
    told, tries = Told(), asyncio.Semaphore(0)
    prune = store.prune

    async def failing(_: object) -> int:
        tries.release()
        raise HookError("The disk is full", "Free some space")

    monkeypatch.setattr(store, "prune", failing)
    await fill(store, 3)
    async with running(make_retention(store, told, age_s=DAY_S)):
        for _ in range(3):
            await asyncio.wait_for(tries.acquire(), PATIENCE_S)
        monkeypatch.setattr(store, "prune", prune)
        await until_kept(store)

    assert told.messages == ["Old deliveries cannot be removed: The disk is full"]


async def test_what_arrives_meanwhile_is_kept_and_followed(store: Store) -> None:
    """Each of them comes once to who follows, and stays."""
    await fill(store, *[3.0] * 200)
    pages = await store.follow()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(make_retention(store, age_s=DAY_S).tidy())
        for _ in range(100):
            await fill(store, 0)
    seen: list[int] = []
    async with asyncio.timeout(PATIENCE_S):
        while len(seen) < 100:
            entries = (await anext(pages)).entries
            seen += [entry.id for entry in entries if isinstance(entry, Delivery)]

    assert seen == await kept(store) == [*range(201, 301)]
