"""What every store does, run over each of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from io import SEEK_END, BytesIO

import pytest

from hookcli.delivery import HELD_BODY, Attempt, Changed, Delivery, Entry, Headers, Verdict
from hookcli.stores import Query, Store
from tests.stores.builders import NOON, make_answer, make_delivery


async def read(store: Store, cursor: str | None, count: int) -> tuple[list[Entry], str]:
    """Return the next `count` entries, and the cursor behind them."""
    entries: list[Entry] = []
    async with asyncio.timeout(5):
        async for page in await store.follow(cursor):
            entries += page.entries
            if len(entries) >= count:
                return entries, page.cursor
    raise AssertionError


async def test_gives_back_what_was_kept_to_the_last_byte(store: Store) -> None:
    """Every field of a delivery and of its answer survives."""
    delivery = make_delivery(body=bytes(range(256)))

    kept = await store.append(delivery, make_answer())

    assert kept == 1
    assert await store.get(1) == replace(delivery, id=1)
    assert await store.attempts([1]) == [make_answer(id=1, delivery=1)]


async def test_tells_what_a_delivery_is_beside_an_event(store: Store) -> None:
    """The name of the set-up request that it is; which one it repeats, whether listed or read."""
    await store.append(make_delivery(delivery_id="a", handshake="slack url_verification"))
    await store.append(make_delivery(delivery_id="b"))
    await store.append(make_delivery(delivery_id="a"))

    listed = await store.query(Query())

    assert [each.handshake for each in listed] == ["slack url_verification", None, None]
    assert [each.repeats for each in listed] == [None, None, 1]
    read_one = await store.get(3)
    assert read_one is not None
    assert read_one.repeats == 1


async def test_numbers_deliveries_from_one_in_order(store: Store) -> None:
    """Many at once get one number each, and none is left out."""
    kept = await asyncio.gather(*(store.append(make_delivery()) for _ in range(50)))

    assert sorted(kept) == list(range(1, 51))


async def test_has_nothing_under_a_number_that_it_never_gave(store: Store) -> None:
    """No delivery is None, not an error."""
    found = await store.get(7)

    assert found is None
    assert await store.attempts([7]) == []


async def test_keeps_a_large_body_out_of_its_delivery(store: Store) -> None:
    """It is read in chunks, and none of them is the whole."""
    content = bytes(range(251)) * 12_000
    delivery = make_delivery(body=b"", size=len(content))

    kept = await store.append(delivery, make_answer(), BytesIO(content))

    chunks = [chunk async for chunk in store.body(kept)]
    found = await store.get(kept)
    assert b"".join(chunks) == content
    assert max(map(len, chunks)) <= HELD_BODY
    assert found is not None
    assert not found.held
    assert (found.size, found.body) == (len(content), b"")


async def test_large_bodies_that_come_at_once_are_not_mixed_up(store: Store) -> None:
    """Each under its own number, wherever in its file somebody stopped writing."""
    contents = [bytes([number]) * (HELD_BODY + 1) for number in range(3)]
    files = [BytesIO(content) for content in contents]
    for file in files:
        file.seek(0, SEEK_END)

    large = make_delivery(body=b"", size=HELD_BODY + 1)
    numbers = await asyncio.gather(*(store.append(large, None, file) for file in files))

    bodies = [b"".join([chunk async for chunk in store.body(number)]) for number in numbers]
    assert sorted(numbers) == [1, 2, 3]
    assert bodies == contents


async def test_reads_small_bodies_in_chunks_too(store: Store) -> None:
    """Whoever wants a body need not know how it is kept, nor whether it is."""
    await store.append(make_delivery(body=b"small"))
    await store.append(make_delivery(body=b""))

    bodies = [[chunk async for chunk in store.body(number)] for number in (1, 2, 3, 0)]

    assert bodies == [[b"small"], [], [], []]


async def test_follows_from_the_moment_of_the_call(store: Store) -> None:
    """What was there before is passed over; what comes after is not, however soon."""
    await store.append(make_delivery(path="/before"), make_answer())
    pages = await store.follow()
    await store.append(make_delivery(path="/after"), make_answer())

    page = await asyncio.wait_for(anext(pages), 5)

    delivery, answer = page.entries
    assert isinstance(delivery, Delivery)
    assert isinstance(answer, Attempt)
    assert (delivery.path, delivery.body) == ("/after", make_delivery().body)
    assert answer.delivery == delivery.id == 2


async def test_goes_on_behind_a_cursor_without_a_gap_or_a_repeat(store: Store) -> None:
    """Page by page, every entry comes once, a delivery before its answer."""
    pages = await store.follow()
    for _ in range(600):
        await store.append(make_delivery(), make_answer())
    first = await asyncio.wait_for(anext(pages), 5)
    rest, _ = await read(store, first.cursor, 1200 - len(first.entries))

    entries = [*first.entries, *rest]

    numbers = [(e.id, 0) if isinstance(e, Delivery) else (e.delivery, 1) for e in entries]
    assert numbers == [(number, part) for number in range(1, 601) for part in (0, 1)]


async def test_tells_of_an_attempt_at_an_earlier_delivery(store: Store) -> None:
    """A late answer comes when it comes, also behind deliveries that are younger."""
    await store.append(make_delivery())
    await store.append(make_delivery())
    pages = await store.follow()
    late = make_answer(kind="forward", delivery=1, endpoint="http://127.0.0.1:3000/", status=None)
    number = await store.append_attempt(late)

    page = await asyncio.wait_for(anext(pages), 5)

    assert page.entries == [replace(late, id=number)]
    assert number > 0


async def test_wakes_a_follower_that_waits(store: Store) -> None:
    """A delivery reaches whoever already waits for it."""
    pages = await store.follow()
    waiting = asyncio.ensure_future(anext(pages))
    await asyncio.sleep(0)

    await store.append(make_delivery())

    page = await asyncio.wait_for(waiting, 5)
    assert len(page.entries) == 1


async def test_each_follower_gets_everything(store: Store) -> None:
    """Also one that looks at nothing but what was appended here."""
    followers = [await store.follow(own=own) for own in (False, True, True)]
    for _ in range(3):
        await store.append(make_delivery(), make_answer())

    for pages in followers:
        entries: list[Entry] = []
        while len(entries) < 6:
            entries += (await asyncio.wait_for(anext(pages), 5)).entries
        assert [type(entry) for entry in entries] == [Delivery, Attempt] * 3


async def test_gives_all_attempts_at_some_deliveries_in_order(store: Store) -> None:
    """Several at one, none at another, and none of a third's."""
    for _ in range(3):
        await store.append(make_delivery(), make_answer())
    await store.append(make_delivery())
    sent = Changed(method="PUT", path="/x", headers=Headers([("A", "1")]), body=b"\xff")
    later = NOON + timedelta(seconds=1)
    replay = make_answer(delivery=1, kind="replay", error="no", started_at=later, request=sent)
    number = await store.append_attempt(replay)

    attempts = await store.attempts([4, 1, 2, 1])

    at = [(attempt.delivery, attempt.kind) for attempt in attempts]
    assert at == [(1, "answer"), (2, "answer"), (1, "replay")]
    assert attempts[-1] == replace(replay, id=number)
    assert len({attempt.id for attempt in attempts}) == 3


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(), [1, 2, 3, 4]),
        (Query(limit=2), [3, 4]),
        (Query(limit=0), []),
        (Query(limit=2, oldest=True), [1, 2]),
        (Query(limit=0, oldest=True), []),
        (Query(oldest=True, after=1), [2, 3, 4]),
        (Query(provider="github"), [1, 2]),
        (Query(events=["push"]), [2]),
        (Query(events=["issues.*"]), [1]),
        (Query(events=["pu?h", "invoice.[!x]*"]), [2, 3]),
        (Query(delivery_id="72d3162e"), [1]),
        (Query(delivery_id="72d3162e-cc78-11e3-81ab-4c9367dc0958"), [1]),
        (Query(delivery_id="nothing"), []),
        (Query(after=1, before=4), [2, 3]),
        (Query(since=NOON + timedelta(seconds=2)), [3, 4]),
        (Query(until=NOON + timedelta(seconds=2)), [1, 2]),
        (Query(failed=True), [3, 4]),
    ],
)
async def test_finds_what_is_asked_for(store: Store, query: Query, expected: list[int]) -> None:
    """Oldest first, the newest so many, without bodies."""
    second = timedelta(seconds=1)
    await store.append(make_delivery(), make_answer())
    await store.append(
        make_delivery(event="push", action=None, delivery_id="abc", received_at=NOON + second),
        make_answer(),
    )
    await store.append(
        make_delivery(
            provider="stripe",
            event="invoice.paid",
            action=None,
            delivery_id=None,
            received_at=NOON + 2 * second,
            signature=Verdict("mismatch", "The secrets differ"),
        ),
        make_answer(),
    )
    await store.append(
        make_delivery(
            provider=None,
            event=None,
            action=None,
            delivery_id=None,
            received_at=NOON + 3 * second,
        ),
        make_answer(status=500),
    )

    found = await store.query(query)

    assert [delivery.id for delivery in found] == expected
    assert {delivery.body for delivery in found} <= {b""}


async def test_counts_what_is_there(store: Store) -> None:
    """The banner tells how much is kept."""
    for _ in range(3):
        await store.append(make_delivery())

    stats = await store.stats()

    assert stats.deliveries == 3
    assert stats.bytes >= 3 * len(make_delivery().body)


async def test_nothing_is_there_at_first(store: Store) -> None:
    """Counting, asking and looking are no errors."""
    assert (await store.stats()).deliveries == 0
    assert await store.query(Query()) == []
    assert await store.attempts([]) == []


async def test_an_answer_that_broke_off_has_failed(store: Store) -> None:
    """Though it began well."""
    await store.append(make_delivery(), make_answer())
    number = await store.append(make_delivery(), make_answer())
    await store.append_attempt(make_answer(delivery=number, kind="replay", error="It broke off"))

    assert [each.id for each in await store.query(Query(failed=True))] == [number]
