"""One run of `hookcli listen`: joins the parts, and ends them in order."""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from urllib.parse import urlsplit

import orjson

from hookcli import __version__, banner
from hookcli.confirming import Confirming
from hookcli.forwarder import Forwarder, reachable
from hookcli.health import Health
from hookcli.intake import Intake
from hookcli.judging import Judge
from hookcli.limits import UNLIMITED, Limits
from hookcli.listener import Listener
from hookcli.on_ready import OnReady
from hookcli.open_files import allow_many
from hookcli.passing import Passing
from hookcli.pipeline import first_hand
from hookcli.retention import Retention
from hookcli.running import Status, announce
from hookcli.secret import fitting
from hookcli.setting_up import SettingUp
from hookcli.tunnels import Probe
from hookcli.watching import watching
from hookcli.way_in import WayIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from hookcli.delivery import Attempt
    from hookcli.judging import Rules
    from hookcli.stores import Store
    from hookcli.watching import Watching, WatchWish
    from hookcli.way_in import TunnelWish

_BUSY = 4
"""Requests in flight at which the outputs make room for the listener."""
_SILENT_S = 0.5
"""Seconds that the end may take before it is said why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for."""

    host: str
    port: int
    tunnel: TunnelWish
    rules: Rules
    confirm_subscriptions: bool
    forward_timeout_s: float
    insecure: bool
    """Whether apps may have any certificate."""
    max_body: int
    """Bytes."""
    watch: WatchWish
    on_ready: Sequence[str] | None
    """The words of a command."""
    store: str | None
    store_by_flag: bool = False
    """Whether other commands, run as this one was but without its flags, use another one."""
    config: Sequence[str]
    """The files that settings were read from, as a person writes their paths."""
    limits: Limits = UNLIMITED


async def listen(wish: Wish, *, stdout: TextIO, stderr: TextIO, environ: Mapping[str, str]) -> int:
    """Receive until stopped; return the exit code. Raises HookError where it cannot go on."""
    opened = watching(
        wish.watch, wish.store, create=True, stdout=stdout, stderr=stderr, environ=environ
    )
    forwarder = Forwarder(timeout_s=wish.forward_timeout_s, insecure=wish.insecure)
    async with opened as watch, forwarder:
        return await _Run(wish, watch, forwarder, environ).run()


class _Run:
    def __init__(
        self, wish: Wish, watch: Watching, forwarder: Forwarder, environ: Mapping[str, str]
    ) -> None:
        self._wish = wish
        self._watch = watch
        self._store = watch.store
        self._desk = watch.desk
        self._total = watch.total
        self._environ = environ
        self._started_at = datetime.now(UTC)
        self._probe = Probe(path=_unguessable(), answer=secrets.token_hex(16).encode())
        # A proxy in front may take the path of its own URL off, or leave it there.
        prefix = urlsplit(wish.tunnel.public_url or "").path
        self._status_path = _unguessable()
        self._way_in: WayIn | None = None
        self._on_ready = OnReady(wish.on_ready, watch.teller)
        self._local_url = ""
        self._answering = {None, *(endpoint.url for _, endpoint in wish.rules.routes)}
        """The URLs of those who answer senders; None is hookcli itself."""
        notice = self._desk.console.notice
        judge = Judge(wish.rules, self._public_url)
        self._desk.console.explain_by(judge.explain)
        self._health = Health(
            [endpoint for _, endpoint in wish.rules.routes],
            connect=reachable,
            say=self._desk.console.endpoint,
            clock=lambda: datetime.now(UTC),
        )
        self._retention = Retention(
            self._store, wish.limits, clock=lambda: datetime.now(UTC), notice=notice
        )
        self._listener = Listener(
            store=self._store,
            intake=Intake(max_body=wish.max_body, folder=_folder(self._store)),
            judge=judge,
            setting_up=SettingUp(
                notice, confirming=Confirming(say=notice) if wish.confirm_subscriptions else None
            ),
            passing=Passing(
                forwarder=forwarder,
                health=self._health,
                store=self._store,
                late=self._desk.console.pending,
            ),
            own={
                self._probe.path: lambda: self._probe.answer,
                prefix + self._probe.path: lambda: self._probe.answer,
                self._status_path: lambda: orjson.dumps(self._status().to_json()),
            },
            tunnelled=wish.tunnel.wanted,
            total=self._total,
            notice=notice,
        )

    async def run(self) -> int:
        """Receive until there is a reason to stop; return the exit code."""
        allow_many()
        self._desk.say(banner.banner_version(__version__, self._desk.screen()))
        # From before the port opens, so that nothing falls between.
        pages = partial(self._store.follow, own=True, events=self._wish.watch.choice.events)
        bringing = self._watch.bringing(pages, busy=self._busy, counts=self._is_ours)
        async with bringing as tasks:
            port = await self._listener.start(self._wish.host, self._wish.port, tasks.create_task)
            try:
                async with self._announced(port):
                    await self._say_where()
                    running = [
                        tasks.create_task(self._health.run()),
                        tasks.create_task(self._retention.run()),
                        tasks.create_task(self._on_ready.run()),
                        tasks.create_task(self._open_way_in()),
                    ]
                    ending = await self._watch.ended()
                    asyncio.get_running_loop().call_later(_SILENT_S, self._say_who_waits)
            finally:
                await self._listener.stop()
            if ending == "count":  # which may be the command's own doing
                await self._on_ready.finish()
            for task in running:
                task.cancel()
        return self._watch.exit_code()

    def _say_who_waits(self) -> None:
        if waiting := self._listener.in_flight:
            senders = f"{waiting:,} senders still wait" if waiting > 1 else "A sender still waits"
            self._desk.console.notice(
                f"Stopping. {senders} for an answer, for 5 s at most", "Ctrl+C again ends at once"
            )

    def _public_url(self) -> str | None:
        known = self._way_in.public_url if self._way_in else None
        return known or self._wish.tunnel.public_url

    def _is_ours(self, attempt: Attempt) -> bool:
        """Return whether it is what a sender got here, and not of a second app or a later try."""
        return first_hand(attempt) and attempt.endpoint in self._answering

    def _busy(self) -> bool:
        return self._listener.in_flight > _BUSY

    @asynccontextmanager
    async def _announced(self, port: int) -> AsyncIterator[None]:
        """Let `url` and `status` find this listener while it runs."""
        self._local_url = _url(self._wish.host, port)
        note = announce(port, self._local_url, self._status_path)
        await asyncio.to_thread(note.__enter__)
        try:
            yield
        finally:
            await asyncio.to_thread(note.__exit__, None, None, None)

    async def _say_where(self) -> None:
        rules = self._wish.rules
        screen, answer = self._desk.screen(), rules.answer
        lines = banner.banner_local(self._local_url, screen)
        count, size = await self._store.stats()
        lines += banner.banner_store(self._store.url, count, size, str(Path.home()), screen)
        if self._wish.store_by_flag:
            lines += banner.banner_elsewhere(self._store.url, screen)
        lines += banner.banner_limits(self._wish.limits.said, screen)
        lines += banner.banner_config(self._wish.config, screen)
        lines += banner.banner_secrets([secret.short_label for secret in rules.secrets], screen)
        said = (answer.status, answer.body, answer.delay_s, screen)
        if routes := rules.routes:
            await self._health.check()
            built_in = banner.answer_text(*said)
            lines += banner.banner_forward(routes, screen, down=self._health.down, answer=built_in)
        elif not answer.is_default:
            lines += banner.banner_answer(*said)
        if named := self._wish.watch.choice.named:
            lines += banner.banner_shown(named, screen, forwarded=bool(routes))
        self._desk.say(lines)

    async def _open_way_in(self) -> None:
        self._way_in = WayIn(
            self._wish.tunnel,
            local_url=self._local_url,
            probe=self._probe,
            store=self._store,
            desk=self._desk,
            reachable=lambda url: self._on_ready.reachable(url, self._local_url),
            environ=self._environ,
            secret=next(iter(fitting(self._wish.rules.secrets, "github")), None),
        )
        await self._way_in.keep_open()

    def _status(self) -> Status:
        return Status(
            local_url=self._local_url,
            public_url=self._way_in.public_url if self._way_in else None,
            tunnel=self._way_in.state if self._way_in else None,
            store=self._store.url,
            pid=os.getpid(),
            started_at=self._started_at,
            deliveries=self._total.deliveries,
            bad=self._total.bad,
            failed=self._total.failed,
        )


def _unguessable() -> str:
    return f"/.hookcli/{secrets.token_urlsafe(24)}"


def _folder(store: Store) -> Path | None:
    """Return where large bodies may wait: on the disk that they will be kept on."""
    scheme, _, path = store.url.partition(":")
    return Path(path).parent if scheme == "sqlite" else None


def _url(host: str, port: int) -> str:
    """Return the URL under which this computer reaches a listener at `host`."""
    try:
        address = ip_address(host)
    except ValueError:
        return f"http://{host}:{port}"
    if address.is_unspecified:
        host = "::1" if address.version == 6 else "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
