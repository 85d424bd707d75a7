"""A delivery goes to the app as it came, and the answer comes back as it was given."""

from __future__ import annotations

import asyncio
import errno
from typing import TYPE_CHECKING

import pytest

from hookcli import forwarder as module
from hookcli.delivery import Headers
from hookcli.exchange import KEPT_BODY
from hookcli.forwarder import Forwarder, reachable
from hookcli.routes import endpoint
from tests.apps import HOST, OK, Told, answering, closing, free_port, make_delivery, running

if TYPE_CHECKING:
    from tests.apps import Line


async def test_the_answer_is_handed_back_and_told() -> None:
    """The sender gets it without what is between neighbours; the attempt has all of it."""
    raw = (
        b"HTTP/1.1 201 Created\r\nx-One: \xe9\r\nConnection: keep-alive\r\n"
        b"X-ONE: 2\r\nContent-Length: 4\r\n\r\ndone"
    )
    told = Told()

    async with running(answering(raw)) as app, Forwarder(timeout_s=5) as forwarder:
        sent = await forwarder.send(make_delivery(), app.endpoint, b"{}", relay=told)

    attempt = sent.attempt
    shared = [("x-One", "\xe9"), ("X-ONE", "2"), ("Content-Length", "4")]
    assert (told.status, told.headers, told.start) == (201, Headers(shared), b"done")
    assert told.rest is None
    assert (attempt.kind, attempt.delivery, attempt.endpoint) == ("forward", 7, app.url)
    assert (attempt.status, attempt.body, attempt.error) == (201, b"done", None)
    assert attempt.headers.get("connection") == "keep-alive"
    assert not attempt.body_truncated
    assert attempt.duration_ms > 0
    assert not sent.timed_out


async def test_connections_are_kept_for_the_next_delivery() -> None:
    async with running(answering(OK)) as app, Forwarder(timeout_s=5) as forwarder:
        for _ in range(3):
            await forwarder.send(make_delivery(), app.endpoint, b"{}")

    assert len(app.requests) == 3
    assert app.connections == 1


async def test_a_sender_that_reads_slowly_does_not_hold_the_app_up() -> None:
    """The connection is free again before the sender has its answer."""
    app_is_free: list[int | None] = []

    async with running(answering(OK)) as app, Forwarder(timeout_s=5) as forwarder:

        async def slowly(*_: object) -> None:
            meanwhile = await forwarder.send(make_delivery(), app.endpoint, b"{}")
            app_is_free.append(meanwhile.attempt.status)

        await forwarder.send(make_delivery(), app.endpoint, b"{}", relay=slowly)

    assert app_is_free == [200]
    assert app.connections == 1


async def test_an_app_that_is_down_is_a_failed_attempt() -> None:
    port = free_port()
    told = Told()

    async with Forwarder(timeout_s=5) as forwarder:
        sent = await forwarder.send(make_delivery(), endpoint(str(port)), b"{}", relay=told)

    assert sent.attempt.error == f"Nothing listens on {HOST}:{port}"
    assert sent.attempt.status is None
    assert not sent.timed_out
    assert told.calls == []


async def test_an_app_that_is_too_slow_is_given_up() -> None:
    """What it answers then is not taken for the answer to the next delivery."""
    told = Told()
    go_on = asyncio.Event()

    async def slow(line: Line) -> None:
        first = not app.requests
        await line.request()
        if first:
            await go_on.wait()
        await line.say(OK.replace(b"ok", b"no") if first else OK)

    async with running(slow) as app, Forwarder(timeout_s=0.3) as forwarder:
        late = await forwarder.send(make_delivery(), app.endpoint, b"{}", relay=told)
        go_on.set()
        await app.gone.wait()
        next_ = await forwarder.send(make_delivery(), app.endpoint, b"{}")

    assert late.attempt.error == f"No answer from {HOST}:{app.port} within 0.3 s"
    assert late.timed_out
    assert told.calls == []
    assert next_.attempt.body == b"ok"


async def test_a_large_answer_is_handed_on_as_it_comes() -> None:
    """No more than its beginning is kept."""
    size = 10 << 20

    async def large(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(10):
            await line.say(bytes(1 << 20))

    told = Told()
    async with running(large) as app, Forwarder(timeout_s=5) as forwarder:
        sent = await forwarder.send(make_delivery(), app.endpoint, b"{}", relay=told)

    assert told.rest
    assert len(told.start) + told.rest == size
    assert len(told.start) < 1 << 20
    assert sent.attempt.body == bytes(KEPT_BODY)
    assert sent.attempt.body_truncated
    assert sent.attempt.error is None


async def test_an_answer_that_breaks_off_after_its_beginning_keeps_its_status() -> None:
    """The sender has it already; the attempt says what happened."""
    told = Told()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"

    async with running(closing(head, bytes(100_000))) as app, Forwarder(timeout_s=5) as forwarder:
        sent = await forwarder.send(make_delivery(), app.endpoint, b"{}", relay=told)

    assert told.broke_off
    assert sent.attempt.status == 200
    assert sent.attempt.error == f"{HOST}:{app.port} broke off in the middle of its answer"
    assert not sent.timed_out


async def test_something_that_listens_is_reachable() -> None:
    async with running(answering(OK)) as app:
        assert await reachable(app.endpoint)

    assert not await reachable(app.endpoint)
    assert not await reachable(endpoint("nobody.invalid:80"))


@pytest.mark.parametrize(("number", "there"), [(errno.EMFILE, True), (errno.EHOSTUNREACH, False)])
async def test_an_app_that_cannot_be_looked_for_is_not_missing(
    number: int, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where too much is open here: that says nothing of the app."""

    async def fail(*_: object) -> None:
        raise OSError(number, "What it is")

    monkeypatch.setattr(module, "dial", fail)

    assert await reachable(endpoint("3000")) is there
