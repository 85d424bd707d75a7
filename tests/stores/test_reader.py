"""A reader without a loop sees in the file just what the store sees."""

from __future__ import annotations

import asyncio
import sys
from io import BytesIO
from subprocess import run
from typing import TYPE_CHECKING, TypeVar

import pytest

from hookcli.stores import Query
from hookcli.stores.opening import open_store
from hookcli.stores.reader import SqliteReader, sqlite_reader
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator
    from pathlib import Path
    from typing import Any

    from hookcli.delivery import Attempt, Delivery

    Stored = tuple[list[Delivery], list[Attempt]]

T = TypeVar("T")

LARGE = bytes(range(256)) * 8192


def at_once(job: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine gives that may not wait."""
    with pytest.raises(StopIteration) as end:
        job.send(None)
    result: T = end.value.value
    return result


async def joined(pieces: AsyncIterator[bytes]) -> bytes:
    """Return a body in one piece."""
    return b"".join([piece async for piece in pieces])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a file with three deliveries: small, large, without a body."""
    path = tmp_path / "hooks.db"

    async def write() -> None:
        store = await open_store(f"sqlite:{path}", create=True)
        await store.append(make_delivery(), make_answer())
        large = make_delivery(body=b"", size=len(LARGE), provider=None)
        await store.append(large, make_answer(status=500), BytesIO(LARGE))
        await store.append(make_delivery(body=b""))
        await store.append_attempt(make_answer(delivery=1, kind="forward", status=None))
        await store.close()

    asyncio.run(write())
    return path


@pytest.fixture
def reader(path: Path) -> Iterator[SqliteReader]:
    """Return a reader of that file."""
    with sqlite_reader(path) as reader:
        yield reader


def test_it_gives_what_the_store_gives(reader: SqliteReader, path: Path) -> None:
    """The same deliveries and attempts."""

    async def by_the_store() -> Stored:
        store = await open_store(f"sqlite:{path}", create=False)
        stored = await store.query(Query()), await store.attempts([1, 2, 3])
        await store.close()
        return stored

    deliveries, attempts = asyncio.run(by_the_store())

    assert at_once(reader.query(Query())) == deliveries
    assert at_once(reader.attempts([1, 2, 3])) == attempts
    assert sorted(attempt.delivery for attempt in attempts) == [1, 1, 2]


def test_it_chooses_as_the_store_does(reader: SqliteReader) -> None:
    """Criteria and limit."""
    found = at_once(reader.query(Query(provider="github", limit=1)))

    assert [delivery.id for delivery in found] == [3]


def test_a_delivery_comes_with_its_body(reader: SqliteReader) -> None:
    """Unless that is too large to be held, or there is no such delivery."""
    first = at_once(reader.get(1))

    assert first
    assert first.body == make_delivery().body
    assert at_once(reader.get(4)) is None


@pytest.mark.parametrize(
    ("number", "body"), [(1, make_delivery().body), (2, LARGE), (3, b""), (4, b"")]
)
def test_a_body_of_any_size_is_whole(reader: SqliteReader, number: int, body: bytes) -> None:
    """Also none at all."""
    assert at_once(joined(reader.body(number))) == body


def test_it_needs_neither_a_loop_nor_threads() -> None:
    """Loading them would take longer than reading."""
    program = (
        "import sys, hookcli.stores.reader; print({'asyncio', 'concurrent'} & set(sys.modules))"
    )
    ended = run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ended.stdout == "set()\n"
