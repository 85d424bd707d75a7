"""The log from some delivery on: what is kept already, then what comes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hookcli.delivery import Delivery
from hookcli.grammar import Reference
from hookcli.references import resolve
from hookcli.stores import Page, Query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime

    from hookcli.delivery import Attempt, Entry
    from hookcli.stores import Reader, Store

_BLOCK = 256
"""So many deliveries are looked through at once."""
_PAGE_BYTES = 4 << 20
"""Bytes of bodies on a page, but for the last one of them."""
_REMEMBERED = 1 << 16
"""Attempts of which it is known that they were read, the latest ones."""


async def next_number(store: Reader) -> int:
    """Return the number that the next delivery will have, or one before it."""
    newest = await store.query(Query(limit=1))
    return newest[0].id + 1 if newest else 1


async def first_of_last(
    store: Reader, number: int, picks: Callable[[Delivery], Awaitable[bool]]
) -> int | None:
    """Return the oldest of the newest so many deliveries that `picks` picks; None: there is none.

    `picks` is given them without their bodies.
    """
    first = None
    async for delivery in _newest(store, Query()):
        if await picks(delivery):
            first, number = delivery.id, number - 1
            if not number:
                break
    return first


async def first_since(store: Reader, since: Reference | datetime) -> int | None:
    """Return the first delivery from that one, or that time, on; None: it is still to come.

    The number that comes next may be meant too. Raises HookError where none is.
    """
    if isinstance(since, Reference):
        if since.number is not None and 0 < since.number <= await next_number(store):
            return since.number
        return (await resolve(store, since)).id
    first = None
    async for delivery in _newest(store, Query(since=since)):
        first = delivery.id
    return first


async def _newest(store: Reader, query: Query) -> AsyncIterator[Delivery]:
    """Yield the deliveries asked for without bodies, from the newest on."""
    query = replace(query, limit=_BLOCK)
    while block := await store.query(query):
        for delivery in reversed(block):
            yield delivery
        query = replace(query, before=block[0].id)


async def log_from(store: Store, first: int) -> AsyncIterator[Page]:
    """Iterate, without end, over the log from delivery `first` on: each entry comes once."""
    coming = await store.follow()
    return _pages(store, first, await next_number(store), coming)


async def _pages(
    store: Reader, first: int, end: int, coming: AsyncIterator[Page]
) -> AsyncIterator[Page]:
    read: dict[int, None] = {}
    """The attempts up to now, which may stand in `coming` as well."""
    for start in range(first, end, _BLOCK):
        async for entries in _kept(store, start, min(start + _BLOCK, end)):
            read |= {entry.id: None for entry in entries if not isinstance(entry, Delivery)}
            for attempt in list(read)[: max(0, len(read) - _REMEMBERED)]:
                del read[attempt]
            last = max(entry.id for entry in entries if isinstance(entry, Delivery))
            yield Page(entries, "", last)
    async for page in coming:
        entries = [
            entry
            for entry in page.entries
            if (entry.id >= end if isinstance(entry, Delivery) else entry.id not in read)
        ]
        if entries:
            yield page._replace(entries=entries)


async def _kept(store: Reader, start: int, end: int) -> AsyncIterator[list[Entry]]:
    """Yield the deliveries from `start` up to, but without, `end`, and the attempts at them."""
    found = await store.query(Query(after=start - 1, before=end))
    attempts: dict[int, list[Attempt]] = {}
    for attempt in await store.attempts([delivery.id for delivery in found]):
        attempts.setdefault(attempt.delivery, []).append(attempt)
    entries: list[Entry] = []
    size = 0
    for bodiless in found:
        delivery = await store.get(bodiless.id)
        if delivery is None:  # removed meanwhile
            continue
        entries += [delivery, *attempts.get(delivery.id, ())]
        size += len(delivery.body)
        if size >= _PAGE_BYTES:
            yield entries
            entries, size = [], 0
    if entries:
        yield entries
