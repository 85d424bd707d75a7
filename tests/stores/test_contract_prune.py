"""What is removed from any store is gone, and nothing else is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

from hookcli.delivery import HELD_BODY, Delivery
from hookcli.stores import Query, Store
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookcli.stores import Page


async def fill(store: Store, count: int) -> None:
    """Keep so many deliveries, each with an answer of hookcli's and one of an app's."""
    for _ in range(count):
        number = await store.append(make_delivery(), make_answer())
        await store.append_attempt(make_answer(kind="forward", delivery=number))


async def kept(store: Store) -> list[int]:
    """Return the numbers of all deliveries that are there."""
    return [delivery.id for delivery in await store.query(Query())]


async def deliveries(pages: AsyncIterator[Page], last: int) -> list[int]:
    """Return the numbers of the deliveries that come up to `last`."""
    numbers: list[int] = []
    async with asyncio.timeout(5):
        async for page in pages:
            numbers += [entry.id for entry in page.entries if isinstance(entry, Delivery)]
            if last in numbers:
                return numbers
    raise AssertionError


async def test_what_is_removed_is_gone_with_its_attempts(store: Store) -> None:
    """All the others stay as they were, to the last attempt."""
    await fill(store, 5)
    others = [await store.get(number) for number in (1, 3, 5)], await store.attempts([1, 3, 5])

    await store.prune([2, 4])

    assert await kept(store) == [1, 3, 5]
    assert await store.attempts([2, 4]) == []
    assert await store.get(2) is None
    assert [chunk async for chunk in store.body(2)] == []
    assert (await store.stats()).deliveries == 3
    assert ([await store.get(number) for number in (1, 3, 5)], await store.attempts([1, 3, 5])) == (
        others
    )


async def test_a_number_is_never_given_again(store: Store) -> None:
    """Not even where the newest are gone, or all."""
    await fill(store, 3)
    await store.prune([3])
    fourth = await store.append(make_delivery())
    await store.prune([1, 2, 4])
    fifth = await store.append(make_delivery())
    late = make_answer(kind="forward", delivery=fifth)
    number = await store.append_attempt(late)

    assert (fourth, fifth) == (4, 5)
    assert await kept(store) == [5]
    assert await store.attempts([5]) == [replace(late, id=number)]


async def test_a_large_body_goes_with_its_delivery(store: Store) -> None:
    """And tells how much is free then; that of another one stays."""
    size = HELD_BODY + 1
    for byte in (b"a", b"b"):
        await store.append(make_delivery(body=b"", size=size), None, BytesIO(byte * size))

    freed = await store.prune([1])

    assert freed > 0.9 * size
    assert [chunk async for chunk in store.body(1)] == []
    assert b"".join([chunk async for chunk in store.body(2)]) == b"b" * size


async def test_what_is_not_there_is_passed_over(store: Store) -> None:
    """It may have been removed by somebody else meanwhile."""
    await fill(store, 1)

    freed = [await store.prune(numbers) for numbers in ([], [7], [0, 1, 1], [1])]

    assert await kept(store) == []
    assert freed[:2] == [0, 0]
    assert freed[3] == 0


async def test_a_follower_whose_place_is_gone_goes_on(store: Store) -> None:
    """What it had read, what it was about to read, and the end of the log are removed."""
    await fill(store, 10)
    pages = await store.follow()
    await fill(store, 400)
    first = await asyncio.wait_for(anext(pages), 5)

    await store.prune([*range(1, 300), 410])
    last = await store.append(make_delivery())
    rest = await deliveries(pages, last)
    again = await deliveries(await store.follow(first.cursor), last)

    assert rest == again == [*range(300, 410), 411]


async def test_a_follower_that_waits_does_not_notice(store: Store) -> None:
    """Nothing comes of a removal but quiet."""
    await fill(store, 3)
    pages = await store.follow()
    waiting = asyncio.ensure_future(deliveries(pages, 4))
    await asyncio.sleep(0)

    await store.prune([1, 2, 3])
    await store.append(make_delivery())

    assert await waiting == [4]


async def test_what_comes_while_much_is_removed_is_all_kept(store: Store) -> None:
    """Every append has its number, and every one of them stays."""
    await fill(store, 300)

    async with asyncio.TaskGroup() as tasks:
        removing = tasks.create_task(store.prune(range(1, 301)))
        appended = [tasks.create_task(store.append(make_delivery())) for _ in range(50)]

    assert removing.result() > 0
    assert await kept(store) == [task.result() for task in appended] == [*range(301, 351)]


async def test_one_that_repeats_what_is_gone_says_so_all_the_same(store: Store) -> None:
    """The number that it names is nobody else's."""
    await fill(store, 1)
    await store.prune([1])

    number = await store.append(make_delivery())

    found = await store.get(number)
    assert found is not None
    assert found.repeats == 1
