"""What goes wrong on the way to an app and back is a clear answer, and nothing is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hookcli import connections
from hookcli import listener as module
from hookcli.delivery import HELD_BODY
from hookcli.errors import HookError
from hookcli.stores.memory import MemoryStore
from tests.apps import OK, answering, closing, free_port, running, silent
from tests.senders import attempted, listening, peak, post, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookcli.delivery import Attempt
    from tests.apps import Line, Talk

MIB = 1 << 20


async def endless(line: Line) -> None:
    """Begin to answer, and never end."""
    await line.request()
    await line.say(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await line.say(b"x" * 65_536)


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ((), "closed the connection without an answer"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",), "in the middle of its answer"),
        ((b"SSH-2.0-OpenSSH_9.2\r\n",), "did not answer in HTTP"),
        ((b"HTTP/1.1 000 No\r\nContent-Length: 0\r\n\r\n",), "HTTP: Its status is 000"),
        ((b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",), "101"),
    ],
)
async def test_an_app_that_answers_wrongly_is_a_502(pieces: tuple[bytes, ...], said: str) -> None:
    """The cause goes to the sender, and is kept."""
    async with running(closing(*pieces)) as app, listening(forward=[app.url]) as listener:
        got = await listener.say(post())
        attempt = await attempted(listener)

    assert got.status == attempt.status == 502
    assert said in (attempt.error or "")
    assert got.body.decode() == f"hookcli: {attempt.error}\n"


async def test_an_app_that_is_not_there_is_a_502() -> None:
    port = free_port()

    async with listening(forward=[str(port)]) as listener:
        got = await listener.say(post())
        attempt = await attempted(listener)
        counted = listener.total.failed

    assert got.status == attempt.status == 502
    assert attempt.error == f"Nothing listens on 127.0.0.1:{port}"
    assert counted == 1


async def test_an_app_that_takes_too_long_is_a_504() -> None:
    """After 100 ms the person is told that it lets wait for it."""
    async with running(silent) as app, listening(forward=[app.url], timeout_s=0.2) as listener:
        got = await listener.say(post())
        attempt = await attempted(listener)

    assert got.status == attempt.status == 504
    assert "within 0.2 s" in (attempt.error or "")
    assert listener.late == [(1, app.url)]


async def test_an_app_that_breaks_off_late_breaks_the_answer_off() -> None:
    """The status has gone out: the sender sees that the end is missing, and why is kept."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n"

    async with running(closing(head, b"x" * 300_000)) as app, listening(forward=[app.url]) as own:
        async with await own.connect() as sender:
            await sender.send(post())
            came = await sender.rest()
        attempt = await attempted(own)
        counted = own.total.failed

    assert came.startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(came) < 900_000
    assert (attempt.status, counted) == (200, 1)
    assert "broke off in the middle" in (attempt.error or "")


async def test_an_endless_answer_ends_with_the_time_for_it() -> None:
    """However fast it comes."""
    async with running(endless) as app, listening(forward=[app.url], timeout_s=0.3) as listener:
        async with await listener.connect() as sender:
            await sender.send(post())
            before = peak()
            while await sender.reader.read(MIB):
                continue
        attempt = await attempted(listener)
        await until(app.gone.is_set)

    assert "did not end within 0.3 s" in (attempt.error or "")
    assert peak() - before < 16 * MIB


async def test_a_sender_that_goes_away_stops_the_app() -> None:
    """Nobody reads what it would go on to say."""
    async with running(endless) as app, listening(forward=[app.url]) as listener:
        async with await listener.connect() as sender:
            await sender.send(post())
            await sender.reader.readuntil(b"\r\n\r\n")
        await until(app.gone.is_set)
        attempt = await attempted(listener)

    assert attempt.status == 200


async def test_a_sender_that_does_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would hold one of the app's connections for ever."""
    monkeypatch.setattr(connections, "_UNREAD_S", 0.1)
    piece = b"x" * MIB
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (100 * MIB)

    async with (
        running(closing(head, *[piece] * 100)) as app,
        listening(forward=[app.url]) as listener,
        await listener.connect() as sender,
    ):
        await sender.send(post())
        await until(app.gone.is_set)
        attempt = await attempted(listener)

    assert attempt.status == 200


@pytest.mark.parametrize(
    ("talk", "came", "status"),
    [
        (silent, b"HTTP/1.1 502 Bad Gateway\r\n", 502),
        (endless, b"HTTP/1.1 200 OK\r\n", 200),
    ],
)
async def test_what_is_under_way_at_the_end_is_told_and_kept(
    monkeypatch: pytest.MonkeyPatch, talk: Talk, came: bytes, status: int
) -> None:
    """The end does not wait for ever for an app, and does not leave its answer open either."""
    monkeypatch.setattr(module, "_DRAIN_S", 0.02)

    async with running(talk) as app, listening(forward=[app.url]) as own:
        async with await own.connect() as sender:
            await sender.send(post())
            await until(lambda: bool(app.requests))
            reading = asyncio.ensure_future(sender.rest())
            await own.listener.stop()
            answer = await reading
        attempt = await attempted(own)

    assert answer.startswith(came)
    assert attempt.status == status
    assert attempt.error == f"hookcli ended before the end of the answer from {app.endpoint.host}"


class Unreadable(MemoryStore):
    """A store whose large bodies are gone."""

    async def body(self, delivery: int) -> AsyncIterator[bytes]:
        """Fail."""
        raise HookError(f"{delivery} cannot be read", "Look at the disk")
        yield b""


@pytest.mark.parametrize("size", [HELD_BODY + 1, 64 * 1024 + 1])
async def test_a_body_that_cannot_be_read_again_is_told(size: int) -> None:
    """The delivery is kept, the sender is told, the person too.

    Read again is all that is not small: many senders may wait for an app that hangs.
    """
    content = b"x" * size

    async with (
        running(answering(OK)) as app,
        listening(store=Unreadable(), forward=[app.url]) as listener,
    ):
        got = await listener.say(post(content))

    assert got.status == 502
    assert listener.notices.lines == ["#1 was not forwarded: 1 cannot be read"]


class Full(MemoryStore):
    """A store that takes deliveries, and then no attempts."""

    async def append_attempt(self, attempt: Attempt) -> int:
        """Fail."""
        raise HookError(f"No room for {attempt.kind}", "Free some space")


async def test_an_answer_that_cannot_be_stored_reaches_its_sender_all_the_same() -> None:
    async with (
        running(answering(OK)) as app,
        listening(store=Full(), forward=[app.url]) as listener,
    ):
        got = await listener.say(post())
        lines = await listener.notices.until(1)

    assert got.body == b"ok"
    assert lines == ["The answer to #1 is not stored: No room for forward"]
