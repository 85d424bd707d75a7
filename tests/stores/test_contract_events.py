"""What every store passes over for who follows only some events, run over each of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hookcli.delivery import Delivery
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from hookcli.stores import Store


async def passed(store: Store, events: list[str], last: int) -> tuple[list[int], list[int]]:
    """Follow until `last` was passed; return which deliveries came, and to which answers."""
    deliveries: list[int] = []
    answers: list[int] = []
    cursor = "0.0" if store.url != "memory" else "0"
    async with asyncio.timeout(5):
        async for page in await store.follow(cursor, own=True, events=events):
            for entry in page.entries:
                if isinstance(entry, Delivery):
                    deliveries.append(entry.id)
                else:
                    answers.append(entry.delivery)
            if page.last >= last:
                return deliveries, answers
    raise AssertionError


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], [1, 2, 3, 4]),
        (["push"], [2]),
        (["issues.*"], [1, 4]),
        (["issues.[!o]*", "pu?h"], [2, 4]),
        (["none.of.these"], []),
    ],
)
async def test_only_deliveries_of_these_events_come(
    store: Store, events: list[str], expected: list[int]
) -> None:
    """And what was passed is told, so that nobody waits for what will not come."""
    for event, action in (
        ("issues", "opened"),
        ("push", None),
        (None, None),
        ("issues", "closed"),
    ):
        await store.append(make_delivery(event=event, action=action), make_answer())

    deliveries, answers = await passed(store, events, 4)

    assert deliveries == expected
    assert set(expected) <= set(answers)


async def test_late_answers_to_other_events_hold_nothing_up(store: Store) -> None:
    """Many more than a page of them."""
    for event in ("push", "issues"):
        await store.append(make_delivery(event=event))
    await asyncio.gather(
        *(
            store.append_attempt(make_answer(delivery=number, kind="forward"))
            for number in (1,) * 300 + (2,)
        )
    )

    deliveries, answers = await passed(store, ["issues"], 2)

    assert deliveries == [2]
    assert set(answers) <= {1, 2}
