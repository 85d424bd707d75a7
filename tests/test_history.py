"""The log from some delivery on has each entry once, however much comes meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hookcli import history as module
from hookcli.delivery import HELD_BODY, Delivery
from hookcli.errors import HookError
from hookcli.grammar import reference
from hookcli.history import first_of_last, first_since, log_from, next_number
from hookcli.stores.memory import MemoryStore
from tests.stores.builders import NOON, make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookcli.delivery import Entry
    from hookcli.stores import Page, Store


async def keep(store: Store, *events: str) -> None:
    """Receive deliveries of these events, a minute apart."""
    for number, event in enumerate(events):
        received_at = NOON + timedelta(minutes=number)
        await store.append(make_delivery(event=event, received_at=received_at), make_answer())


async def notes(pages: AsyncIterator[Page], number: int) -> list[str]:
    """Return what the next so many entries are."""
    noted: list[str] = []
    while len(noted) < number:
        noted += map(told, (await anext(pages)).entries)
    return noted


def told(entry: Entry) -> str:
    """Return what an entry is."""
    return f"#{entry.id}" if isinstance(entry, Delivery) else f"{entry.kind} {entry.delivery}"


async def test_what_is_kept_comes_first_then_what_comes(store: Store) -> None:
    """Bodies and answers as well."""
    await keep(store, "push", "issues", "ping")
    pages = await log_from(store, 2)
    await keep(store, "push")
    page = await anext(pages)

    assert isinstance(page.entries[0], Delivery)
    assert page.entries[0].body == make_delivery().body
    assert [entry.id for entry in page.entries if isinstance(entry, Delivery)] == [2, 3]
    assert await notes(pages, 2) == ["#4", "answer 4"]


async def test_what_comes_while_it_is_read_comes_once(store: Store) -> None:
    """Deliveries, and attempts at those that were kept before."""
    await keep(store, "push", "push")
    pages = await log_from(store, 1)
    await store.append_attempt(make_answer(delivery=1, kind="forward"))
    await keep(store, "issues")
    begun = await notes(pages, 5)
    await store.append_attempt(make_answer(delivery=2, kind="replay"))

    assert begun == ["#1", "answer 1", "forward 1", "#2", "answer 2"]
    assert sorted(await notes(pages, 3)) == ["#3", "answer 3", "replay 2"]


async def test_a_long_history_is_read_in_blocks(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a block has nothing, or the attempts are too many to remember."""
    monkeypatch.setattr(module, "_BLOCK", 2)
    monkeypatch.setattr(module, "_REMEMBERED", 1)
    await keep(store, *["push"] * 5)
    pages = await log_from(store, 2)
    await keep(store, "push")

    seen = await notes(pages, 10)

    assert [note for note in seen if note[0] == "#"] == ["#2", "#3", "#4", "#5", "#6"]


async def test_a_page_is_bounded_by_what_its_bodies_weigh(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAGE_BYTES", 2 * HELD_BODY)
    for _ in range(5):
        await store.append(make_delivery(body=bytes(HELD_BODY)))
    pages = await log_from(store, 1)

    assert [len((await anext(pages)).entries) for _ in range(3)] == [2, 2, 1]


async def test_what_was_removed_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it was there a moment ago."""
    store = MemoryStore()
    await keep(store, "push", "push")
    get = store.get

    async def removed(delivery: int) -> Delivery | None:
        return None if delivery == 1 else await get(delivery)

    monkeypatch.setattr(store, "get", removed)

    assert await notes(await log_from(store, 1), 2) == ["#2", "answer 2"]


async def test_the_latest_are_those_that_are_picked(store: Store) -> None:
    """As many of them as there are."""

    async def picks(delivery: Delivery) -> bool:
        return delivery.event == "push"

    await keep(store, "push", "issues", "push", "ping")

    assert await first_of_last(store, 1, picks) == 3
    assert await first_of_last(store, 2, picks) == 1
    assert await first_of_last(store, 9, picks) == 1


async def test_nothing_is_the_latest_of_an_empty_store(store: Store) -> None:
    async def picks(_: Delivery) -> bool:
        return True

    assert await first_of_last(store, 3, picks) is None
    assert await first_since(store, NOON) is None
    assert await next_number(store) == 1


@pytest.mark.parametrize(
    ("minutes", "first"), [(-1, 1), (0, 1), (0.5, 2), (1, 2), (2, 3), (2.5, None)]
)
async def test_a_time_stands_for_the_first_one_since(
    store: Store, monkeypatch: pytest.MonkeyPatch, minutes: float, first: int | None
) -> None:
    monkeypatch.setattr(module, "_BLOCK", 2)
    await keep(store, "push", "issues", "ping")

    assert await first_since(store, NOON + timedelta(minutes=minutes)) == first


@pytest.mark.parametrize(
    ("named", "first"), [("1", 1), ("#3", 3), ("latest", 2), ("latest~1", 1), ("72d3162e", 2)]
)
async def test_a_delivery_may_be_named_in_any_way(store: Store, named: str, first: int) -> None:
    """Also by the number that comes next: whoever goes on knows only the last one."""
    await store.append(make_delivery(delivery_id="0000000"))
    await store.append(make_delivery())

    assert await first_since(store, reference(named)) == first


@pytest.mark.parametrize("named", ["4", "0", "nowhere"])
async def test_what_names_no_delivery_is_an_error(store: Store, named: str) -> None:
    await keep(store, "push", "push")

    with pytest.raises(HookError, match=f"No delivery is {named}"):
        await first_since(store, reference(named))
