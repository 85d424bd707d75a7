"""One request and its answer, whatever becomes of the connection."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hookcli.errors import HookError
from hookcli.exchange import KEPT_BODY, Exchange
from hookcli.pool import Pool
from tests.apps import HOST, OK, answering, running, silent
from tests.senders import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookcli.exchange import Body
    from tests.apps import App, Line, Talk

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"


def pool_to(app: App) -> Pool:
    """Return a pool of connections to an app."""
    return Pool((HOST, app.port), None)


async def once(pool: Pool, body: Body = b"{}") -> Exchange:
    """Make one exchange; return it when it has ended."""
    exchange = Exchange(pool, 5)
    try:
        await exchange.start(HEAD, body, bodiless=False)
    finally:
        await exchange.end()
    return exchange


async def braces() -> AsyncIterator[bytes]:
    """Yield a body piece by piece."""
    yield b"{"
    yield b"}"


def second_time(*, reset: bool) -> Talk:
    """Answer the first request of each connection; end it without a word at the second."""

    async def talk(line: Line) -> None:
        await line.request()
        await line.say(OK)
        await line.request()
        if reset:
            line.reset()

    return talk


@pytest.mark.parametrize("body", [b"{}", braces])
@pytest.mark.parametrize("reset", [True, False])
async def test_a_kept_connection_that_the_app_closes_is_no_failure(body: Body, reset: bool) -> None:
    """The app closed it just as the request went out: that goes out once more, whole."""
    async with running(second_time(reset=reset)) as app:
        pool = pool_to(app)
        first, second = await once(pool, body), await once(pool, body)
        pool.close()

    assert (first.status, second.status) == (200, 200)
    assert second.error is None
    assert app.connections == 2
    assert app.requests == [HEAD + b"{}"] * 3


async def test_a_new_connection_that_the_app_closes_is_a_failure() -> None:
    """It may have done what was asked: it is not asked twice."""

    async def hang_up(line: Line) -> None:
        await line.request()

    async with running(hang_up) as app:
        exchange = await once(pool_to(app))

    assert exchange.status is None
    assert exchange.error == f"{HOST}:{app.port} closed the connection without an answer"
    assert len(app.requests) == 1


async def test_a_kept_connection_on_which_an_answer_began_is_not_tried_again() -> None:
    async def half(line: Line) -> None:
        await line.request()
        await line.say(OK)
        await line.request()
        await line.say(OK[:20])

    async with running(half) as app:
        pool = pool_to(app)
        await once(pool)
        exchange = await once(pool)

    assert exchange.error == f"{HOST}:{app.port} broke off in the middle of its answer"
    assert len(app.requests) == 2


async def test_a_request_goes_out_again_only_once() -> None:
    """Then the app is at fault."""
    answers = [OK]

    async def dying(line: Line) -> None:
        while True:
            await line.request()
            if not answers:
                return
            await line.say(answers.pop())

    async with running(dying) as app:
        pool = pool_to(app)
        await once(pool)
        exchange = await once(pool)

    assert exchange.error == f"{HOST}:{app.port} closed the connection without an answer"
    assert len(app.requests) == 3


async def test_a_request_that_the_app_has_worked_on_does_not_go_out_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever closes later than a connection takes to be closed has had it in hand."""
    monkeypatch.setattr("hookcli.exchange._CROSSED_S", 0)
    async with running(second_time(reset=False)) as app:
        pool = pool_to(app)
        await once(pool)
        exchange = await once(pool)
        pool.close()

    assert exchange.error == f"{HOST}:{app.port} closed the connection without an answer"
    assert len(app.requests) == 2


async def test_an_app_that_a_request_has_ended_is_not_said_to_be_missing() -> None:
    """It was there: what is told is how it went."""
    async with running(second_time(reset=True)) as app:
        pool = pool_to(app)
        await once(pool)
        pool.address = (HOST, 1)  # where nothing listens, as on a port that is let go
        exchange = await once(pool)
        pool.close()

    assert exchange.error == f"{HOST}:1 closed the connection without an answer"
    assert len(app.requests) == 2


@pytest.mark.parametrize("size", [KEPT_BODY - 1, KEPT_BODY, KEPT_BODY + 1, 5 * KEPT_BODY])
async def test_an_answer_up_to_what_is_kept_is_whole_at_once(size: int) -> None:
    """Of a larger one the rest is yielded."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size

    async with running(answering(head + bytes(size))) as app:
        exchange = Exchange(pool_to(app), 5)
        start = await exchange.start(HEAD, b"{}", bodiless=False)
        whole = exchange.whole
        rest = [piece async for piece in exchange.rest()]
        await exchange.end()

    assert len(start) + sum(map(len, rest)) == size
    assert whole or size > KEPT_BODY
    assert whole == (not rest)


async def test_a_body_that_cannot_be_read_is_no_failure_of_the_app() -> None:
    """The store failed: that is raised, and the app gets no more of it."""

    async def unreadable() -> AsyncIterator[bytes]:
        yield b"{"
        raise HookError("The disk is gone", "Look for it")

    async with running(silent) as app:
        with pytest.raises(HookError):
            await once(pool_to(app), unreadable)
        await app.gone.wait()

    assert app.requests == []


async def test_an_exchange_that_is_given_up_ends_the_connection() -> None:
    async with running(silent) as app:
        exchange = asyncio.ensure_future(once(pool_to(app), braces))
        await until(lambda: bool(app.requests))
        exchange.cancel()
        with pytest.raises(asyncio.CancelledError):
            await exchange
        await app.gone.wait()
