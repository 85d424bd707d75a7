"""What the tests of tunnels are made of: a listener, a public sender, a tunnel that notes all."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from hookcli.tunnels import Probe
from hookcli.tunnels.ngrok_tunnel import NgrokTunnel, Patience

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from hookcli.state import TunnelState
    from tests.ngrok_edge.running import RunningEdge

PROBE = Probe(path="/probe-b4c9", answer=b"it is me")

HASTY = Patience(start=5, conflict=(0.1, 0.1, 0.1), probe=3, again=0.2, retry=(0.1, 0.2), end=3)

SOON = replace(HASTY, start=0.6)
"""For tests that wait until there is no network."""


HOST = """
import asyncio, sys
from pathlib import Path
from hookcli.tunnels import Probe, open_ngrok

async def main():
    async with open_ngrok(
        mode="ngrok", upstream="http://127.0.0.1:9", domain=None, ngrok_config=None,
        probe=Probe(path="/p", answer=b""), report=lambda state: None, announce=print,
    ):
        await asyncio.Event().wait()

asyncio.run(main())
"""
"""A program that opens the tunnel of its environment, and goes on until it is ended."""


@dataclass
class Listener:
    """A local service that answers the probe, and everything else with the body it got."""

    port: int = 0
    answers_probe: bool = True
    probes: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """As the tunnel wants it."""
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Answer the probe, or echo."""
        if request.path == PROBE.path:
            self.probes += 1
            self.asked.set()
            return web.Response(body=PROBE.answer if self.answers_probe else b"who?")
        return web.Response(body=await request.read())


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    """Run a listener on a free port."""
    listener = Listener()
    server = web.Server(listener.answer)
    runner = web.ServerRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    listener.port = runner.addresses[0][1]
    try:
        yield listener
    finally:
        await runner.cleanup()


@dataclass
class Notes:
    """What a tunnel said."""

    states: list[TunnelState] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, state: TunnelState) -> None:
        """Take a state that was reported."""
        self.states.append(state)
        self.changed.set()

    @property
    def last(self) -> TunnelState:
        """The newest state."""
        return self.states[-1]

    @property
    def words(self) -> list[str]:
        """The states, in a word each."""
        return [state.state for state in self.states]

    async def until(self, condition: Callable[[Notes], Any], seconds: float = 20) -> None:
        """Wait until it holds."""
        async with asyncio.timeout(seconds):
            while not condition(self):
                self.changed.clear()
                await self.changed.wait()


def make_tunnel(listener: Listener, edge: RunningEdge, notes: Notes, **options: Any) -> NgrokTunnel:
    """Build a hasty tunnel to the listener."""
    return NgrokTunnel(
        **{
            "upstream": listener.url,
            "ngrok_config": edge.config_v3,
            "probe": PROBE,
            "report": notes.note,
            "announce": notes.lines.append,
            "keep_trying": False,
            "patience": HASTY,
            **options,
        }
    )


async def post(edge: RunningEdge, url: str, body: bytes) -> tuple[int, bytes]:
    """Send a webhook to a public URL; return the answer's status and body."""
    headers = {"Host": url.removeprefix("https://"), "Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{edge.http_url}/hook", data=body, headers=headers) as response,
    ):
        return response.status, await response.read()


def kill_agent(folder: Path) -> None:
    """Kill the one agent there is."""
    (agent,) = agents(folder)
    os.kill(agent, signal.SIGKILL)


def agents(folder: Path) -> list[int]:
    """Return the process ids of the agents whose private home is under `folder`."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=", "-o", "args="], capture_output=True, text=True, check=True
    )
    lines = [line.split(maxsplit=1) for line in listed.stdout.splitlines()]
    return [int(pid) for pid, args in lines if f"--config {folder}" in args]
