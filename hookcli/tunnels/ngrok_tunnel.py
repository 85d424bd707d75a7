"""The tunnel through ngrok: opened, watched, honest about its state, closed in order."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from hookcli.aside import aside
from hookcli.errors import HookError
from hookcli.tunnels.ngrok import Agent, prepare_binary, read_settings
from hookcli.tunnels.ngrok_errors import SIGN_UP, NoContactError, code_of
from hookcli.tunnels.ngrok_log import Lost, Stopping, Up
from hookcli.tunnels.probe import Reach, watch
from hookcli.tunnels.standing import Standing

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from hookcli.tunnels import Announce, Probe, Report
    from hookcli.tunnels.ngrok_config import Settings


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long things may take, in seconds."""

    start: float = 10
    """Until the agent has a session."""
    conflict: tuple[float, ...] = (2, 2, 2, 2, 2)
    """Pauses between tries while the public URL is still online elsewhere."""
    probe: float = 5
    again: float = 5
    """From one probe that did not arrive to the next."""
    retry: tuple[float, ...] = (2, 4, 8, 16, 30)
    """Pauses between starts while there is no network; the last one repeats."""
    end: float = 3
    """For the agent to end in order."""


@dataclass(frozen=True)
class Opened:
    """The endpoint is open."""

    url: str


@dataclass(frozen=True)
class Failed:
    """It could not be opened."""

    error: HookError


@dataclass(frozen=True)
class Ended:
    """The agent's process has ended."""

    code: int


Event = Opened | Failed | Ended | Up | Lost | Stopping

PATIENT = Patience()
AGAIN = "to be public again, start hookcli again"


class NgrokTunnel:
    """An https endpoint at ngrok in front of `upstream`, by an agent of its own.

    With `keep_trying`, entering goes on without a network, and the tunnel opens when there is one.
    """

    def __init__(
        self,
        *,
        upstream: str,
        domain: str | None = None,
        ngrok_config: Path | None = None,
        probe: Probe,
        report: Report,
        keep_trying: bool,
        announce: Announce,
        patience: Patience = PATIENT,
    ) -> None:
        self.label = "ngrok"
        self._upstream, self._domain, self._ngrok_config = upstream, domain, ngrok_config
        self._probe, self._announce = probe, announce
        self._keep_trying, self._patience = keep_trying, patience
        self._standing = Standing(report)
        self._made: Agent | None = None
        self._is_open = False
        self._may_restart = True
        self._asked_to_stop = False
        self._failures = 0
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._tasks = asyncio.TaskGroup()
        self._proving: asyncio.Task[None] | None = None

    @property
    def checked_s(self) -> float | None:
        """How long our own request through it took, in seconds; None where it did not arrive."""
        return self._standing.checked_s

    async def __aenter__(self) -> Self:
        self._standing.connecting()
        self._loop = asyncio.get_running_loop()
        self._settled: asyncio.Future[None] = self._loop.create_future()
        self._settings = await aside(self._read_settings)
        await self._tasks.__aenter__()
        self._living = self._tasks.create_task(self._live())
        try:
            await self._settled
        except BaseException as error:
            await self.__aexit__(type(error), error, None)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._living.cancel()
        try:
            if self._made is not None:
                await aside(self._made.close, self._patience.end)
        finally:
            # The body's own error is not this group's: it must not come out wrapped.
            await self._tasks.__aexit__(None, None, None)

    def _read_settings(self) -> Settings:
        settings = read_settings(os.environ, self._ngrok_config)
        if settings.token is None:
            raise HookError("No ngrok authtoken found", SIGN_UP)
        return settings

    @property
    def _agent(self) -> Agent:
        """The agent, which is made before all that is done with it."""
        if self._made is None:
            raise RuntimeError("there is no agent yet")
        return self._made

    async def _make_agent(self) -> None:
        binary = await aside(prepare_binary, os.environ, self._announce_aside)
        self._made = await aside(Agent, binary=binary, settings=self._settings, domain=self._domain)
        self.label = f"ngrok {self._made.version}"

    def _announce_aside(self, line: str) -> None:
        # Once: where there is no network the same is tried again and again.
        if not self._failures:
            self._loop.call_soon_threadsafe(self._announce, line)

    async def _live(self) -> None:
        """Take what happens, one event at a time, until nothing more can."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._open())
            while self._take(await self._events.get(), tasks):
                continue
            self._stop_proving()

    def _take(self, event: Event, tasks: asyncio.TaskGroup) -> bool:
        """Act on an event; False where it was the last."""
        match event:
            case Opened(url):
                self._standing.url, self._is_open, self._failures = url, True, 0
                tasks.create_task(self._await_end())
                self._prove(tasks)
            case Up() if self._is_open and self._standing.lost_at:
                self._prove(tasks)
            case Lost():
                self._lost(event)
            case Stopping():
                self._asked_to_stop = True
            case Failed(error):
                return self._failed(error, tasks)
            case Ended(code):
                return self._ended(code, tasks)
        return True

    async def _open(self, after_s: float = 0) -> None:
        """Start the agent and open the endpoint; the event tells how it went."""
        await asyncio.sleep(after_s)
        try:
            if self._made is None:
                await self._make_agent()
            await aside(self._agent.start, self._hear, self._patience.start)
            self._events.put_nowait(Opened(await self._open_endpoint()))
        except HookError as error:
            self._events.put_nowait(Failed(error))

    async def _open_endpoint(self) -> str:
        pauses = self._patience.conflict
        for number, pause in enumerate(pauses):
            try:
                return await aside(self._agent.open, self._upstream)
            except HookError as error:
                if code_of(error.message) != 334:
                    raise
                self._announce(f"{error.message}: trying for {sum(pauses[number:]):g} s more")
                await asyncio.sleep(pause)
        return await aside(self._agent.open, self._upstream)

    def _hear(self, event: Up | Lost | Stopping) -> None:
        """Take what the agent says, on the thread that reads its output."""
        # A loop that is gone must not end that thread: the agent would block on a full pipe.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)

    async def _await_end(self) -> None:
        self._events.put_nowait(Ended(await aside(self._agent.wait)))

    def _lost(self, lost: Lost) -> None:
        refusal = self._agent.explain(lost.error).message if code_of(lost.error) else None
        if not self._is_open and (refusal or not self._keep_trying):
            # How opening ends will tell more.
            return
        self._stop_proving()
        if self._standing.lost_at is None or refusal:
            self._offline(refusal or "no contact with ngrok", self._agent.silence(lost))

    def _failed(self, error: HookError, tasks: asyncio.TaskGroup) -> bool:
        later = isinstance(error, NoContactError) and (self._keep_trying or self._standing.url)
        if later:
            if self._standing.lost_at is None:
                if self._made is None:
                    self._announce(error.message)
                what_for = "" if self._made else ", to download its agent"
                self._offline(f"no contact with ngrok{what_for}")
            pauses = self._patience.retry
            tasks.create_task(self._open(pauses[min(self._failures, len(pauses) - 1)]))
            self._failures += 1
        elif self._settled.done():
            self._offline(error.message)
            self._announce(error.hint)
        else:
            self._settled.set_exception(error)
        return bool(later)

    def _ended(self, code: int, tasks: asyncio.TaskGroup) -> bool:
        self._stop_proving()
        self._is_open = False
        if self._asked_to_stop:
            self._offline(f"the ngrok agent was asked to stop; {AGAIN}")
            return False
        reason = f"the ngrok agent ended by itself (exit code {code})"
        if not self._may_restart:
            self._offline(f"{reason}, again; {AGAIN}")
            return False
        self._may_restart = False
        self._offline(f"{reason}; starting it again")
        tasks.create_task(self._open())
        return True

    def _offline(self, reason: str, silent_s: float = 0) -> None:
        self._standing.offline(reason, silent_s)
        self._settle()

    def _online(self, reach: Reach) -> None:
        self._standing.online(reach)
        self._settle()

    def _settle(self) -> None:
        if not self._settled.done():
            self._settled.set_result(None)

    def _prove(self, tasks: asyncio.TaskGroup) -> None:
        self._stop_proving()
        self._proving = tasks.create_task(self._come_online())

    def _stop_proving(self) -> None:
        if self._proving is not None:
            self._proving.cancel()

    async def _come_online(self) -> None:
        """Say that it is online, probed; and again when that changes."""
        url = await aside(self._agent.url) or self._standing.url
        if url is None:
            return
        # After a reconnect it may be another.
        self._standing.url = url
        patience = self._patience
        await watch(
            url, self._probe, self._online, timeout_s=patience.probe, every_s=patience.again
        )
