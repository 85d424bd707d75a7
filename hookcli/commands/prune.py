"""`hookcli prune`: remove deliveries from the store, for good."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import click

from hookcli.errors import UsageError
from hookcli.filter_options import filter_options
from hookcli.filters import matching
from hookcli.grammar import duration, reference
from hookcli.looking import Looking
from hookcli.options import argument, command, count, option, store_option
from hookcli.reading import read
from hookcli.references import resolve
from hookcli.stores.opening import open_store
from hookcli.text import human_size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookcli.filters import Filters, Looked
    from hookcli.grammar import Reference
    from hookcli.stores import Reader, Store

GROUP = "Which deliveries"


class Chosen(NamedTuple):
    """What was found of that."""

    numbers: Sequence[int]
    """From the oldest one on, so that it is those that are gone if this is broken off."""
    size: int
    """Bytes of their bodies."""

    def __str__(self) -> str:
        first, last = self.numbers[0], self.numbers[-1]
        one = len(self.numbers) == 1
        which = f"#{first}" if one else f"{_counted(len(self.numbers))}, #{first} to #{last}"
        return f"{which}, with {human_size(self.size)} of payload"


@command("prune")
@argument("which", metavar="[ID]...", type=reference, nargs=-1)
@option("--all", "everything", group=GROUP, is_flag=True, help="Everything that is kept.")
@option(
    "--older-than",
    group=GROUP,
    type=duration,
    metavar="DURATION",
    help="Only what was received longer ago: 30d, 12h.",
)
@option(
    "--keep-last",
    group=GROUP,
    type=count,
    metavar="N",
    help="All of these but the newest N.",
)
@filter_options(GROUP)
@option("--yes", group="Else", is_flag=True, help="Do not ask.")
@store_option
def prune(
    *,
    which: tuple[Reference, ...],
    everything: bool,
    older_than: float | None,
    keep_last: int | None,
    filters: Filters,
    yes: bool,
    store: str | None,
) -> None:
    """Remove deliveries with all attempts at them, for good.

    Those with these IDs, or those that all options choose. It says how many they are, and asks.
    A listener may run meanwhile. No number is ever given again.
    """
    filters = _older(filters, older_than)
    ways = bool(which), everything, bool(filters) or keep_last is not None
    if sum(ways) != 1:
        what = "Two ways to say what is to go" if any(ways) else "Nothing says what is to go"
        raise UsageError(what, "Give IDs, or options like --older-than 30d, or --all")
    with Looking(sys.stderr) as looked:
        chosen = read(
            store,
            lambda opened: (
                named(opened, which) if which else older(opened, filters, keep_last, looked)
            ),
        )
    if not chosen.numbers:
        click.echo("There is nothing to remove", err=True)
    elif yes or _agreed(chosen):
        click.echo(asyncio.run(_opened(store, chosen)), err=True)
    else:
        click.echo("Nothing was removed", err=True)


async def named(store: Reader, which: Sequence[Reference]) -> Chosen:
    """Find those with these IDs. Raises HookError where one names none, or several."""
    found = [await resolve(store, each) for each in which]
    return _chosen({delivery.id: delivery.size for delivery in found})


async def older(
    store: Reader,
    filters: Filters,
    keep_last: int | None = None,
    looked: Looked | None = None,
) -> Chosen:
    """Find those that the filters choose, but for the newest `keep_last` of them.

    `looked` is told of each that is looked into.
    """
    found: dict[int, int] = {}
    stay = keep_last or 0
    async for delivery in matching(store, filters, newest_first=True, looked=looked):
        if stay:
            stay -= 1
        else:
            found[delivery.id] = delivery.size
    return _chosen(found)


async def run(store: Store, chosen: Chosen) -> str:
    """Remove them; return what there is to say about it."""
    freed = await store.prune(chosen.numbers)
    left, size = await store.stats()
    gone = f"Removed {_counted(len(chosen.numbers))}, which freed {human_size(freed)}"
    return f"{gone}; there are {_counted(left)} left, {human_size(size)}"


async def _opened(url: str | None, chosen: Chosen) -> str:
    store = await open_store(url, create=False)
    try:
        return await run(store, chosen)
    finally:
        await store.close()


def _older(filters: Filters, than: float | None) -> Filters:
    if than is None:
        return filters
    try:
        until = datetime.now(UTC) - timedelta(seconds=than)
    except OverflowError:
        raise UsageError("--older-than is longer ago than time goes", "Give one like 30d") from None
    given = filters.query.until
    earlier = min(given, until) if given else until
    return replace(filters, query=replace(filters.query, until=earlier))


def _chosen(sizes: Mapping[int, int]) -> Chosen:
    return Chosen(sorted(sizes), sum(sizes.values()))


def _agreed(chosen: Chosen) -> bool:
    """Ask whether to remove them. Raises UsageError where nobody can answer."""
    if not sys.stdin.isatty():
        raise UsageError(f"Nobody is there to ask whether to remove {chosen}", "Add --yes")
    click.echo(f"Remove {chosen}, for good? [y/N] ", err=True, nl=False)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _counted(count: int) -> str:
    return f"{count:,} {'delivery' if count == 1 else 'deliveries'}"
