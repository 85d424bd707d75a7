"""Baseline B: a bare aiohttp application that reads the body and answers 204."""

from __future__ import annotations

import sys

from aiohttp import web


async def answer(request: web.Request) -> web.Response:
    """Read, and say nothing."""
    await request.read()
    return web.Response(status=204)


def main() -> None:
    """Serve on the port of the command line until interrupted."""
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{path:.*}", answer)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
