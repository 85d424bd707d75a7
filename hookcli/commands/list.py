"""`hookcli list`: what was received, newest last."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from hookcli.options import (
    color_option,
    command,
    count,
    event_option,
    option,
    past,
    store_option,
    where_option,
)
from hookcli.reading import read, select, whole_body
from hookcli.records import delivery_record, dump
from hookcli.screen import screen_of
from hookcli.stores import Query
from hookcli.table import format_list

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from hookcli.delivery import Attempt
    from hookcli.screen import Screen, When
    from hookcli.stores import Reader

    Matches = Callable[[dict[str, Any]], bool]

GROUP = "Which deliveries"


@command("list")
@option(
    "-n",
    "limit",
    group=GROUP,
    type=count,
    default="20",
    metavar="N",
    help="The newest N of them. Default: 20.",
)
@option("--provider", group=GROUP, metavar="NAME", help="Only from this provider: github.")
@event_option(GROUP)
@option(
    "--since",
    group=GROUP,
    type=past,
    metavar="TIME",
    help="Only from then on: 14:10, 2026-11-24, or 2h for two hours ago.",
)
@option("--until", group=GROUP, type=past, metavar="TIME", help="Only before then.")
@option(
    "--failed",
    group=GROUP,
    is_flag=True,
    help="Only with a bad signature, or with a last answer that is missing or outside 2xx.",
)
@where_option(GROUP)
@color_option
@store_option
def list_(where: str | None, color: When, store: str | None, **criteria: Any) -> None:
    """List what was received, newest last.

    A table on a terminal; whole records, one a line, in a pipe or file.
    """
    query = Query(**criteria)
    matches = _compiled(where) if where else None
    screen = screen_of(sys.stdout, os.environ, color) if sys.stdout.isatty() else None
    now = datetime.now(UTC)
    read(
        store,
        lambda opened: run(opened, query, matches, out=sys.stdout.buffer, screen=screen, now=now),
    )


async def run(
    store: Reader,
    query: Query,
    matches: Matches | None = None,
    *,
    out: BinaryIO,
    screen: Screen | None,
    now: datetime,
) -> None:
    """Write the deliveries asked for: a table for `screen`, or records where that is None."""
    found = await select(store, query, matches)
    if screen is None:
        for delivery in found:
            record = delivery_record(delivery, await whole_body(store, delivery))
            out.write(dump(record))
        return
    attempts: dict[int, list[Attempt]] = {}
    for attempt in await store.attempts([delivery.id for delivery in found]):
        attempts.setdefault(attempt.delivery, []).append(attempt)
    out.writelines(f"{line}\n".encode() for line in format_list(found, attempts, screen, now))


def _compiled(expression: str) -> Matches:
    from hookcli.where import compile_where  # noqa: PLC0415 - jq is slow to load

    return compile_where(expression, _notice)


def _notice(message: str, hint: str) -> None:
    click.echo(f"Notice: {message}\nHint: {hint}", err=True)
