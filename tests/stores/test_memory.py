"""A store that ends with its process; what else it does is in the contract."""

from __future__ import annotations

from io import BytesIO

from hookcli.delivery import HELD_BODY
from hookcli.stores import Query
from hookcli.stores.memory import MemoryStore
from tests.stores.builders import make_answer, make_delivery


async def test_it_lets_go_of_everything_at_its_end() -> None:
    store = MemoryStore()
    await store.append(make_delivery(), make_answer())
    large = make_delivery(body=b"", size=HELD_BODY + 1)
    await store.append(large, None, BytesIO(b"x" * (HELD_BODY + 1)))

    await store.close()

    assert await store.query(Query()) == []
    assert await store.stats() == (0, 0)
    assert [chunk async for chunk in store.body(2)] == []


async def test_two_have_nothing_in_common() -> None:
    """They have the same URL, and each its own log."""
    first, second = MemoryStore(), MemoryStore()

    await first.append(make_delivery())

    assert first.url == second.url == "memory"
    assert (await second.stats()).deliveries == 0


async def test_counts_large_bodies_too() -> None:
    store = MemoryStore()
    large = make_delivery(body=b"", size=HELD_BODY + 1)

    await store.append(large, None, BytesIO(b"x" * (HELD_BODY + 1)))

    assert await store.stats() == (1, HELD_BODY + 1)
