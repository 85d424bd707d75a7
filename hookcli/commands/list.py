"""`hookcli list`: what was received, newest last."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import click

from hookcli.filter_options import filter_options
from hookcli.filters import matching
from hookcli.grammar import nearest
from hookcli.looking import UNSEEN, Looking
from hookcli.options import color_option, command, count, option, store_option
from hookcli.reading import read, whole_body
from hookcli.records import delivery_record, dump
from hookcli.screen import screen_of
from hookcli.table import format_list
from hookcli.text import word

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractContextManager
    from typing import BinaryIO

    from hookcli.delivery import Attempt, Delivery
    from hookcli.filters import Filters, Looked
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
    job = partial(
        run,
        filters=filters,
        limit=limit,
        out=sys.stdout.buffer,
        screen=screen,
        now=datetime.now(UTC),
        looking=Looking(sys.stderr),
    )
    if not read(store, job) and filters.query.provider is not None:
        _say_if_unknown(filters.query.provider)


def _say_if_unknown(provider: str) -> None:
    # Loading the table of providers takes longer than all else: only where nothing is found.
    from hookcli.signatures.verifying import BY_NAME  # noqa: PLC0415

    if provider not in BY_NAME:
        meant = nearest(provider, BY_NAME)
        hint = f"Did you mean {meant}?" if meant else "The README has a table of their names"
        click.echo(f"Notice: There is no provider {word(provider)}\nHint: {hint}", err=True)


async def run(
    store: Reader,
    filters: Filters,
    limit: int,
    *,
    out: BinaryIO,
    screen: Screen | None,
    now: datetime,
    looking: AbstractContextManager[Looked | None] = UNSEEN,
) -> int:
    """Write the newest `limit` of those meant: a table for `screen`; where None, records.

    Return how many they are. `looking` is entered while they are looked for, and told of each
    that is looked into.
    """
    if screen is None:
        with looking as looked:
            numbers = [each.id async for each in _newest(store, filters, limit, looked)]
        for number in reversed(numbers):
            if delivery := await store.get(number):
                body = delivery.body if delivery.held else await whole_body(store, delivery)
                out.write(dump(delivery_record(delivery, body)))
        return len(numbers)
    with looking as looked:
        found = [each async for each in _newest(store, filters, limit, looked)][::-1]
    attempts: dict[int, list[Attempt]] = {}
    for attempt in await store.attempts([delivery.id for delivery in found]):
        attempts.setdefault(attempt.delivery, []).append(attempt)
    out.writelines(f"{line}\n".encode() for line in format_list(found, attempts, screen, now))
    return len(found)


async def _newest(
    store: Reader, filters: Filters, limit: int, looked: Looked | None
) -> AsyncIterator[Delivery]:
    left = limit
    async for delivery in matching(store, filters, newest_first=True, looked=looked):
        yield delivery
        left -= 1
        if not left:
            break
