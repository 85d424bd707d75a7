"""Baseline of goal 11: a bare aiohttp pass-through, which keeps nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from aiohttp import ClientSession, DummyCookieJar, web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SESSION = web.AppKey("session", ClientSession)


async def session(app: web.Application) -> AsyncIterator[None]:
    """Keep one session, and its connections."""
    async with ClientSession(auto_decompress=False, cookie_jar=DummyCookieJar()) as opened:
        app[SESSION] = opened
        yield


async def pass_on(request: web.Request) -> web.Response:
    """Send what came to the app; answer what the app does."""
    async with request.app[SESSION].request(
        request.method,
        f"http://127.0.0.1:{sys.argv[2]}{request.raw_path}",
        headers=request.headers,
        data=await request.read(),
        allow_redirects=False,
    ) as answer:
        body = await answer.read()
        return web.Response(status=answer.status, headers=answer.headers, body=body)


def main() -> None:
    """Serve on the first port of the command line, in front of the second, until interrupted."""
    app = web.Application(client_max_size=1 << 30)
    app.cleanup_ctx.append(session)
    app.router.add_route("*", "/{path:.*}", pass_on)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
