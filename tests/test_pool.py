"""Connections to an app are kept, and not for longer than they are good."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hookcli import pool as module
from hookcli.pool import Pool
from tests.apps import HOST, OK, answering, closing, free_port, running, silent
from tests.senders import until

if TYPE_CHECKING:
    from hookcli.pool import Connection
    from tests.apps import Line

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def ask(connection: Connection) -> bytes:
    """Send a request; return the body of the answer."""
    connection.expect(bodiless=False)
    connection.write(GET)
    _, content = await connection.answer()
    return await content.read()


async def test_a_connection_that_is_given_back_is_taken_again() -> None:
    async with running(answering(OK)) as app:
        pool = Pool((HOST, app.port), None)
        first = await pool.take()
        assert await ask(first) == b"ok"
        pool.give(first, keep=True)
        again = await pool.take()

        assert again is first
        assert again.reused
        assert await ask(again) == b"ok"
        pool.give(again, keep=True)
        pool.close()


async def test_a_connection_that_the_app_closes_is_not_taken_again() -> None:
    async with running(closing(OK)) as app:
        pool = Pool((HOST, app.port), None)
        first = await pool.take()
        assert await ask(first) == b"ok"
        pool.give(first, keep=True)
        await until(lambda: not first.is_connected())
        again = await pool.take()

        assert await ask(again) == b"ok"
        pool.give(again, keep=False)
        pool.close()


async def test_a_fresh_connection_can_be_asked_for() -> None:
    async with running(answering(OK)) as app:
        pool = Pool((HOST, app.port), None)
        first = await pool.take()
        await ask(first)
        pool.give(first, keep=True)
        fresh = await pool.take(fresh=True)

        assert fresh is not first
        assert not fresh.reused
        pool.give(fresh, keep=False)
        pool.close()


async def test_an_answer_that_is_still_to_come_spoils_the_connection() -> None:
    """It would be taken for the answer to the next request."""
    async with running(silent) as app:
        pool = Pool((HOST, app.port), None)
        first = await pool.take()
        first.expect(bodiless=False)
        first.write(GET)
        await until(lambda: bool(app.requests))
        pool.give(first, keep=True)
        again = await pool.take()

        assert again is not first
        pool.give(again, keep=False)


async def test_an_answer_that_was_not_read_spoils_the_connection() -> None:
    """The next one would get the rest of it."""
    async with running(answering(OK.replace(b"2", b"9") + b"123", OK)) as app:
        pool = Pool((HOST, app.port), None)
        first = await pool.take()
        first.expect(bodiless=False)
        first.write(GET)
        await first.answer()
        pool.give(first, keep=True)
        again = await pool.take()

        assert again is not first
        pool.give(again, keep=False)
        pool.close()


async def test_a_request_that_has_not_gone_out_spoils_the_connection() -> None:
    """An app may answer before it has read all, and the next one would wait behind the rest."""

    async def hasty(line: Line) -> None:
        await line.reader.readexactly(1)
        await line.say(OK)
        await over.wait()

    over = asyncio.Event()
    async with running(hasty) as app:
        pool = Pool((HOST, app.port), None)
        first = await pool.take()
        first.expect(bodiless=False)
        first.write(bytes(16 << 20))
        await first.answer()
        pool.give(first, keep=True)
        again = await pool.take()
        over.set()

        assert again is not first
        pool.give(again, keep=False)


async def test_what_an_app_says_unasked_spoils_the_connection() -> None:
    """`408 Request Timeout`, say, before it closes: that is no answer to what comes next."""

    async def unasked(line: Line) -> None:
        await line.request()
        await line.say(OK)
        await go_on.wait()
        await line.say(OK)
        await line.request()

    go_on = asyncio.Event()
    async with running(unasked) as app:
        pool = Pool((HOST, app.port), None)
        first = await pool.take()
        await ask(first)
        pool.give(first, keep=True)
        go_on.set()
        await until(lambda: first.should_close)
        again = await pool.take()

        assert again is not first
        pool.give(again, keep=False)
        pool.close()


async def test_connections_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IDLE_S", 0.01)

    async with running(answering(OK)) as app:
        pool = Pool((HOST, app.port), None)
        both = [await pool.take(), await pool.take()]
        for connection in both:
            await ask(connection)
            pool.give(connection, keep=True)
        await until(lambda: not any(connection.is_connected() for connection in both))

    assert app.connections == 2


async def test_only_so_many_connections_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes later waits for one."""
    monkeypatch.setattr(module, "_AT_ONCE", 1)

    async with running(answering(OK)) as app:
        pool = Pool((HOST, app.port), None)
        first = await pool.take()
        second = asyncio.ensure_future(pool.take())
        await asyncio.sleep(0)
        assert not second.done()

        pool.give(first, keep=False)
        pool.give(await second, keep=False)


async def test_what_cannot_be_connected_takes_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 1)
    pool = Pool((HOST, free_port()), None)

    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            await pool.take()


async def test_nothing_is_kept_once_the_pool_is_closed() -> None:
    """A send that was under way then gives its connection back later."""
    async with running(answering(OK)) as app:
        pool = Pool((HOST, app.port), None)
        first = await pool.take()
        await ask(first)
        pool.close()
        pool.give(first, keep=True)

        assert not first.is_connected()
