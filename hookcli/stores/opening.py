"""Which store a URL means."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from hookcli.stores.files import store_path

if TYPE_CHECKING:
    from hookcli.stores import Store


async def open_store(url: str | None, *, create: bool) -> Store:
    """Open the store that `--store` names; None: the one in the user's data folder.

    `create` makes a store that is not there yet. Raises UsageError where the URL is none of
    ours, and HookError where the store cannot be opened.
    """
    if url == "memory":
        from hookcli.stores.memory import MemoryStore  # noqa: PLC0415 - each store loads alone

        return MemoryStore()
    from hookcli.stores.sqlite import SqliteStore  # noqa: PLC0415 - each store loads alone

    path = await asyncio.to_thread(partial(store_path, url, create=create))
    return await SqliteStore.open(path, create=create)
