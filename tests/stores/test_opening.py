"""A URL says which store is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hookcli.errors import HookError, UsageError
from hookcli.stores.memory import MemoryStore
from hookcli.stores.opening import open_store
from hookcli.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from pathlib import Path


async def test_memory_is_a_store_that_is_always_there() -> None:
    for create in (True, False):
        assert isinstance(await open_store("memory", create=create), MemoryStore)


async def test_without_a_url_it_is_a_file_in_the_data_folder(home: Path) -> None:
    store = await open_store(None, create=True)
    await store.close()

    assert isinstance(store, SqliteStore)
    assert store.url == f"sqlite:{home / 'data' / 'hookcli' / 'hooks.db'}"


async def test_a_store_that_is_there_is_opened_again(tmp_path: Path) -> None:
    url = f"sqlite:{tmp_path / 'hooks.db'}"

    for create in (True, False):
        store = await open_store(url, create=create)
        assert store.url == url
        await store.close()


async def test_what_is_not_there_is_not_made_to_be_read(tmp_path: Path) -> None:
    with pytest.raises(HookError, match="yet"):
        await open_store(f"sqlite:{tmp_path / 'hooks.db'}", create=False)


async def test_any_other_url_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="There is no store 'redis:x'"):
        await open_store("redis:x", create=True)
