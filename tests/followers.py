"""A store that is filled, and whoever follows it."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from hookcli.following import FollowWish, follow
from hookcli.routes import Routes, route
from hookcli.stores.sqlite import SqliteStore
from tests.end_to_end.support import until
from tests.stores.builders import make_answer, make_delivery
from tests.watchers import make_watch_wish

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

PATIENCE_S = 5


def make_wish(store: str, *routes: str, **fields: Any) -> FollowWish:
    """Return what is asked for by `follow --format records --store STORE`."""
    usual: dict[str, Any] = {
        "last": None,
        "since": None,
        "routes": Routes(map(route, routes)),
        "forward_timeout_s": PATIENCE_S,
        "insecure": False,
        "store": store,
        "config": (),
    }
    watch = {name: fields.pop(name) for name in list(fields) if name not in usual}
    return FollowWish(**{**usual, **fields}, watch=make_watch_wish(**watch))


class Bench:
    """A store that is filled, and a run that follows it."""

    def __init__(self, folder: Path, store: SqliteStore) -> None:
        self.store = store
        self._folder = folder
        self.code: asyncio.Future[int]

    @property
    def said(self) -> str:
        """What stands on stderr."""
        return (self._folder / "err").read_text("utf-8")

    @property
    def records(self) -> list[dict[str, Any]]:
        """What stands on stdout."""
        text = (self._folder / "out").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines()]

    @property
    def notes(self) -> list[str]:
        """What the records are."""
        return [
            f"#{each['id']}" if each["type"] == "delivery" else f"{each['kind']} {each['delivery']}"
            for each in self.records
        ]

    async def keep(self, *events: str, answered: bool = True, path: str = "/x") -> None:
        """Receive deliveries of these events."""
        for event in events:
            answer = make_answer() if answered else None
            await self.store.append(make_delivery(event=event, path=path), answer)

    async def follow(self, *routes: str, **fields: Any) -> None:
        """Begin to follow; return once that is said."""
        (self._folder / "err").touch()
        wish = make_wish(self.store.url, *routes, **fields)

        async def to_the_end() -> int:
            with (self._folder / "out").open("w") as out, (self._folder / "err").open("w") as err:
                return await follow(wish, stdout=out, stderr=err, environ={})

        self.code = asyncio.ensure_future(to_the_end())
        await self.until(lambda: self.code.done() or "Follows " in self.said)

    async def until(self, look: Callable[[], object]) -> None:
        """Wait until something is to be seen; files do not tell."""
        await asyncio.to_thread(until, look, "what is to be seen", PATIENCE_S)

    async def ends(self) -> int:
        """Wait for the end; return the exit code."""
        return await asyncio.wait_for(self.code, PATIENCE_S)


@asynccontextmanager
async def bench(folder: Path) -> AsyncIterator[Bench]:
    """Open a store, and see to it that what follows it ends."""
    store = await SqliteStore.open(folder / "hooks.db", create=True)
    made = Bench(folder, store)
    try:
        yield made
    finally:
        made.code.cancel()
        await asyncio.wait({made.code})
        await store.close()
