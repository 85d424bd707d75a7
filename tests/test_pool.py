"""Connections to an app are kept, and not for longer than they are good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookcli.pool import Pool
from tests.apps import HOST, OK, answering, closing, running
from tests.senders import until

if TYPE_CHECKING:
    from hookcli.pool import Connection

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
