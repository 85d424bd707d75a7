"""One run of `hookcli follow`: the store of another process is watched, and sent on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from hookcli import __version__, banner
from hookcli.delivery import Delivery
from hookcli.errors import UsageError
from hookcli.history import first_of_last, first_since, log_from, next_number
from hookcli.watching import watching

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from hookcli.delivery import Entry
    from hookcli.grammar import Reference
    from hookcli.pipeline import Output
    from hookcli.routes import Routes
    from hookcli.sending import Sending
    from hookcli.tunnel_lines import Total
    from hookcli.watching import Watching, WatchWish

_PATIENCE_S = 5.0
"""Seconds that answers are waited for once all that was to come is there: some never come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowWish:
    """What was asked for."""

    last: int | None
    since: Reference | datetime | None
    """At most one of these two; neither: from now on."""
    routes: Routes
    """Where deliveries are sent on to."""
    forward_timeout_s: float
    insecure: bool
    """Whether apps may have any certificate."""
    watch: WatchWish
    store: str | None
    config: Sequence[str]
    """The files that settings were read from, as a person writes their paths."""


async def follow(
    wish: FollowWish, *, stdout: TextIO, stderr: TextIO, environ: Mapping[str, str]
) -> int:
    """Follow the store until stopped; return the exit code. Raises HookError where it cannot."""
    if wish.store == "memory":
        raise UsageError(
            "A store in memory can be followed by nobody but the process that has it",
            "Let both have a file: --store sqlite:./hooks.db",
        )
    opened = watching(
        wish.watch,
        wish.store,
        create=False,
        awaited=False,
        stdout=stdout,
        stderr=stderr,
        environ=environ,
    )
    async with opened as watch:
        if not wish.routes:
            return await _run(wish, watch, None)
        from hookcli.sending import Sending  # noqa: PLC0415 - only who forwards pays for it

        sending = Sending(
            wish.routes, watch, timeout_s=wish.forward_timeout_s, insecure=wish.insecure
        )
        async with sending:
            return await _run(wish, watch, sending)


async def _run(wish: FollowWish, watch: Watching, sending: Sending | None) -> int:
    """Follow until there is a reason to stop; return the exit code."""
    first = await _first(wish, watch)
    # Whoever reads the banner may count on what comes from then on.
    pages = partial(log_from, watch.store, first or await next_number(watch.store))
    watch.desk.say(await _banner(wish, watch, sending, first))
    outputs = watch.desk.outputs
    outputs[0] = _Counted(outputs[0], watch.total)
    if sending is None:
        async with watch.bringing(pages, patience_s=_PATIENCE_S):
            await watch.ended()
        return watch.exit_code()
    bringing = watch.bringing(
        pages,
        answers=sending.answers,
        patience_s=_PATIENCE_S + wish.forward_timeout_s,
        also=sending.followers,
    )
    async with bringing as tasks:
        looking = tasks.create_task(sending.health.run())
        await watch.ended()
        looking.cancel()
    return watch.exit_code()


async def _first(wish: FollowWish, watch: Watching) -> int | None:
    """Return from which delivery on; None: what comes from now on."""
    if wish.last is not None:
        return await first_of_last(watch.store, wish.last, watch.picks)
    if wish.since is not None:
        return await first_since(watch.store, wish.since)
    return None


async def _banner(
    wish: FollowWish, watch: Watching, sending: Sending | None, first: int | None
) -> list[str]:
    screen = watch.desk.screen()
    lines = banner.banner_version(__version__, screen)
    count, size = await watch.store.stats()
    lines += banner.banner_store(watch.store.url, count, size, str(Path.home()), screen)
    lines += banner.banner_config(wish.config, screen)
    said = "what comes from now on" if first is None else f"from #{first} on"
    lines += screen.wrap([("dim", f"{'Follows':11}"), ("", said)], indent=11)
    if sending is not None:
        lines += await sending.said()
    if named := wish.watch.choice.named:
        lines += banner.banner_shown(named, screen, forwarded=sending is not None)
    return lines


class _Counted:
    """An output that counts what it is brought."""

    def __init__(self, output: Output, total: Total) -> None:
        self._output = output
        self._total = total

    async def handle(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if isinstance(entry, Delivery):
                self._total.received(entry.id, entry)
            else:
                self._total.answered(entry)
        await self._output.handle(entries)
