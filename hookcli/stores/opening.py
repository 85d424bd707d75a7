"""Which store a URL means."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from hookcli.errors import HookError, UsageError

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
    path = await asyncio.to_thread(_path, url)
    if not create and not await asyncio.to_thread(path.exists):
        raise HookError(
            f"Nothing is kept in {path} yet", "hookcli listen 4567 receives webhooks and keeps them"
        )
    from hookcli.stores.sqlite import SqliteStore  # noqa: PLC0415 - each store loads alone

    return await SqliteStore.open(path, create=create)


def _path(url: str | None) -> Path:
    if url is None:
        return platformdirs.user_data_path("hookcli", appauthor=False) / "hooks.db"
    scheme, colon, rest = url.partition(":")
    if scheme != "sqlite" or not colon or not rest:
        raise UsageError(
            f"There is no store {url!r}", "Use sqlite:PATH, as in sqlite:./hooks.db, or memory"
        )
    return Path(rest.removeprefix("//")).expanduser()
