"""One run of `hookcli listen`: joins the parts, and ends them in order."""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import orjson

from hookcli import __version__, banner
from hookcli.endings import Stop, signals
from hookcli.intake import Intake
from hookcli.listener import Listener
from hookcli.outputs.desk import Desk
from hookcli.pipeline import Follower
from hookcli.running import Status, announce
from hookcli.stores.opening import open_store
from hookcli.tunnel_lines import Total
from hookcli.tunnels import Probe
from hookcli.way_in import WayIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from hookcli.answers import BuiltIn
    from hookcli.choosing import Choice
    from hookcli.delivery import Delivery
    from hookcli.endings import Ending
    from hookcli.filenames import Template
    from hookcli.outputs.desk import Form
    from hookcli.pipeline import Output
    from hookcli.screen import When
    from hookcli.stores import Page, Store
    from hookcli.way_in import TunnelWish

_BUSY = 4
"""Requests in flight at which the outputs make room for the listener."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for."""

    host: str
    port: int
    tunnel: TunnelWish
    answer: BuiltIn
    max_body: int
    """Bytes."""
    form: Form | None
    color: When
    choice: Choice
    save: Template | None
    count: int | None
    timeout_s: float | None
    check: bool
    store: str | None


async def listen(wish: Wish, *, stdout: TextIO, stderr: TextIO, environ: Mapping[str, str]) -> int:
    """Receive until stopped; return the exit code. Raises HookError where it cannot go on."""
    stop = Stop()
    with signals(stop):
        store = await open_store(wish.store, create=True)
        try:
            total = Total()
            desk = Desk(
                store=store,
                form=wish.form,
                color=wish.color,
                total=total,
                stdout=stdout,
                stderr=stderr,
                environ=environ,
            )
            try:
                return await _Run(
                    wish, store=store, desk=desk, total=total, stop=stop, environ=environ
                ).run()
            finally:
                await desk.close()
        finally:
            await store.close()


class _Run:
    def __init__(
        self,
        wish: Wish,
        *,
        store: Store,
        desk: Desk,
        total: Total,
        stop: Stop,
        environ: Mapping[str, str],
    ) -> None:
        self._wish = wish
        self._store = store
        self._desk = desk
        self._total = total
        self._stop = stop
        self._environ = environ
        self._started_at = datetime.now(UTC)
        self._probe = Probe(path=_unguessable(), answer=secrets.token_hex(16).encode())
        self._status_path = _unguessable()
        self._way_in: WayIn | None = None
        self._local_url = ""
        self._listener = Listener(
            store=store,
            intake=Intake(max_body=wish.max_body, folder=_folder(store)),
            answer=wish.answer,
            own={
                self._probe.path: lambda: self._probe.answer,
                self._status_path: lambda: orjson.dumps(self._status().to_json()),
            },
            tunnelled=wish.tunnel.wanted,
            total=total,
            notice=desk.console.notice,
        )
        wish.choice.told_to(desk.console.notice)
        self._followers = [self._follower(output) for output in self._outputs()]

    async def run(self) -> int:
        """Receive until there is a reason to stop; return the exit code."""
        self._desk.say(banner.banner_version(__version__, self._desk.screen()))
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(self._desk.console.run()),
                tasks.create_task(self._stop_when_unread()),
            ]
            # From before the port opens, so that nothing falls between.
            pages = [await self._store.follow(own=True) for _ in self._followers]
            running.append(tasks.create_task(self._follow(pages)))
            port = await self._listener.start(self._wish.host, self._wish.port)
            try:
                async with self._announced(port):
                    await self._say_where()
                    running.append(tasks.create_task(self._open_way_in()))
                    ending = await self._stop.wait(self._wish.timeout_s)
                if ending == "signal":
                    self._desk.cover_echo()
            finally:
                await self._listener.stop()
            if ending != "unread":
                await self._catch_up()
            for task in running:
                task.cancel()
        if ending != "unread":
            self._desk.console.end()
        return self._exit_code(ending)

    def _outputs(self) -> Sequence[Output]:
        if self._wish.save is None:
            return self._desk.outputs
        from hookcli.outputs.save import Save  # noqa: PLC0415 - only who saves pays for it

        save = Save(self._wish.save, self._store.body, self._desk.console.notice)
        return [*self._desk.outputs, save]

    def _follower(self, output: Output) -> Follower:
        async def selects(delivery: Delivery) -> bool:
            return await self._wish.choice.picks(delivery, self._desk.body)

        return Follower(
            output,
            selects=selects,
            count=self._wish.count,
            busy=lambda: self._listener.in_flight > _BUSY,
        )

    async def _follow(self, pages: Sequence[AsyncIterator[Page]]) -> None:
        """Bring the log to the outputs; stop the run once each has had all it wants."""
        async with asyncio.TaskGroup() as tasks:
            for follower, its_pages in zip(self._followers, pages, strict=True):
                tasks.create_task(follower.run(its_pages))
        self._stop.ask("count")

    async def _catch_up(self) -> None:
        """Let the outputs take what came in before the end."""
        async with asyncio.TaskGroup() as tasks:
            for follower in self._followers:
                tasks.create_task(follower.reach(self._total.last))

    async def _stop_when_unread(self) -> None:
        await self._desk.unread()
        self._stop.ask("unread")

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
        screen, answer = self._desk.screen(), self._wish.answer
        lines = banner.banner_local(self._local_url, screen)
        count, size = await self._store.stats()
        lines += banner.banner_store(self._store.url, count, size, str(Path.home()), screen)
        if not answer.is_default:
            lines += banner.banner_answer(answer.status, answer.body, answer.delay_s, screen)
        if self._wish.choice.named:
            lines += banner.banner_shown(self._wish.choice.named, screen)
        self._desk.say(lines)

    async def _open_way_in(self) -> None:
        self._way_in = WayIn(
            self._wish.tunnel,
            local_url=self._local_url,
            probe=self._probe,
            store=self._store,
            desk=self._desk,
            environ=self._environ,
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

    def _exit_code(self, ending: Ending) -> int:
        if ending == "unread":
            return 0
        unmet = self._wish.count is not None and ending != "count"
        failed = self._wish.check and any(follower.failed for follower in self._followers)
        return 3 if unmet or failed else 0


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
