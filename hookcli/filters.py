"""Which kept deliveries are meant: all that a person asks of them must hold."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hookcli.payload import decoded
from hookcli.reading import whole_body
from hookcli.records import delivery_record
from hookcli.stores import Query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection

    from hookcli.delivery import Delivery
    from hookcli.stores import Reader

    Looked = Callable[[Delivery], None]
    """Told of each delivery that has to be looked into."""

_FIRST_BLOCK = 64
_BLOCK = 512
"""So many deliveries, without their bodies, are held at once; fewer of the first ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is asked of deliveries. Empty, as by default, it lets all of them through."""

    query: Query = field(default_factory=Query)
    """What a store chooses by; its `limit` and `oldest` are not looked at."""
    contains: str = ""
    """Has to stand in a header or in the body, in any case."""
    where: Callable[[dict[str, Any]], bool] | None = None
    """Whether a record is meant."""

    def __bool__(self) -> bool:
        return self != Filters()


async def matching(
    store: Reader,
    filters: Filters,
    *,
    newest_first: bool = False,
    looked: Looked | None = None,
) -> AsyncIterator[Delivery]:
    """Yield the deliveries meant, without their bodies, of those kept by now; oldest first.

    A block of them is read at a time, so what is done with one may change the store. `looked` is
    told of each that has to be looked into, before that. Raises HookError where the store fails.
    """
    wanted = _spellings(filters.contains)
    query = replace(filters.query, limit=_FIRST_BLOCK, oldest=not newest_first)
    if not newest_first and query.before is None:
        newest = await store.query(Query(limit=1))
        query = replace(query, before=newest[0].id + 1 if newest else 1)
    while block := await store.query(query):
        for delivery in reversed(block) if newest_first else block:
            if looked is not None:
                looked(delivery)
            if await _picks(store, filters, wanted, delivery):
                yield delivery
        if newest_first:
            query = replace(query, limit=_BLOCK, before=block[0].id)
        else:
            query = replace(query, limit=_BLOCK, after=block[-1].id)


async def _picks(
    store: Reader, filters: Filters, wanted: Collection[bytes], delivery: Delivery
) -> bool:
    if wanted and not await _contains(store, delivery, wanted):
        return False
    if filters.where is None:
        return True
    return filters.where(delivery_record(delivery, await whole_body(store, delivery)))


async def _contains(store: Reader, delivery: Delivery, wanted: Collection[bytes]) -> bool:
    """Whether one of these stands in a header or in the body, also where it is compressed."""
    headers = "\n".join([f"{name}: {value}" for name, value in delivery.headers])
    if _in(headers.encode("latin-1", "replace").lower(), wanted):
        return True
    if delivery.headers.get("content-encoding"):
        body = decoded(delivery.headers, await whole_body(store, delivery))
        return body is not None and _in(body.lower(), wanted)
    overlap = max(map(len, wanted)) - 1
    end = b""
    async for chunk in store.body(delivery.id):
        piece = end + chunk.lower()
        if _in(piece, wanted):
            return True
        end = piece[-overlap:] if overlap else b""
    return False


def _in(text: bytes, wanted: Collection[bytes]) -> bool:
    return any(spelling in text for spelling in wanted)


def _spellings(text: str) -> set[bytes]:
    """Return how a sender may have written it: as it is, or as writers of JSON escape it.

    In lower case, as what is searched is made too: case is ignored in ASCII letters.
    """
    if not text:
        return set()
    escaped = (json.dumps(text, ensure_ascii=ascii_)[1:-1] for ascii_ in (True, False))
    return {spelling.encode("utf-8", "surrogateescape").lower() for spelling in (text, *escaped)}
