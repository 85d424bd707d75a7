"""The v3 look-alike's session with the edge, and its proxying to the local service."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import os
import platform
import re
import secrets
import ssl
import struct
import sys
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.ngrok_edge.http1 import http_response
from tests.ngrok_edge.muxado import MuxSession, MuxStream
from tests.ngrok_edge.protocol import Req

VERSION = os.environ.get("FAKE_NGROK_VERSION", "3.30.0")
BACKOFF_MIN, BACKOFF_MAX = 0.5, 30.0


def log(level: str, message: str, **fields: str) -> None:
    """Print one logfmt line, quoted as the agent quotes."""
    now = dt.datetime.now().astimezone().strftime("%Y-%m-%dT%H:%M:%S%z")
    parts = [f"t={now}", f"lvl={level}"]
    for key, value in {"msg": message, **fields}.items():
        quoted = json.dumps(value, ensure_ascii=False)
        parts.append(f"{key}={quoted if re.search(r'[^!-~]', value) or '=' in value else value}")
    sys.stdout.write(" ".join(parts) + "\n")
    sys.stdout.flush()


class AuthFailedError(Exception):
    """The edge refused us. Final for an agent that was never connected, as for the real one."""


class BindFailedError(Exception):
    """The edge refused to open an endpoint."""


@dataclass
class Endpoint:
    """An endpoint that was asked for."""

    name: str
    upstream: str
    opts: dict[str, Any]
    """What to ask the edge for, and after a bind what it gave."""
    id: str = ""
    url: str = ""
    token: str = ""
    connections: int = 0


class Agent:
    """A session with the edge that is kept up, and the endpoints on it."""

    def __init__(
        self, *, authtoken: str, address: str, cas: str, heartbeat: tuple[float, float]
    ) -> None:
        self.authtoken, self.address, self.cas = authtoken, address, cas
        self.interval_s, self.tolerance_s = heartbeat
        self.endpoints: dict[str, Endpoint] = {}
        self.session: MuxSession | None = None
        self.client_id = ""
        self.stopped = asyncio.Event()

    async def keep_connected(self) -> None:
        """Connect, and reconnect for ever. Raises AuthFailedError if refused at first."""
        delay = BACKOFF_MIN
        while True:
            try:
                reader, writer = await self._dial()
            except OSError as error:
                log("eror", "failed to reconnect session", obj="csess", err=self._dialled(error))
            else:
                if await self._live(reader, writer):
                    delay = BACKOFF_MIN
                    continue
            await asyncio.sleep(delay)
            delay = min(delay * 2, BACKOFF_MAX)

    async def _live(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Use one connection to its end; True where it was a session for a while."""
        session = MuxSession(reader, writer, self._on_stream, client=True)
        running = asyncio.ensure_future(session.run())
        beating = asyncio.ensure_future(self._heartbeat(session))
        try:
            await self._auth(session)
            for endpoint in self.endpoints.values():
                await self._bind(session, endpoint)
            self.session = session
            log("info", "client session established", obj="tunnels.session")
            log("info", "tunnel session started", obj="tunnels.session")
            await running
        except (ConnectionError, AuthFailedError, BindFailedError, ValueError) as error:
            if isinstance(error, AuthFailedError) and not self.client_id:
                raise
            log("eror", "failed to reconnect session", obj="csess", err=str(error))
            return False
        finally:
            self.session = None
            session.close()
            beating.cancel()
            running.cancel()
        why = "session closed"
        log("eror", "session closed, starting reconnect loop", obj="csess", err=why)
        return True

    def _dialled(self, error: OSError) -> str:
        reason = os.strerror(error.errno).lower() if error.errno else str(error)
        return (
            f'failed to dial ngrok server with address "{self.address}": '
            f"dial tcp {self.address}: connect: {reason}"
        )

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        context = ssl.create_default_context(cafile=self.cas)
        host, port = self.address.rsplit(":", 1)
        return await asyncio.open_connection(host, int(port), ssl=context)

    async def _rpc(self, session: MuxSession, kind: int, request: Any) -> Any:
        stream = await session.open(kind)
        try:
            await stream.write(json.dumps(request).encode() + b"\n")
            return await stream.read_json()
        finally:
            stream.write_eof()
            stream.close()

    async def _auth(self, session: MuxSession) -> None:
        extra = {
            "OS": "linux",
            "Arch": platform.machine(),
            "Authtoken": self.authtoken,
            "Version": VERSION,
            "ClientType": "ngrok-agent",
        }
        request = {"Version": ["3", "2"], "ClientId": self.client_id, "Extra": extra}
        answer = await self._rpc(session, Req.AUTH, request)
        if answer["Error"]:
            raise AuthFailedError(f"authentication failed: {answer['Error']}")
        self.client_id = answer["ClientId"]

    async def bind(self, endpoint: Endpoint) -> None:
        """Open an endpoint. Raises BindFailedError."""
        if self.session is None:
            raise BindFailedError("an ngrok tunnel session has not yet been established")
        await self._bind(self.session, endpoint)
        self.endpoints[endpoint.name] = endpoint

    async def _bind(self, session: MuxSession, endpoint: Endpoint) -> None:
        request = {
            "Id": endpoint.id,
            "Proto": urlsplit(endpoint.opts.get("URL", "")).scheme or "https",
            "ForwardsTo": endpoint.upstream,
            "Opts": endpoint.opts,
            "Extra": {"Token": endpoint.token, "Name": endpoint.name},
        }
        answer = await self._rpc(session, Req.BIND, request)
        if answer["Error"]:
            raise BindFailedError(answer["Error"])
        endpoint.id, endpoint.url = answer["Id"], answer["URL"]
        endpoint.opts, endpoint.token = answer["Opts"], answer["Extra"]["Token"]

    async def unbind(self, endpoint: Endpoint) -> None:
        """Close an endpoint."""
        del self.endpoints[endpoint.name]
        if self.session:
            await self._rpc(self.session, Req.UNBIND, {"Id": endpoint.id})

    async def _heartbeat(self, session: MuxSession) -> None:
        with contextlib.suppress(ConnectionError):
            stream = await session.open(Req.HEARTBEAT)
            while True:
                await asyncio.sleep(self.interval_s)
                await stream.write(secrets.token_bytes(4))
                try:
                    await asyncio.wait_for(stream.readexactly(4), self.tolerance_s)
                except TimeoutError:
                    log("eror", "heartbeat timeout, terminating session", obj="tunnels.session")
                    session.close()
                    return

    async def _on_stream(self, kind: int, stream: MuxStream) -> None:
        if kind == Req.PROXY:
            await self._proxy(stream)
        elif kind == Req.STOP:
            await stream.read_json()
            await stream.write(json.dumps({"Error": ""}).encode())
            stream.write_eof()
            # The answer has to get out before we go.
            await asyncio.sleep(0.1)
            self.stopped.set()

    async def _proxy(self, stream: MuxStream) -> None:
        (size,) = struct.unpack("<q", await stream.readexactly(8))
        header = json.loads(await stream.readexactly(size))
        endpoint = next((e for e in self.endpoints.values() if e.id == header["Id"]), None)
        if endpoint is None:
            return
        log("info", "join connections", obj="join", l=endpoint.upstream, r=header["ClientAddr"])
        endpoint.connections += 1
        target = urlsplit(endpoint.upstream)
        try:
            reader, writer = await asyncio.open_connection(target.hostname, target.port or 80)
        except OSError as error:
            text = f"dial tcp {target.netloc}: {error}\r\n\r\nERR_NGROK_8012\r\n"
            headers = (("Content-Type", "text/plain"), ("Ngrok-Error-Code", "ERR_NGROK_8012"))
            await stream.write(http_response("502 Bad Gateway", text, headers))
            stream.write_eof()
            await _discard(stream)
            return
        uploading = asyncio.ensure_future(_upload(stream, writer))
        try:
            while chunk := await reader.read(64 * 1024):
                await stream.write(chunk)
            stream.write_eof()
            await _discard(stream)
        finally:
            uploading.cancel()
            writer.close()


async def _upload(stream: MuxStream, writer: asyncio.StreamWriter) -> None:
    while chunk := await stream.read():
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def _discard(stream: MuxStream) -> None:
    """Take what the edge still sends for a moment, so that it sees our answer, not a reset."""
    with contextlib.suppress(TimeoutError):
        while await asyncio.wait_for(stream.read(), 1):
            continue
