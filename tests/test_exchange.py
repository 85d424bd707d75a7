"""One request and its answer, whatever becomes of the connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookcli.exchange import Exchange
from hookcli.pool import Pool
from tests.apps import HOST, OK, running

if TYPE_CHECKING:
    from tests.apps import App, Line

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"


async def once(pool: Pool) -> Exchange:
    """Make one exchange; return it when it has ended."""
    exchange = Exchange(pool, 5)
    await exchange.start(HEAD, b"{}", bodiless=False)
    await exchange.end()
    return exchange


def pool_to(app: App) -> Pool:
    """Return a pool of connections to an app."""
    return Pool((HOST, app.port), None)


async def test_a_kept_connection_that_the_app_closes_is_no_failure() -> None:
    """The app closed it just as the request went out: that goes out once more."""

    async def once_each(line: Line) -> None:
        await line.request()
        await line.say(OK)
        await line.request()

    async with running(once_each) as app:
        pool = pool_to(app)
        first, second = await once(pool), await once(pool)
        pool.close()

    assert (first.status, second.status) == (200, 200)
    assert second.error is None
    assert app.connections == 2


async def test_a_new_connection_that_the_app_closes_is_a_failure() -> None:
    """It may have done what was asked: it is not asked twice."""

    async def hang_up(line: Line) -> None:
        await line.request()

    async with running(hang_up) as app:
        exchange = await once(pool_to(app))

    assert exchange.status is None
    assert exchange.error == f"{HOST}:{app.port} closed the connection without an answer"
    assert len(app.requests) == 1
