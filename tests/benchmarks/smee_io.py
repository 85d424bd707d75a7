"""Plays smee.io, and the app behind smee-client: a delivery is answered once the app has it."""

from __future__ import annotations

import asyncio
import json
import sys

from aiohttp import web

PATIENCE_S = 10


class Channel:
    """One channel: events go out to its one client, which posts them to the app."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[bytes] = asyncio.Queue()
        self.under_way: dict[str, asyncio.Event] = {}

    async def take(self, request: web.Request) -> web.Response:
        """Make an event of a delivery, as smee.io does; wait until the app has it."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        event = {**headers, "body": await request.json(), "query": dict(request.query)}
        done = self.under_way[headers["x-github-delivery"]] = asyncio.Event()
        self.events.put_nowait(b"data: " + json.dumps(event).encode() + b"\n\n")
        await asyncio.wait_for(done.wait(), PATIENCE_S)
        return web.Response(status=204)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send the events."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"event: ready\ndata: {}\n\n")
        while True:
            await response.write(await self.events.get())

    async def app(self, request: web.Request) -> web.Response:
        """Read, and say nothing."""
        await request.read()
        self.under_way.pop(request.headers["x-github-delivery"]).set()
        return web.Response(status=204)


def main() -> None:
    """Serve on the port of the command line until interrupted."""
    channel = Channel()
    app = web.Application(client_max_size=1 << 30)
    app.add_routes(
        [
            web.get("/channel", channel.stream),
            web.post("/app", channel.app),
            web.post("/github", channel.take),
        ]
    )
    web.run_app(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        access_log=None,
        print=None,
        shutdown_timeout=0.1,
    )


if __name__ == "__main__":
    main()
