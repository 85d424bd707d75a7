"""The edge for a test: on a thread of its own, with its knobs as methods."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.ngrok_edge.configurations import TOKEN
from tests.ngrok_edge.edge import NgrokEdge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class RunningEdge:
    """An edge that listens. Every method may be called from any thread, on a loop or not."""

    token = TOKEN
    """The authtoken in its configurations."""

    def __init__(self, edge: NgrokEdge, loop: asyncio.AbstractEventLoop) -> None:
        self._edge, self._loop = edge, loop
        self.dir = edge.dir.resolve()
        self.config_v2 = self.dir / "ngrok.yml"
        """An ngrok configuration for agents 2.x."""
        self.config_v3 = self.dir / "ngrok-v3.yml"
        """An ngrok configuration for agents 3.x."""
        self.http_url = f"http://{edge.addresses['http']}"
        """The public side: send requests here with the Host of an endpoint, or as to a proxy."""
        self.ca = self.dir / "ca.pem"

    @property
    def through(self) -> dict[str, str]:
        """Environment variables with which the public https URLs work."""
        return {"HTTPS_PROXY": self.http_url, "SSL_CERT_FILE": str(self.ca)}

    def agent(self, version: str = "3.30.0") -> Path:
        """Return the path of a v3 look-alike that says it is of that version."""
        path = self.dir / f"ngrok-{version}"
        script = shlex.quote(str(Path(__file__).with_name("fake_ngrok.py")))
        # -S and -E halve its start: it needs the standard library only.
        run = f'exec {shlex.quote(sys.executable)} -S -E {script} "$@"'
        path.write_text(f"#!/bin/sh\nFAKE_NGROK_VERSION={version} {run}\n")
        path.chmod(0o700)
        return path

    def environ(self, agent: Path | None = None) -> dict[str, str]:
        """Environment in which `hookcli listen` finds agent, token and edge by itself."""
        home = self.dir / "config" / "ngrok"
        home.mkdir(parents=True, exist_ok=True)
        is_v2 = agent is not None and agent.parent != self.dir
        (home / "ngrok.yml").write_text((self.config_v2 if is_v2 else self.config_v3).read_text())
        return {
            **os.environ,
            **self.through,
            "PYNGROK_NGROK_PATH": str(agent or self.agent()),
            "XDG_CONFIG_HOME": str(home.parent),
        }

    @property
    def urls(self) -> list[str]:
        """The public URLs that are online."""
        return sorted(self._edge.tunnels)

    def state(self) -> dict[str, Any]:
        """Sessions, tunnels, events."""
        return self._edge.state()

    def happened(self, event: str) -> int:
        """Count the events of that name: auth, bind, unbind, offline, session-end …."""
        return sum(e["event"] == event for e in list(self._edge.events))

    def fail_auth(self, code: str | None, times: int | None = None) -> None:
        """Refuse sessions with `code`, for ever or so many times; None: no longer."""
        self._edge.fail_auth.set(code, times)

    def fail_bind(self, code: str | None, times: int | None = None) -> None:
        """Refuse endpoints with `code`, for ever or so many times; None: no longer."""
        self._edge.fail_bind.set(code, times)

    def drop(self, mode: str = "abort") -> None:
        """Cut every agent: "abort" (reset), "goaway" (orderly) or "blackhole" (go silent)."""
        self._loop.call_soon_threadsafe(self._edge.drop_sessions, mode)

    def stop_agents(self) -> None:
        """Ask every agent to exit, as the dashboard's Stop button does."""
        asyncio.run_coroutine_threadsafe(self._edge.stop_agents(), self._loop)

    def pause(self) -> None:
        """Refuse agent connections, and cut those there are, as in an outage."""
        self._edge.paused = True
        self.drop()

    def stall(self) -> None:
        """Accept agent connections, and never say anything on them."""
        self._edge.stalled = True

    def resume(self) -> None:
        """End an outage."""
        self._edge.paused = self._edge.stalled = False

    def heartbeat(self, *, interval_ms: int, tolerance_ms: int) -> None:
        """Let agents that start from now on notice a silent edge sooner than after 25 s."""
        for path, indent in ((self.config_v2, ""), (self.config_v3, "  ")):
            text = f"{indent}heartbeat_interval: {interval_ms}ms\n"
            text += f"{indent}heartbeat_tolerance: {tolerance_ms}ms\n"
            path.write_text(path.read_text() + text)

    def rename(self) -> None:
        """From now on give a new name to each endpoint, also to one that comes back."""
        self._edge.fresh_names = True

    def wait_for(self, condition: Callable[[RunningEdge], Any], seconds: float = 20) -> None:
        """Wait until it holds. Raises AssertionError with the state where it does not."""
        until = time.monotonic() + seconds
        while not condition(self):
            assert time.monotonic() < until, self.state()
            time.sleep(0.01)

    async def until(self, condition: Callable[[RunningEdge], Any], seconds: float = 20) -> None:
        """As `wait_for`, on an event loop."""
        await asyncio.to_thread(self.wait_for, condition, seconds)


@contextmanager
def running_edge(directory: Path, **options: Any) -> Iterator[RunningEdge]:
    """Run an edge with its files under `directory`; options are those of `NgrokEdge`.

    It takes no token but its own.
    """
    started = threading.Event()
    edge = NgrokEdge(directory / "edge", **{"authtoken": TOKEN, **options})
    loop = asyncio.new_event_loop()
    stopping = asyncio.Event()

    async def serve() -> None:
        async with edge:
            started.set()
            await stopping.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert started.wait(20), "the edge did not start"
    try:
        yield RunningEdge(edge, loop)
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join(10)
        loop.close()
