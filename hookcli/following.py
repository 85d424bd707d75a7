"""One run of `hookcli follow`: the store of another process is watched, and sent on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from hookcli import __version__, banner
from hookcli.delivery import Delivery
from hookcli.errors import HookError, UsageError
from hookcli.forwarder import Forwarder, reachable
from hookcli.health import Health
from hookcli.history import first_of_last, first_since, log_from, next_number
from hookcli.outputs.forward import Forward
from hookcli.pipeline import Follower
from hookcli.running import listener_on
from hookcli.watching import watching

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookcli.delivery import Entry
    from hookcli.grammar import Reference
    from hookcli.pipeline import Output
    from hookcli.routes import Endpoint, Routes
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
    forwarder = Forwarder(timeout_s=wish.forward_timeout_s, insecure=wish.insecure)
    async with opened as watch, forwarder:
        return await _Run(wish, watch, forwarder).run()


class _Run:
    def __init__(self, wish: FollowWish, watch: Watching, forwarder: Forwarder) -> None:
        self._wish = wish
        self._watch = watch
        self._forwarder = forwarder
        self._endpoints = [endpoint for _, endpoint in wish.routes]
        self._health = Health(
            self._endpoints,
            connect=reachable,
            say=watch.desk.console.endpoint,
            clock=lambda: datetime.now(UTC),
        )

    async def run(self) -> int:
        """Follow until there is a reason to stop; return the exit code."""
        watch, store = self._watch, self._watch.store
        await self._refuse_own_listener()
        first = await self._first()
        # Whoever reads the banner may count on what comes from then on.
        next_ = await next_number(store)
        await self._say_what(first)
        outputs = watch.desk.outputs
        outputs[0] = _Counted(outputs[0], watch.total)
        bringing = watch.bringing(
            partial(log_from, store, first or next_),
            answers=self._answers,
            patience_s=_PATIENCE_S + (self._wish.forward_timeout_s if self._endpoints else 0),
            also=[self._forwarding(endpoint) for endpoint in self._endpoints],
        )
        async with bringing as tasks:
            looking = tasks.create_task(self._health.run())
            await watch.ended()
            looking.cancel()
        return watch.exit_code()

    async def _first(self) -> int | None:
        """Return from which delivery on; None: what comes from now on."""
        if self._wish.last is not None:
            return await first_of_last(self._watch.store, self._wish.last, self._watch.picks)
        if self._wish.since is not None:
            return await first_since(self._watch.store, self._wish.since)
        return None

    def _answers(self, delivery: Delivery) -> int:
        """Count the listener's answer, and that of our own app."""
        return 1 if self._wish.routes.of(delivery.path) is None else 2

    def _forwarding(self, endpoint: Endpoint) -> Follower:
        async def selects(delivery: Delivery) -> bool:
            return self._wish.routes.of(delivery.path) is endpoint

        output = Forward(
            endpoint,
            forwarder=self._forwarder,
            health=self._health,
            store=self._watch.store,
            notice=self._watch.desk.console.notice,
        )
        return Follower(output, selects=selects, count=None, busy=bool, answers=lambda _: 0)

    async def _refuse_own_listener(self) -> None:
        """Raise HookError where what is sent on would come in again, for ever."""
        for endpoint in self._endpoints:
            host, port = endpoint.address
            if host in {"127.0.0.1", "localhost", "::1"}:
                status = await asyncio.to_thread(listener_on, port)
                if status is not None and status.store == self._watch.store.url:
                    raise HookError(
                        f"{endpoint.url} is the listener whose deliveries these are",
                        "Each would come in again, for ever: name the URL of an app",
                    )

    async def _say_what(self, first: int | None) -> None:
        store, desk = self._watch.store, self._watch.desk
        screen = desk.screen()
        lines = banner.banner_version(__version__, screen)
        count, size = await store.stats()
        lines += banner.banner_store(store.url, count, size, str(Path.home()), screen)
        said = "what comes from now on" if first is None else f"from #{first} on"
        lines += screen.wrap([("dim", f"{'Follows':11}"), ("", said)], indent=11)
        if self._endpoints:
            await self._health.check()
            lines += banner.banner_forward(
                self._wish.routes, screen, down=self._health.down, answer=None
            )
        if named := self._wish.watch.choice.named:
            lines += banner.banner_shown(named, screen, forwarded=bool(self._endpoints))
        desk.say(lines)


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
