"""What the commands that only read do with a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from hookcli.stores.files import store_path
from hookcli.stores.reader import sqlite_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from hookcli.delivery import Delivery
    from hookcli.exchange import Body
    from hookcli.stores import Reader

T = TypeVar("T")


def read(url: str | None, job: Callable[[Reader], Coroutine[Any, Any, T]]) -> T:
    """Open the store that `--store` names, let `job` read it, and close it.

    Raises HookError where there is nothing to read.
    """
    if url == "memory":
        return _read_in_loop(url, job)
    with sqlite_reader(store_path(url, create=False)) as reader:
        return _at_once(job(reader))


def _at_once(job: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that never waits."""
    try:
        job.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    job.close()
    raise RuntimeError("a coroutine waits, and no loop is there to wake it")


def _read_in_loop(url: str | None, job: Callable[[Reader], Coroutine[Any, Any, T]]) -> T:
    import asyncio  # noqa: PLC0415 - half of the time of a command that needs none

    from hookcli.stores.opening import open_store  # noqa: PLC0415 - imports asyncio

    async def opened() -> T:
        store = await open_store(url, create=False)
        try:
            return await job(store)
        finally:
            await store.close()

    return asyncio.run(opened())


def sendable_body(store: Reader, delivery: Delivery) -> Body:
    """Return the body of a stored delivery, or what reads it, as often as it has to be sent."""
    return delivery.body if delivery.held else lambda: store.body(delivery.id)


async def whole_body(store: Reader, delivery: Delivery, limit: int | None = None) -> bytes:
    """Return the body of a stored delivery: all of it, or at least `limit` bytes."""
    body = bytearray()
    async for chunk in store.body(delivery.id):
        body += chunk
        if limit is not None and len(body) >= limit:
            break
    return bytes(body)
