"""What is asked for is found, in its order, without reading all of the log."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import Verdict
from hookcli.stores import Query
from hookcli.stores.migrations import migrate
from hookcli.stores.querying import find
from hookcli.stores.rows import (
    INSERT_ATTEMPTS,
    INSERT_DELIVERIES,
    attempt_row,
    delivery_of,
    delivery_row,
    insert,
)
from hookcli.where import event_matcher
from tests.stores.builders import NOON, make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hookcli.delivery import Delivery

SECOND = timedelta(seconds=1)

names = st.sampled_from([None, "", "a", "a.b", "b", 'q"\\', "é", "[x]"])
kept = st.builds(
    make_delivery,
    provider=names,
    event=names,
    action=names,
    received_at=st.integers(0, 9).map(lambda seconds: NOON + seconds * SECOND),
    signature=st.sampled_from([Verdict("valid", ""), Verdict("mismatch", "")]),
)
asked = st.builds(
    Query,
    limit=st.none() | st.integers(0, 9),
    oldest=st.booleans(),
    provider=names,
    events=st.lists(st.sampled_from(["a", "a*", "?", "a.b", "*", "[!a]", "b.[a-c]"]), max_size=2),
    after=st.integers(0, 3),
    before=st.none() | st.integers(1, 400),
    since=st.none() | st.integers(0, 9).map(lambda seconds: NOON + seconds * SECOND),
    until=st.none() | st.integers(0, 9).map(lambda seconds: NOON + seconds * SECOND),
    failed=st.booleans(),
)


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """Return a new database."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        migrate(opened, "x")
        yield opened


def keep(db: sqlite3.Connection, deliveries: Sequence[Delivery], **answer: Any) -> None:
    """Put deliveries into a database, each with a built-in answer."""
    db.execute("BEGIN")
    rows = [delivery_row(delivery, 1, make_answer(**answer)) for delivery in deliveries]
    insert(db, INSERT_DELIVERIES, rows)
    db.execute("COMMIT")


def ids(db: sqlite3.Connection, query: Query) -> list[int]:
    """Return the numbers of those that are found, in the order in which they come."""
    return [row[0] for row in find(db, query)]


def expected(deliveries: Sequence[Delivery], query: Query) -> list[int]:
    """Look at each one of them."""
    event_matches = event_matcher(query.events)
    found = [
        number
        for number, delivery in enumerate(deliveries, 1)
        if query.after < number < (query.before or 1000)
        and query.provider in {None, delivery.provider}
        and event_matches(delivery)
        and (query.since is None or delivery.received_at >= query.since)
        and (query.until is None or delivery.received_at < query.until)
        and (not query.failed or delivery.signature.failed)
    ]
    return (found if query.oldest else found[::-1])[: query.limit]


@given(some=st.lists(kept, max_size=30), times=st.integers(1, 12), query=asked)
def test_finds_just_what_looking_at_each_finds(
    some: list[Delivery], times: int, query: Query
) -> None:
    """In the same order, whatever of kinds, times and numbers is mixed."""
    deliveries = some * times
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db, "x")
        keep(db, deliveries)

        found = ids(db, query)

    assert found == expected(deliveries, query)


def test_clocks_may_have_been_set_and_old_deliveries_brought_in(db: sqlite3.Connection) -> None:
    """Numbers need not be in the order of times."""
    hours = [*range(700), *range(300), 5000, *range(700, 1400)]
    keep(db, [make_delivery(received_at=NOON + hour * SECOND) for hour in hours])

    late = Query(since=NOON + 4000 * SECOND)
    early = Query(until=NOON + SECOND, oldest=True)
    both = replace(late, until=NOON + 5000 * SECOND)

    assert ids(db, late) == [1001]
    assert ids(db, early) == [1, 701]
    assert ids(db, both) == []


@pytest.mark.parametrize("oldest", [False, True])
@pytest.mark.parametrize("query", [Query(provider="github"), Query(failed=True)])
def test_no_more_is_read_than_the_limit_needs(
    db: sqlite3.Connection, query: Query, oldest: bool
) -> None:
    """What is wanted is near the end at which the search begins."""
    keep(db, [make_delivery() for _ in range(3000)], status=500)
    failed = [attempt_row(make_answer(delivery=n, status=None)) for n in range(1, 3001)]
    insert(db, INSERT_ATTEMPTS, failed)
    steps: list[None] = []
    db.set_progress_handler(lambda: steps.append(None), 100)

    (found,) = ids(db, replace(query, limit=1, oldest=oldest))
    taken = len(steps)
    ids(db, replace(query, oldest=oldest))

    assert found == (1 if oldest else 3000)
    assert taken * 5 < len(steps) - taken


@pytest.mark.parametrize(
    ("status", "found"), [(200, []), (204, []), (302, []), (399, []), (400, [1]), (502, [1])]
)
def test_what_was_refused_has_failed(db: sqlite3.Connection, status: int, found: list[int]) -> None:
    """An answer of 400 or more, be it ours or an app's."""
    keep(db, [make_delivery()], status=status)
    keep(db, [make_delivery()])
    assert ids(db, Query(failed=True)) == found

    insert(db, INSERT_ATTEMPTS, [attempt_row(make_answer(delivery=2, status=status))])

    assert ids(db, Query(failed=True)) == [*([2] if found else []), *found]


def test_one_attempt_that_failed_is_enough(db: sqlite3.Connection) -> None:
    """Also one without an answer, and also where a later one went well."""
    keep(db, [make_delivery(), make_delivery()])
    for status in (None, 200):
        insert(db, INSERT_ATTEMPTS, [attempt_row(make_answer(delivery=1, status=status))])

    assert ids(db, Query(failed=True)) == [1]


def test_where_no_answer_is_known_nothing_has_failed(db: sqlite3.Connection) -> None:
    """It may be under way."""
    insert(db, INSERT_DELIVERIES, [delivery_row(make_delivery(), 1)])

    assert ids(db, Query(failed=True)) == []


def test_what_is_found_is_whole_but_for_its_body(db: sqlite3.Connection) -> None:
    """By whichever index."""
    keep(db, [make_delivery()])
    known = replace(make_delivery(), id=1, body=b"")

    for query in (Query(), Query(provider="github"), Query(since=NOON), Query(delivery_id="72d")):
        (row,) = find(db, query)
        assert delivery_of(row) == known


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (Query(), "INTEGER PRIMARY KEY"),
        (Query(provider="github", limit=1), "deliveries_by_kind"),
        (Query(events=["push"], limit=1), "deliveries_by_kind"),
        (Query(since=NOON), "COVERING INDEX deliveries_by_kind"),
        (Query(until=NOON), "COVERING INDEX deliveries_by_kind"),
        (Query(delivery_id="72d3162e"), "deliveries_by_delivery_id"),
        (Query(failed=True), "deliveries_failed"),
        (Query(failed=True), "attempts_failed"),
    ],
)
def test_a_search_does_not_read_the_whole_log(
    db: sqlite3.Connection, query: Query, index: str
) -> None:
    """It goes by number, or by what there is an index of."""
    keep(db, [make_delivery()])
    said: list[str] = []
    db.set_trace_callback(said.append)
    find(db, query)
    db.set_trace_callback(None)

    plan = [row[3] for sql in said for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")]

    scans = ("SCAN deliveries", "SCAN named", "SCAN attempts")
    assert [step for step in plan if step in scans] == []
    assert index in " ".join(plan)
