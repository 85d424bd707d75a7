"""The edge: listeners, names, failure knobs, and a memory of what happened."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import secrets
import ssl
from typing import TYPE_CHECKING, Any, Self

from tests.ngrok_edge.admin import serve_admin
from tests.ngrok_edge.certificates import make_certificates
from tests.ngrok_edge.configurations import write_configurations
from tests.ngrok_edge.errors import Failure
from tests.ngrok_edge.http1 import MAX_HEAD
from tests.ngrok_edge.protocol import AgentSession, Tunnel
from tests.ngrok_edge.public import PublicConnection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path
    from types import TracebackType

log = logging.getLogger("ngrok_edge")


class NgrokEdge:
    """ngrok's cloud, on loopback; runs on the event loop that enters it."""

    def __init__(
        self,
        directory: Path,
        *,
        domain: str = "ngrok-free.app",
        static_domain: str | None = None,
        authtoken: str | None = None,
        interstitial: bool = False,
    ) -> None:
        self.dir = directory
        self.domain = domain
        self.static_domain = static_domain
        """Given to endpoints that ask for no name."""
        self.authtoken = authtoken
        """The only one accepted; None accepts any."""
        self.interstitial = interstitial
        """Whether browsers get the free plan's warning page."""
        self.fail_auth, self.fail_bind = Failure(), Failure()
        self.paused = False
        """Refuse agent connections, as in an outage."""
        self.stalled = False
        """Accept agent connections but never say anything."""
        self.sessions: set[AgentSession] = set()
        self.tunnels: dict[str, Tunnel] = {}
        """Online endpoints by URL."""
        self.reservations: dict[str, str] = {}
        """From the token of a bind to its host, kept across reconnects."""
        self.fresh_names = False
        """Give new names also to endpoints that come back."""
        self.events: list[dict[str, Any]] = []
        self.auth_attempts = 0
        self.addresses: dict[str, str] = {}
        """Of "tunnel", "http" and "admin"."""
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self.dir.mkdir(parents=True, exist_ok=True)
        make_certificates(self.dir, [f"*.{self.domain}", "*.ngrok.app", "*.ngrok-free.dev"])
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(self.dir / "server.pem", self.dir / "server.key")
        await self._listen("tunnel", self._serve_agent, self.tls)
        await self._listen("http", self._serve_public)
        await self._listen("admin", functools.partial(serve_admin, self))
        write_configurations(self.dir, self.addresses)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self._servers:
            server.close()
        for session in list(self.sessions):
            session.mux.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _listen(
        self,
        name: str,
        handler: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._connections.add(task)
            try:
                await handler(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError) as error:
                log.debug("%s: %r", name, error)
            finally:
                self._connections.discard(task)
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls, limit=MAX_HEAD)
        self._servers.append(server)
        self.addresses[name] = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _serve_agent(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self.paused:
            self.record("connection-refused")
            writer.transport.abort()
            return
        session = AgentSession(self, reader, writer)
        session.mux.blackhole = self.stalled
        self.sessions.add(session)
        try:
            await session.run()
        finally:
            self.sessions.discard(session)
            self.record("session-end", client_id=session.client_id)

    async def _serve_public(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await PublicConnection(self, reader, writer).serve()

    def find_tunnel(self, host: str, scheme: str) -> Tunnel | None:
        """By name, https before http; any name will do while there is one endpoint only."""
        host = host.partition(":")[0].lower()
        other = "http" if scheme == "https" else "https"
        for url in (f"{scheme}://{host}", f"{other}://{host}"):
            if url in self.tunnels:
                return self.tunnels[url]
        ours = host.endswith((f".{self.domain}", ".ngrok.app", ".ngrok.io", ".ngrok-free.dev"))
        if len({t.host for t in self.tunnels.values()}) == 1 and not ours:
            return max(self.tunnels.values(), key=lambda t: t.scheme)
        return None

    def random_host(self) -> str:
        """Return a name like those of the free plan: random, with an address inside."""
        return f"{secrets.token_hex(2)}-203-0-113-7.{self.domain}"

    def record(self, event: str, **details: Any) -> None:
        """Remember what happened."""
        now = asyncio.get_running_loop().time()
        self.events.append({"t": round(now, 3), "event": event, **details})
        log.info("%s %s", event, " ".join(f"{k}={v}" for k, v in details.items()))

    def state(self) -> dict[str, Any]:
        """Return all there is to know, as JSON can say it."""
        return {
            "addresses": self.addresses,
            "sessions": [
                {"client_id": s.client_id, "agent": s.auth.get("Version", "")}
                for s in list(self.sessions)
            ],
            "tunnels": [t.describe() for t in list(self.tunnels.values())],
            "auth_attempts": self.auth_attempts,
            "fail_auth": self.fail_auth.code,
            "fail_bind": self.fail_bind.code,
            "paused": self.paused,
            "stalled": self.stalled,
            "events": list(self.events),
        }

    def drop_sessions(self, mode: str = "abort") -> int:
        """Cut every agent: "abort" (reset), "goaway" (orderly) or "blackhole" (go silent)."""
        dropped = list(self.sessions)
        for session in dropped:
            self.record("drop", client_id=session.client_id, mode=mode)
            if mode == "blackhole":
                session.mux.blackhole = True
                continue
            session.mux.close(goaway=mode == "goaway")
            for bind_id in list(session.tunnels):
                session.remove(bind_id)
        return len(dropped)

    async def stop_agents(self) -> int:
        """Ask every agent to exit, as the dashboard's Stop button does."""
        stopped = list(self.sessions)
        for session in stopped:
            self.record("stop", client_id=session.client_id)
            with contextlib.suppress(ConnectionError, ValueError, TimeoutError):
                await session.stop()
        return len(stopped)
