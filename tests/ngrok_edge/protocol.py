"""The tunnel protocol, the edge's end: what a connected agent may ask for.

Each stream begins with a 32-bit type. RPC streams (Auth, Bind, Unbind …) carry one JSON request
and one JSON response; proxy streams a length-prefixed JSON header, then one public connection.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from tests.ngrok_edge.errors import AUTH_ERRORS, BIND_ERRORS, error_text
from tests.ngrok_edge.muxado import MuxSession, MuxStream

if TYPE_CHECKING:
    from tests.ngrok_edge.edge import NgrokEdge

log = logging.getLogger("ngrok_edge")


class Req(IntEnum):
    """Types of streams."""

    AUTH = 0
    BIND = 1
    UNBIND = 2
    PROXY = 3
    STOP = 5
    SRV_INFO = 8
    PATCH_TUNNEL = 10
    HEARTBEAT = 0xFFFFFFFF


PROTOCOL_VERSIONS = ("3", "2")


@dataclass(eq=False)
class Tunnel:
    """An online endpoint."""

    id: str
    url: str
    scheme: str
    host: str
    token: str
    forwards_to: str
    session: AgentSession
    requests: int = 0

    def describe(self) -> dict[str, Any]:
        """Return it as the admin API shows it."""
        return {
            "id": self.id,
            "url": self.url,
            "forwards_to": self.forwards_to,
            "session": self.session.client_id,
            "requests": self.requests,
        }


@dataclass(eq=False)
class AgentSession:
    """One connected agent."""

    edge: NgrokEdge
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    client_id: str = ""
    auth: dict[str, Any] = field(default_factory=dict)
    """The "Extra" of its Auth request."""
    tunnels: dict[str, Tunnel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.mux = MuxSession(self.reader, self.writer, self._on_stream)

    async def run(self) -> None:
        """Serve the agent until it is gone."""
        try:
            await self.mux.run()
        finally:
            for tunnel in list(self.tunnels.values()):
                self.remove(tunnel.id)

    async def _on_stream(self, stream_type: int, stream: MuxStream) -> None:
        if stream_type == Req.HEARTBEAT:
            while True:
                await stream.write(await stream.readexactly(4))
        request = await stream.read_json()
        log.debug("request type=%d %s", stream_type, request)
        response = self._answer(stream_type, request)
        log.debug("response type=%d %s", stream_type, response)
        await stream.write(json.dumps(response).encode() + b"\n")
        stream.write_eof()
        # The agent closes its side first.
        while await stream.read():
            continue

    def _answer(self, stream_type: int, request: dict[str, Any]) -> dict[str, Any]:
        match stream_type:
            case Req.AUTH:
                return self._auth(request)
            case Req.BIND:
                return self._bind(request)
            case Req.UNBIND:
                return self._unbind(request)
            case Req.SRV_INFO:
                return {"Region": "us"}
            case Req.PATCH_TUNNEL:
                return {"Error": ""}
            case _:
                return {"Error": "not supported by the edge emulator"}

    def _auth(self, request: dict[str, Any]) -> dict[str, Any]:
        edge, extra = self.edge, request.get("Extra") or {}
        offered = request.get("Version") or ["2"]
        version = next((v for v in offered if v in PROTOCOL_VERSIONS), offered[0])
        # The Go clients spell it "Authtoken", the Rust SDK "AuthToken".
        token = extra.get("Authtoken") or extra.get("AuthToken") or ""
        edge.auth_attempts += 1
        code = edge.fail_auth.take()
        if not code and edge.authtoken is not None and token != edge.authtoken:
            code = "ERR_NGROK_107" if token else "ERR_NGROK_4018"
        error = code and error_text(
            AUTH_ERRORS, code, authtoken=token, version=extra.get("Version", "")
        )
        if error:
            edge.record("auth-refused", code=code)
        else:
            self.client_id = request.get("ClientId") or secrets.token_hex(16)
            self.auth = extra
            edge.record("auth", client_id=self.client_id, resumed=bool(request.get("ClientId")))
        return {
            "Version": version,
            "ClientId": self.client_id,
            "Error": error or "",
            "Extra": {
                "Version": "prod",
                "Region": "us",
                "Cookie": "",
                "AccountName": "Edge Emulator",
                "SessionDuration": 0,
                "PlanName": "Free",
                "Banner": "",
                "DeprecationWarning": None,
                "ConnectAddresses": [],
                "AgentSessionID": "",
            },
        }

    def _bind(self, request: dict[str, Any]) -> dict[str, Any]:
        edge, proto = self.edge, request.get("Proto", "")
        opts, extra = dict(request.get("Opts") or {}), request.get("Extra") or {}
        # The token of an earlier bind means "the same endpoint again": agents send it when they
        # reconnect, which is how a URL survives a reconnect.
        token = extra.get("Token") or ""
        known = edge.reservations.get(token) or self._requested_host(opts)
        host = "" if edge.fresh_names else known
        host = host or edge.static_domain or edge.random_host()
        url = f"{proto}://{host}"
        previous = edge.tunnels.get(url)
        if previous is not None and token and previous.token == token:
            # The agent is back before we noticed that its old connection ended.
            previous.session.remove(previous.id)
        code, error = self._refusal(url, proto, host)
        bind_id = request.get("Id") or secrets.token_hex(16)
        if error:
            edge.record("bind-refused", url=url, code=code)
        else:
            token = token if token in edge.reservations else secrets.token_hex(16)
            edge.reservations[token] = host
            tunnel = Tunnel(bind_id, url, proto, host, token, request.get("ForwardsTo", ""), self)
            self.tunnels[bind_id] = edge.tunnels[url] = tunnel
            edge.record("bind", url=url, id=bind_id)
        opts.update(Hostname=host, Subdomain="")
        return {
            "Id": bind_id,
            "URL": "" if error else url,
            "Proto": proto,
            "Opts": opts,
            "Error": error,
            "Extra": {"Token": token, "TunnelID": ""},
        }

    def _refusal(self, url: str, proto: str, host: str) -> tuple[str, str]:
        code = self.edge.fail_bind.take() or ("ERR_NGROK_334" if url in self.edge.tunnels else "")
        if code:
            running = "\n".join(t.url for t in self.tunnels.values())
            return code, error_text(BIND_ERRORS, code, url=url, host=host, tunnels=running)
        if proto not in {"http", "https"}:
            return "", f"The edge emulator does not offer {proto!r} tunnels."
        return "", ""

    def _requested_host(self, opts: dict[str, Any]) -> str:
        # v3 clients use URL or Domain, v2 ones Hostname or Subdomain.
        wanted = opts.get("URL") or opts.get("Domain") or opts.get("Hostname") or ""
        wanted = re.sub(r"^\w+://", "", wanted).split("/")[0].split(":")[0]
        if not wanted and opts.get("Subdomain"):
            wanted = f"{opts['Subdomain']}.{self.edge.domain}"
        return wanted.lower()

    def _unbind(self, request: dict[str, Any]) -> dict[str, Any]:
        bind_id = request.get("Id", "")
        if bind_id not in self.tunnels:
            return {"Error": f"no tunnel {bind_id!r}", "Extra": None}
        # Unlike a lost session, an explicit unbind gives the endpoint up.
        self.edge.reservations.pop(self.tunnels[bind_id].token, None)
        self.edge.record("unbind", url=self.tunnels[bind_id].url)
        self.remove(bind_id)
        return {"Error": "", "Extra": None}

    def remove(self, bind_id: str) -> None:
        """Take an endpoint offline."""
        tunnel = self.tunnels.pop(bind_id)
        if self.edge.tunnels.get(tunnel.url) is tunnel:
            del self.edge.tunnels[tunnel.url]
            self.edge.record("offline", url=tunnel.url)

    async def open_proxy(self, tunnel: Tunnel, client_addr: str) -> MuxStream:
        """Open a stream to the agent that carries one public connection."""
        stream = await self.mux.open(Req.PROXY)
        header = json.dumps(
            {
                "Id": tunnel.id,
                "ClientAddr": client_addr,
                "Proto": tunnel.scheme,
                "EdgeType": "0",
                "PassthroughTLS": False,
            }
        ).encode()
        await stream.write(struct.pack("<q", len(header)) + header)
        return stream

    async def stop(self) -> None:
        """Ask the agent to exit."""
        stream = await self.mux.open(Req.STOP)
        try:
            await stream.write(b"{}\n")
            await asyncio.wait_for(stream.read_json(), 5)
        finally:
            stream.close()
