"""Reading commands see one store, whole bodies, and no more of it than they need at once."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from hookcli.errors import HookError, UsageError
from hookcli.reading import read, whole_body
from hookcli.stores import Query
from hookcli.stores.memory import MemoryStore
from hookcli.stores.opening import open_store
from tests.stores.builders import make_delivery

if TYPE_CHECKING:
    from pathlib import Path

LARGE = bytes(range(256)) * 8192


async def test_a_body_is_whole_or_as_long_as_asked_for() -> None:
    """Who needs the start of a large body does not read its end."""
    store = MemoryStore()
    number = await store.append(make_delivery(body=b"", size=len(LARGE)), body=BytesIO(LARGE))
    stored = await store.get(number)

    assert stored is not None

    assert await whole_body(store, stored) == LARGE
    assert LARGE.startswith(start := await whole_body(store, stored, 1000))
    assert 1000 <= len(start) < len(LARGE)


def test_a_command_reads_what_a_listener_wrote(tmp_path: Path) -> None:
    """The store is opened, read and let go."""
    url = f"sqlite:{tmp_path / 'hooks.db'}"

    async def write() -> None:
        store = await open_store(url, create=True)
        await store.append(make_delivery())
        await store.close()

    asyncio.run(write())

    found = read(url, lambda opened: opened.query(Query()))
    assert [delivery.id for delivery in found] == [1]


def test_any_other_store_is_read_too() -> None:
    """One that needs a loop gets one."""
    assert read("memory", lambda opened: opened.query(Query())) == []


def test_what_is_no_store_is_wrong_usage() -> None:
    """A typing error in the URL does not look like an empty store."""
    with pytest.raises(UsageError):
        read("sqlit:hooks.db", lambda opened: opened.query(Query()))


def test_reading_makes_no_store(tmp_path: Path) -> None:
    """What is not there is an error, and is not there afterwards."""
    path = tmp_path / "hooks.db"

    with pytest.raises(HookError, match="yet"):
        read(f"sqlite:{path}", lambda opened: opened.query(Query()))
    assert not path.exists()


def test_a_job_that_waits_is_a_mistake_said_at_once(tmp_path: Path) -> None:
    """There is no loop that could wake it."""
    url = f"sqlite:{tmp_path / 'hooks.db'}"

    async def make() -> None:
        await (await open_store(url, create=True)).close()

    asyncio.run(make())

    with pytest.raises(RuntimeError, match="no loop"):
        read(url, lambda _: asyncio.sleep(0))
