"""`hookcli list`: what was received, newest last."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from hookcli.filter_options import filter_options
from hookcli.filters import matching
from hookcli.looking import Looking
from hookcli.options import color_option, command, count, option, store_option
from hookcli.reading import read, whole_body
from hookcli.records import delivery_record, dump
from hookcli.screen import screen_of
from hookcli.table import format_list

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from typing import BinaryIO

    from hookcli.delivery import Attempt, Delivery
    from hookcli.filters import Filters
    from hookcli.screen import Screen, When
    from hookcli.stores import Reader

    Looked = Callable[[Delivery], None]

_UNSEEN = nullcontext()


@command("list")
@option(
    "-n",
    "limit",
    group="Which deliveries",
    type=count,
    default="20",
    metavar="N",
    help="The newest N of them. Default: 20.",
)
@filter_options()
@color_option
@store_option
def list_(limit: int, filters: Filters, color: When, store: str | None) -> None:
    """List what was received, newest last.

    A table on a terminal; whole records, one a line, in a pipe or file.
    """
    screen = screen_of(sys.stdout, os.environ, color) if sys.stdout.isatty() else None
    job = partial(
        run,
        filters=filters,
        limit=limit,
        out=sys.stdout.buffer,
        screen=screen,
        now=datetime.now(UTC),
        looking=Looking(sys.stderr),
    )
    read(store, job)


async def run(
    store: Reader,
    filters: Filters,
    limit: int,
    *,
    out: BinaryIO,
    screen: Screen | None,
    now: datetime,
    looking: AbstractContextManager[Looked | None] = _UNSEEN,
) -> None:
    """Write the newest `limit` of those meant: a table for `screen`; where None, records.

    `looking` is entered while they are looked for, and told of each that is looked into.
    """
    with looking as looked:
        found = await _newest(store, filters, limit, looked)
    if screen is None:
        for delivery in found:
            record = delivery_record(delivery, await whole_body(store, delivery))
            out.write(dump(record))
        return
    attempts: dict[int, list[Attempt]] = {}
    for attempt in await store.attempts([delivery.id for delivery in found]):
        attempts.setdefault(attempt.delivery, []).append(attempt)
    out.writelines(f"{line}\n".encode() for line in format_list(found, attempts, screen, now))


async def _newest(
    store: Reader, filters: Filters, limit: int, looked: Looked | None
) -> list[Delivery]:
    found: list[Delivery] = []
    async for delivery in matching(store, filters, newest_first=True, looked=looked):
        found.append(delivery)
        if len(found) == limit:
            break
    return found[::-1]
