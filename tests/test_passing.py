"""What an app answers reaches the sender as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.apps import OK, answering, closing, running
from tests.senders import attempted, chunked, listening, peak, post

if TYPE_CHECKING:
    from tests.apps import Line

MIB = 1 << 20


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
