"""What goes into a row comes out of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import EPOCH, NO_HEADERS, Attempt, Changed, Delivery, Headers, Verdict
from hookcli.stores.migrations import migrate
from hookcli.stores.rows import (
    BODY,
    INSERT_ATTEMPTS,
    INSERT_DELIVERIES,
    ORIGIN,
    SELECT_ANSWER,
    SELECT_ATTEMPT,
    SELECT_BODILESS,
    SELECT_DELIVERY,
    SELECT_NAMED,
    Row,
    answer_in,
    answer_of,
    attempt_of,
    attempt_row,
    delivery_of,
    delivery_row,
    insert,
    named_in,
)
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import Iterator

latin = st.text(st.characters(max_codepoint=255), max_size=20)
moments = st.datetimes(min_value=EPOCH.replace(tzinfo=None), timezones=st.just(UTC))
headers = st.lists(st.tuples(latin, latin), max_size=4).map(Headers)
deliveries = st.builds(
    Delivery,
    method=latin,
    path=latin,
    query=latin,
    headers=headers,
    body=st.binary(max_size=50),
    remote=st.none() | latin,
    received_at=moments,
    provider=st.none() | latin,
    event=st.none() | st.text(max_size=5),
    action=st.none() | st.text(max_size=5),
    delivery_id=st.none() | latin,
    handshake=st.none() | latin,
    repeats=st.none() | st.integers(1, 1 << 40),
    signature=st.builds(Verdict, st.sampled_from(["valid", "mismatch"]), st.text(max_size=5)),
)
requests = st.builds(
    Changed, method=latin, path=latin, headers=headers, body=st.none() | st.binary(max_size=50)
)
attempts = st.builds(
    Attempt,
    kind=st.sampled_from(["answer", "forward", "replay"]),
    delivery=st.just(1),
    endpoint=st.none() | latin,
    started_at=moments,
    duration_ms=st.floats(0, 1e9),
    status=st.none() | st.integers(100, 999),
    headers=headers,
    body=st.binary(max_size=50),
    body_truncated=st.booleans(),
    error=st.none() | latin,
    request=st.none() | requests,
)
answers = st.builds(
    Attempt,
    kind=st.just("answer"),
    started_at=moments,
    duration_ms=st.floats(0, 1e9),
    status=st.integers(100, 999),
    headers=headers,
    body=st.binary(max_size=50),
)


def stored(into: str, row: Row, selected: str) -> Row:
    """Return what a row is after it has been in a database."""
    with opened() as db:
        insert(db, into, [row])
        found: Row = db.execute(selected).fetchone()
        return found


@contextmanager
def opened() -> Iterator[sqlite3.Connection]:
    """Open an empty store."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db, "x")
        yield db


@given(deliveries)
def test_a_delivery_survives_its_row(delivery: Delivery) -> None:
    row = stored(INSERT_DELIVERIES, delivery_row(delivery, 7), SELECT_DELIVERY)

    found = delivery_of(row)

    assert found == replace(delivery, id=1)
    assert (row[BODY], row[ORIGIN]) == (delivery.body, 7)


@given(answers)
def test_an_answer_survives_the_row_of_its_delivery(answer: Attempt) -> None:
    """Whoever reads the whole row has it, and whoever asks for it alone."""
    row = delivery_row(make_delivery(), 7, answer)

    found = answer_in(stored(INSERT_DELIVERIES, row, SELECT_DELIVERY))
    alone = answer_of(stored(INSERT_DELIVERIES, row, SELECT_ANSWER))

    assert found == alone == replace(answer, id=1, delivery=1)


def test_deliveries_are_known_by_their_name_and_the_first_of_it() -> None:
    """Alone, or as read from the whole row."""
    rows = [
        delivery_row(make_delivery(delivery_id=name, repeats=first), 0)
        for name, first in [("a", None), (None, None), ("b", None), ("a", 1)]
    ]

    with opened() as db:
        insert(db, INSERT_DELIVERIES, rows)
        newest = [db.execute(SELECT_NAMED, (count,)).fetchall() for count in (9, 2)]
        whole = [named_in(row) for row in db.execute(f"{SELECT_DELIVERY} ORDER BY id")]

    assert newest[0] == [("github", "a", 1), ("github", "b", 3), ("github", "a", 1)]
    assert newest[1] == newest[0][1:]
    assert whole == [newest[0][0], ("github", None, 2), *newest[1]]


def test_a_delivery_without_an_answer_has_none() -> None:
    row = stored(INSERT_DELIVERIES, delivery_row(make_delivery(), 7), SELECT_DELIVERY)

    assert answer_in(row) is None


@given(attempts)
def test_an_attempt_survives_its_row(attempt: Attempt) -> None:
    row = stored(INSERT_ATTEMPTS, attempt_row(attempt), SELECT_ATTEMPT)

    assert attempt_of(row) == replace(attempt, id=2)


def test_a_list_reads_no_bodies() -> None:
    """All else is there, also how large the body is."""
    delivery = make_delivery(body=b"not read")

    found = delivery_of(stored(INSERT_DELIVERIES, delivery_row(delivery, 0), SELECT_BODILESS))

    assert (found.body, found.size, found.held) == (b"", 8, False)
    assert found.headers == delivery.headers


@pytest.mark.parametrize("count", [1, 16, 17, 100])
def test_many_rows_get_consecutive_numbers(count: int) -> None:
    """The first is told; none is left out where other numbers were given before."""
    rows = [delivery_row(make_delivery(path=f"/{n}"), 0) for n in range(count)]

    with opened() as db:
        first = [insert(db, INSERT_DELIVERIES, rows) for _ in range(2)]
        paths = db.execute("SELECT id, path FROM deliveries ORDER BY id").fetchall()

    assert first == [1, count + 1]
    assert paths == [(n + 1, f"/{n % count}") for n in range(2 * count)]


def test_what_has_nothing_to_say_says_nothing() -> None:
    answer = make_answer(delivery=1, headers=NO_HEADERS, body=b"", status=None)

    found = attempt_of(stored(INSERT_ATTEMPTS, attempt_row(answer), SELECT_ATTEMPT))

    assert (found.headers, found.body, found.status) == (NO_HEADERS, b"", None)
