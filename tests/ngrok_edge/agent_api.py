"""The v3 look-alike's local API, as far as pyngrok reads it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import secrets
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from tests.ngrok_edge.agent import VERSION, Agent, BindFailedError, Endpoint, log
from tests.ngrok_edge.http1 import MAX_HEAD, BadRequestError, Head, http_response

HAS_ENDPOINTS = tuple(int(part) for part in VERSION.split(".")[:2]) >= (3, 30)
"""Agents before 3.30 have /api/tunnels only."""


class AgentApi:
    """GET, POST /api/endpoints and /api/tunnels; GET, DELETE one by name; GET /api/status."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent

    async def serve(self, web_addr: str) -> None:
        """Listen."""
        host, port = web_addr.rsplit(":", 1)
        await asyncio.start_server(self._connection, host, int(port), limit=MAX_HEAD)
        log("info", "starting web service", obj="web", addr=web_addr, allow_hosts="[]")

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, BadRequestError):
            head = await Head.read(reader)
            if head is not None:
                body = await reader.readexactly(int(head.get("Content-Length") or 0))
                path = unquote(urlsplit(head.target).path)
                status, answer = await self._answer(head.method, path, body)
                text = "" if answer is None else json.dumps(answer) + "\n"
                headers = (("Content-Type", "application/json"),)
                writer.write(http_response(status, text, headers))
        writer.close()

    async def _answer(self, method: str, path: str, body: bytes) -> tuple[str, Any]:
        kinds = "endpoints|tunnels" if HAS_ENDPOINTS else "tunnels"
        match = re.fullmatch(rf"/api/({kinds})(?:/(.+))?", path)
        if path == "/api/status" and method == "GET":
            status = "online" if self.agent.session else "reconnecting"
            return "200 OK", {"status": status, "agent_version": VERSION, "uri": "/api/status"}
        if not match:
            return _error("404 Not Found", 100, "resource not found", path)
        kind, name = match[1], match[2]
        if name is None:
            return await self._all(method, kind, body)
        endpoint = self.agent.endpoints.get(name)
        if endpoint is None:
            return _error("404 Not Found", 100, "tunnel not found", f"no tunnel {name!r}")
        if method == "DELETE":
            await self.agent.unbind(endpoint)
            return "204 No Content", None
        return "200 OK", _describe(kind, endpoint)

    async def _all(self, method: str, kind: str, body: bytes) -> tuple[str, Any]:
        if method == "POST":
            return await self._start(kind, json.loads(body))
        items = [_describe(kind, e) for e in self.agent.endpoints.values()]
        return "200 OK", {kind: items, "uri": f"/api/{kind}"}

    async def _start(self, kind: str, options: dict[str, Any]) -> tuple[str, Any]:
        upstream = (options.get("upstream") or {}).get("url") or str(options.get("addr", "80"))
        if upstream.isdigit():
            upstream = f"localhost:{upstream}"
        if "://" not in upstream:
            upstream = f"http://{upstream}"
        name = options.get("name") or secrets.token_hex(4)
        if name in self.agent.endpoints:
            text = f'a tunnel named "{name}" already exists'
            return _error("400 Bad Request", 102, "invalid tunnel configuration", text)
        url = options.get("url") or options.get("domain") or options.get("hostname") or ""
        endpoint = Endpoint(name, upstream, {"URL": url, "Subdomain": options.get("subdomain", "")})
        try:
            await self.agent.bind(endpoint)
        except (BindFailedError, ConnectionError) as error:
            return _error("502 Bad Gateway", 103, "failed to start tunnel", str(error))
        log("info", "started tunnel", obj="tunnels", name=name, addr=upstream, url=endpoint.url)
        return "201 Created", _describe(kind, endpoint)


def _error(status: str, code: int, message: str, detail: str) -> tuple[str, Any]:
    number = int(status.partition(" ")[0])
    details = {"err": detail}
    answer = {"error_code": code, "status_code": number, "msg": message, "details": details}
    return status, answer


def _describe(kind: str, endpoint: Endpoint) -> dict[str, Any]:
    count = {"count": endpoint.connections, "gauge": 0}
    common = {
        "name": endpoint.name,
        "uri": f"/api/{kind}/{quote(endpoint.name)}",
        "metrics": {"conns": count, "http": count},
    }
    if kind == "endpoints":
        upstream = {"url": endpoint.upstream, "protocol": "http1"}
        return {**common, "url": endpoint.url, "upstream": upstream}
    config = {"addr": endpoint.upstream, "inspect": True}
    proto = urlsplit(endpoint.url).scheme
    return {**common, "public_url": endpoint.url, "proto": proto, "config": config}
