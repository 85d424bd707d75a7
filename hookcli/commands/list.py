"""`hookcli list`: what was received, newest last."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hookcli.filter_options import filter_options
from hookcli.filters import matching
from hookcli.options import color_option, command, count, option, store_option
from hookcli.reading import read, whole_body
from hookcli.records import delivery_record, dump
from hookcli.screen import screen_of
from hookcli.table import format_list

if TYPE_CHECKING:
    from typing import BinaryIO

    from hookcli.delivery import Attempt, Delivery
    from hookcli.filters import Filters
    from hookcli.screen import Screen, When
    from hookcli.stores import Reader


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
    out = sys.stdout.buffer
    now = datetime.now(UTC)
    read(store, lambda opened: run(opened, filters, limit, out=out, screen=screen, now=now))


async def run(
    store: Reader,
    filters: Filters,
    limit: int,
    *,
    out: BinaryIO,
    screen: Screen | None,
    now: datetime,
) -> None:
    """Write the newest `limit` of those meant: a table for `screen`; where None, records."""
    found = await _newest(store, filters, limit)
    if screen is None:
        for delivery in found:
            record = delivery_record(delivery, await whole_body(store, delivery))
            out.write(dump(record))
        return
    attempts: dict[int, list[Attempt]] = {}
    for attempt in await store.attempts([delivery.id for delivery in found]):
        attempts.setdefault(attempt.delivery, []).append(attempt)
    out.writelines(f"{line}\n".encode() for line in format_list(found, attempts, screen, now))


async def _newest(store: Reader, filters: Filters, limit: int) -> list[Delivery]:
    found: list[Delivery] = []
    async for delivery in matching(store, filters, newest_first=True):
        found.append(delivery)
        if len(found) == limit:
            break
    return found[::-1]
