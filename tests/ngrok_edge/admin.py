"""The edge's knobs and state over HTTP, for a person with curl."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.ngrok_edge.http1 import BadRequestError, Head, http_response

if TYPE_CHECKING:
    import asyncio

    from tests.ngrok_edge.edge import NgrokEdge


async def serve_admin(
    edge: NgrokEdge, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer one admin request."""
    try:
        head = await Head.read(reader)
    except BadRequestError as error:
        writer.write(http_response("400 Bad Request", f"{error}\n"))
        return
    if head is None:
        return
    parts = urlsplit(head.target)
    query = {k: v[-1] for k, v in parse_qs(parts.query).items()}
    try:
        answer = await _act(edge, f"{head.method} {parts.path}", query)
    except KeyError:
        writer.write(http_response("404 Not Found", "unknown admin request\n"))
        return
    body = json.dumps(answer, indent=2) + "\n"
    writer.write(http_response("200 OK", body, (("Content-Type", "application/json"),)))


async def _act(edge: NgrokEdge, action: str, query: dict[str, str]) -> dict[str, Any]:
    code, times = query.get("code"), int(query["times"]) if "times" in query else None
    match action:
        case "GET /state":
            return edge.state()
        case "POST /drop":
            return {"dropped": edge.drop_sessions(query.get("mode", "abort"))}
        case "POST /stop":
            return {"stopped": await edge.stop_agents()}
        case "POST /fail-auth":
            edge.fail_auth.set(code, times)
        case "POST /fail-bind":
            edge.fail_bind.set(code, times)
        case "POST /pause" | "POST /stall" | "POST /resume":
            edge.paused = action == "POST /pause"
            edge.stalled = action == "POST /stall"
        case _:
            raise KeyError(action)
    return {"ok": True}
