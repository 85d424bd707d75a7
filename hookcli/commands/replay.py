"""`hookcli replay`: send again what was received."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from hookcli.errors import HookError, UsageError
from hookcli.filter_options import filter_options
from hookcli.filters import matching
from hookcli.forwarder import Forwarder
from hookcli.grammar import reference
from hookcli.looking import Looking
from hookcli.options import argument, color_option, command, option, store_option
from hookcli.outputs.replays import Streams, Telling
from hookcli.progress import Bar
from hookcli.reading import read
from hookcli.references import resolve
from hookcli.replay_lines import format_going, said_of
from hookcli.replay_options import sending_options, wish_of
from hookcli.replaying import Replaying, target_of
from hookcli.screen import screen_of
from hookcli.stores.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookcli.filters import Filters, Looked
    from hookcli.grammar import Reference
    from hookcli.replay_lines import Tally
    from hookcli.replaying import Target, Wish
    from hookcli.screen import Screen
    from hookcli.stores import Reader

GROUP = "Which deliveries"


@command("replay")
@argument("which", metavar="[ID]...", nargs=-1, type=reference)
@filter_options(GROUP)
@option("--yes", group=GROUP, is_flag=True, help="Send several without asking.")
@sending_options
@color_option
@store_option
def replay(which: tuple[Reference, ...], filters: Filters, **given: Any) -> None:
    """Send again what was received, byte for byte, to your app.

    ID is as in `show`; without any it is the latest, or all that the filters choose. Exit 3 if
    one got no answer, or another than 2xx.
    """
    wish = wish_of(given)
    if which and filters:
        raise UsageError("Both IDs and filters are given", "Choose deliveries by either of them")
    with Looking(sys.stderr) as looked:
        targets = read(given["store"], lambda store: chosen(store, which, filters, wish, looked))
    if len(targets) > 1 and wish.edit:
        raise UsageError("--edit is for one delivery", "Set values in several with --set")
    streams = Streams(sys.stdout, sys.stderr)
    screen = screen_of(streams.talk, os.environ, given["color"])
    places = list(dict.fromkeys((each.endpoint.url, each.why) for each in targets))
    what = said_of([each.id for each in targets], wish.times)
    click.echo("\n".join(format_going(what, places, screen)), err=True)
    if filters and len(targets) > 1 and not given["yes"]:
        _ask(what.removesuffix(","))
    forwarder = Forwarder(timeout_s=given["forward_timeout"], insecure=given["insecure"])
    job = run(targets, wish, given["store"], forwarder=forwarder, streams=streams, screen=screen)
    tally = asyncio.run(job)
    click.get_current_context().exit(3 if tally.failed else 0)


async def chosen(
    store: Reader,
    which: Sequence[Reference],
    filters: Filters,
    wish: Wish,
    looked: Looked | None = None,
) -> list[Target]:
    """Return what is to be sent, and where to. Raises HookError where that is nothing.

    `looked` is told of each that is looked into.
    """
    if filters:
        meant = matching(store, filters, looked=looked)
        found = [await target_of(store, each, wish) async for each in meant]
        if found:
            return found
        raise HookError("No delivery is as the filters say", "hookcli list shows what there is")
    named = which or (reference("latest"),)
    return [await target_of(store, await resolve(store, each), wish) for each in named]


async def run(
    targets: Sequence[Target],
    wish: Wish,
    url: str | None,
    *,
    forwarder: Forwarder,
    streams: Streams,
    screen: Screen,
) -> Tally:
    """Send, tell of each, and keep what came of it. Raises HookError, which may be in a group."""
    store = await open_store(url, create=False)
    bar = Bar(len(targets) * wish.times, streams.err, os.environ)
    telling = Telling(streams, screen, bar)
    try:
        async with forwarder:
            with bar:
                replaying = Replaying(
                    wish,
                    store=store,
                    forwarder=forwarder,
                    say=telling.say,
                    done=telling.done,
                    clock=time.time,
                )
                await replaying.run(targets)
        return telling.tally
    finally:
        await store.close()
        telling.summary()


def _ask(what: str) -> None:
    """Let a person confirm. Raises UsageError where nobody can answer."""
    if not sys.stdin.isatty():
        raise UsageError(f"Nobody is there to ask whether to send {what}", "Add --yes")
    click.echo(f"Send {what}? [y/N] ", err=True, nl=False)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise HookError("Nothing was sent", "Name deliveries by ID, or choose fewer")
