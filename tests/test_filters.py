"""Filters choose among what is kept, and read no more of it than they need."""

from __future__ import annotations

import gzip
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from hookcli.delivery import Headers
from hookcli.filters import Filters, matching
from hookcli.stores import CHUNK, Query
from hookcli.stores.memory import MemoryStore
from tests.stores.builders import make_delivery

if TYPE_CHECKING:
    from collections.abc import Callable


NEEDLE = 'Müller & \\ "Söhne"'


async def holding(number: int) -> MemoryStore:
    """Return a store with so many deliveries."""
    store = MemoryStore()
    for index in range(number):
        await store.append(make_delivery(body=b'{"n":%d}' % index, delivery_id=None))
    return store


def remainder(divisor: int, rest: int) -> Callable[[dict[str, Any]], bool]:
    """Return whether a payload's number leaves that rest."""
    return lambda record: record["payload"]["n"] % divisor == rest


async def ids(store: MemoryStore, filters: Filters, **how: Any) -> list[int]:
    """Return the numbers of those meant, in the order in which they come."""
    return [delivery.id async for delivery in matching(store, filters, **how)]


async def keeping(**fields: Any) -> MemoryStore:
    """Return a store with one delivery of these fields."""
    store = MemoryStore()
    await store.append(make_delivery(**fields))
    return store


def test_filters_that_ask_nothing_are_false() -> None:
    """So a command can tell whether any was given."""
    assert not Filters()
    assert Filters(query=Query(failed=True))
    assert Filters(contains="x")


@pytest.mark.parametrize("number", [0, 1, 64, 65, 1201])
async def test_all_are_met_once_in_either_order(number: int) -> None:
    """However many blocks they are."""
    store = await holding(number)

    assert await ids(store, Filters()) == list(range(1, number + 1))
    assert await ids(store, Filters(), newest_first=True) == list(range(number, 0, -1))


async def test_an_expression_and_the_other_criteria_must_both_hold() -> None:
    """The store's criteria hold for every block."""
    filters = Filters(query=Query(after=4, before=1100), where=remainder(200, 1))

    found = await ids(await holding(1201), filters)

    assert found == [202, 402, 602, 802, 1002]


async def test_no_more_is_looked_through_than_needed() -> None:
    """What is found at the end of a long log needs only its end."""
    looked: list[int] = []

    async for _ in matching(
        await holding(900),
        Filters(contains='{"n":898}'),
        newest_first=True,
        looked=lambda delivery: looked.append(delivery.id),
    ):
        break

    assert looked == [900, 899]


async def test_what_comes_meanwhile_is_not_met() -> None:
    """Sending deliveries to the listener that keeps them comes to an end."""
    store = await holding(3)
    met = []

    async for delivery in matching(store, Filters()):
        met.append(delivery.id)
        await store.append(make_delivery())

    assert met == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("OPENED", True),
        ('"action" : "opened"', True),
        ("x-github-event: ISSUES", True),
        ("X-GitHub-Event: push", False),
        ("closed", False),
    ],
)
async def test_a_text_stands_in_a_header_or_the_body(text: str, found: bool) -> None:
    """In any case; a header is searched as it stands, name and value."""
    assert bool(await ids(await keeping(), Filters(contains=text))) is found


@pytest.mark.parametrize(
    "body",
    [
        NEEDLE.encode(),
        b'{"name":"M\\u00fcller & \\\\ \\"S\\u00f6hne\\""}',
        '{"name":"Müller & \\\\ \\"Söhne\\""}'.encode(),
    ],
)
async def test_a_text_is_found_however_its_sender_wrote_it(body: bytes) -> None:
    """Writers of JSON escape quotes and backslashes, and some of them all but ASCII."""
    assert await ids(await keeping(body=body), Filters(contains=NEEDLE))


async def test_a_compressed_body_is_searched_as_it_reads() -> None:
    """Nobody searches for bytes of gzip; what cannot be read holds nothing."""
    headers = Headers([("Content-Encoding", "gzip")])
    store = await keeping(headers=headers, body=gzip.compress(b"hay needle hay"))
    await store.append(make_delivery(headers=headers, body=b"no gzip with a needle"))

    assert await ids(store, Filters(contains="needle")) == [1]


@pytest.mark.parametrize("start", [0, CHUNK - 3, 3 * CHUNK - 1, 8 * CHUNK - 6])
async def test_a_large_body_is_searched_across_its_chunks(start: int) -> None:
    """Where a text begins in one and ends in the next it is found too."""
    body = bytearray(8 * CHUNK)
    body[start : start + 6] = b"needle"
    store = MemoryStore()
    await store.append(make_delivery(body=b"", size=len(body)), body=BytesIO(body))

    assert await ids(store, Filters(contains="needle")) == [1]
    assert await ids(store, Filters(contains="needles")) == []


async def test_a_single_character_is_searched_for() -> None:
    """Nothing of a chunk has to be kept for the next one."""
    assert await ids(await keeping(body=b"a"), Filters(contains="A")) == [1]


async def test_a_header_that_came_over_no_wire_is_searched_too() -> None:
    """What was brought in may hold any character."""
    store = await keeping(headers=Headers([("X-Name", "ключ needle")]))

    assert await ids(store, Filters(contains="needle")) == [1]
