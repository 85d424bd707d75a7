"""What an app answers reaches the sender as it is; what it does wrong becomes a clear answer."""

from __future__ import annotations

import asyncio
import resource
import sys
from typing import TYPE_CHECKING

import pytest

from hookcli.delivery import HELD_BODY, Attempt
from hookcli.errors import HookError
from hookcli.stores.memory import MemoryStore
from tests.apps import OK, answering, closing, free_port, running, silent
from tests.senders import chunked, listening, post, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.apps import Line
    from tests.senders import Running

MIB = 1 << 20


async def attempted(listener: Running) -> Attempt:
    """Wait for the attempt at the first delivery, and return it."""
    async with asyncio.timeout(5):
        async for page in await listener.store.follow("0"):
            for entry in page.entries:
                if isinstance(entry, Attempt):
                    return entry
    raise AssertionError


async def test_the_sender_gets_what_the_app_answers() -> None:
    """Status, headers in their spelling, and body: nothing is added, nothing missing."""
    answer = b"HTTP/1.1 202 Fine\r\nx-ODD: \xe9\r\nX-Odd: 2\r\nContent-Length: 4\r\n\r\ndone"

    async with running(answering(answer)) as app, listening(forward=[app.url]) as listener:
        got = await listener.say(post(b"{}", path="/hook?a=%2F"))
        attempt = await attempted(listener)

    assert got.head == (
        "HTTP/1.1 202 Accepted\r\nx-ODD: \xe9\r\nX-Odd: 2\r\nContent-Length: 4\r\n\r\n"
    )
    assert got.body == b"done"
    assert app.requests[0].startswith(b"POST /hook?a=%2F HTTP/1.1\r\n")
    assert (attempt.kind, attempt.endpoint, attempt.status) == ("forward", app.url, 202)
    assert (attempt.body, attempt.error) == (b"done", None)


async def test_a_delivery_is_kept_before_the_app_hears_of_it() -> None:
    """What it does with it cannot lose it."""
    kept = []

    async def look(line: Line) -> None:
        await line.request()
        kept.append(await listener.store.get(1))
        await line.say(OK)

    async with running(look) as app, listening(forward=[app.url]) as listener:
        await listener.say(post(b"{}"))

    assert [delivery and delivery.body for delivery in kept] == [b"{}"]


async def test_what_no_route_takes_gets_the_built_in_answer() -> None:
    """The most particular path wins, by whole segments."""
    shop = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nshop"
    bank = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbank"

    async with (
        running(answering(shop)) as one,
        running(answering(bank)) as two,
        listening(forward=[f"/pay={one.url}", f"/pay/bank={two.url}"]) as listener,
    ):
        paths = ("/pay", "/pay/bank/x", "/payment", "/")
        bodies = [(await listener.say(post(path=path))).body for path in paths]

    assert bodies == [b"shop", b"bank", b"ok", b"ok"]


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ((), "closed the connection without an answer"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",), "in the middle of its answer"),
        ((b"SSH-2.0-OpenSSH_9.2\r\n",), "did not answer in HTTP"),
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


async def test_a_large_answer_is_passed_on_as_it_comes() -> None:
    """Neither side's megabytes are held; the beginning is kept."""
    piece = bytes(range(256)) * 256
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (100 * MIB)

    async with (
        running(closing(head, *[piece] * 1600)) as app,
        listening(forward=[app.url]) as listener,
        await listener.connect() as sender,
    ):
        before = peak()
        await sender.send(post())
        await sender.reader.readuntil(b"\r\n\r\n")
        size = 0
        while size < 100 * MIB:
            size += len(await sender.reader.read(MIB))
        attempt = await attempted(listener)

    assert (len(attempt.body), attempt.body_truncated, attempt.error) == (64 * 1024, True, None)
    assert peak() - before < 16 * MIB


async def test_an_answer_without_a_length_goes_on_in_chunks() -> None:
    """Where it is large; a sender of HTTP/1.0 sees its end by the end of the connection."""
    content = b"x" * 200_000
    app_says = closing(b"HTTP/1.1 200 OK\r\n\r\n", content)

    async with running(app_says) as app, listening(forward=[app.url]) as listener:
        async with await listener.connect() as sender:
            await sender.send(b"POST / HTTP/1.0\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            plain = await sender.rest()
        async with await listener.connect() as sender:
            await sender.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            raw = b""
            while not raw.endswith(b"\r\n0\r\n\r\n"):
                raw += await sender.reader.read(MIB)

    assert plain == b"HTTP/1.1 200 OK\r\n\r\n" + content
    head, _, rest = raw.partition(b"\r\n\r\n")
    assert head == b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"
    assert rest.count(b"x") == len(content)


async def test_an_app_that_breaks_off_late_breaks_the_answer_off() -> None:
    """The status has gone out: the sender sees that the end is missing, and why is kept."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n"

    async with running(closing(head, b"x" * 300_000)) as app, listening(forward=[app.url]) as own:
        async with await own.connect() as sender:
            await sender.send(post())
            came = await sender.rest()
        attempt = await attempted(own)

    assert came.startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(came) < 900_000
    assert attempt.status == 200
    assert "broke off in the middle" in (attempt.error or "")


async def test_an_endless_answer_ends_with_the_time_for_it() -> None:
    """However fast it comes."""

    async def endless(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await line.say(b"x" * 65_536)

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

    async def endless(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await line.say(b"x" * 65_536)

    async with running(endless) as app, listening(forward=[app.url]) as listener:
        async with await listener.connect() as sender:
            await sender.send(post())
            await sender.reader.readuntil(b"\r\n\r\n")
        await until(app.gone.is_set)
        attempt = await attempted(listener)

    assert attempt.status == 200


async def test_a_large_delivery_is_read_from_the_store() -> None:
    """All of it arrives, with its length, whether it came in chunks or not."""
    content = bytes(range(251)) * 12_000

    async with running(answering(OK)) as app, listening(forward=[app.url]) as listener:
        got = await listener.say(chunked(content[:1_000_000], content[1_000_000:]))

    head, _, body = app.requests[0].partition(b"\r\n\r\n")
    assert got.status == 200
    assert body == content
    assert b"Content-Length: %d" % len(content) in head
    assert b"Transfer-Encoding" not in head


class Unreadable(MemoryStore):
    """A store whose large bodies are gone."""

    async def body(self, delivery: int) -> AsyncIterator[bytes]:
        """Fail."""
        raise HookError(f"{delivery} cannot be read", "Look at the disk")
        yield b""


async def test_a_body_that_cannot_be_read_again_is_told() -> None:
    """The delivery is kept, the sender is told, the person too."""
    content = b"x" * (HELD_BODY + 1)

    async with (
        running(answering(OK)) as app,
        listening(store=Unreadable(), forward=[app.url]) as listener,
    ):
        got = await listener.say(post(content))

    assert got.status == 502
    assert listener.notices.lines == ["#1 was not forwarded: 1 cannot be read"]


class Full(MemoryStore):
    """A store that takes deliveries, and then no attempts."""

    async def append_attempt(self, attempt: Attempt) -> Attempt:
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


async def test_one_connection_serves_many_deliveries() -> None:
    """On both sides."""
    async with (
        running(answering(OK)) as app,
        listening(forward=[app.url]) as listener,
        await listener.connect() as sender,
    ):
        for _ in range(3):
            await sender.send(post())
            await sender.answer()

    assert (app.connections, len(app.requests)) == (1, 3)


async def test_head_is_answered_without_a_body() -> None:
    """The length that the app tells is that of the body it leaves out."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

    async with (
        running(answering(answer)) as app,
        listening(forward=[app.url]) as listener,
        await listener.connect() as sender,
    ):
        for _ in range(2):
            await sender.send(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
            got = await sender.answer(bodiless=True)

    assert got.head == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"


def peak() -> int:
    """Return the most bytes of memory that this process has had."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
