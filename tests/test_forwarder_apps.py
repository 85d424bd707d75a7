"""Apps that are slow, odd, wrong or endless: a right answer, one clear sentence, flat memory."""

from __future__ import annotations

import tracemalloc
from random import Random
from typing import TYPE_CHECKING

import pytest

from hookcli.forwarder import Forwarder
from tests.apps import HOST, OK, Told, answering, closing, make_delivery, running, silent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookcli.delivery import Delivery, Headers
    from hookcli.forwarder import Sent
    from tests.apps import Line, Talk

INTERIM = (
    b"HTTP/1.1 100 Continue\r\n\r\n"
    b"HTTP/1.1 102 Processing\r\n\r\n"
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
)


async def sent_to(
    talk: Talk, delivery: Delivery | None = None, *, timeout_s: float = 5
) -> tuple[Sent, Told, str]:
    """Send to an app; return what came of it, what the sender got, and where the app is."""
    told = Told()
    async with running(talk) as app, Forwarder(timeout_s=timeout_s) as forwarder:
        sent = await forwarder.send(delivery or make_delivery(), app.endpoint, b"{}", relay=told)
    return sent, told, f"{HOST}:{app.port}"


@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        (INTERIM + OK, 200, b"ok"),
        (b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", 302, b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", 304, b""),
        (b"HTTP/1.1 599\r\nContent-Length: 2\r\n\r\nno", 599, b"no"),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil it closes", 200, b"until it closes"),
        (b"HTTP/1.0 200 OK\r\n\r\nold", 200, b"old"),
        (
            b"HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nin\r\n1\r\n!\r\n0\r\n\r\n",
            201,
            b"in!",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\0!",
            200,
            b"\x1f\x8b\0!",
        ),
    ],
)
async def test_an_answer_is_what_the_app_gave(raw: bytes, status: int, body: bytes) -> None:
    """Interim ones are passed over, redirects not followed, and nothing is unpacked."""
    sent, told, _ = await sent_to(closing(raw))

    assert (told.status, told.start, told.rest) == (status, body, None)
    assert (sent.attempt.status, sent.attempt.body, sent.attempt.error) == (status, body, None)


async def test_repeated_headers_of_an_answer_stay_apart() -> None:
    """And cookies go to the sender: they are never sent to an app again."""
    raw = OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: a=1\r\nset-cookie: b=\xe9\r\n\r\n")

    async with running(answering(raw)) as app, Forwarder(timeout_s=5) as forwarder:
        sent = await forwarder.send(make_delivery(), app.endpoint, b"{}")
        await forwarder.send(make_delivery(), app.endpoint, b"{}")

    assert sent.attempt.headers.pairs[1:] == (("Set-Cookie", "a=1"), ("set-cookie", "b=\xe9"))
    assert app.requests[0] == app.requests[1]


async def test_an_answer_to_head_has_no_body_whatever_it_says() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"

    sent, told, _ = await sent_to(answering(raw), make_delivery(method="HEAD"))

    assert (told.status, told.start, told.rest) == (200, b"", None)
    assert told.headers.get("Content-Length") == "1000"
    assert sent.attempt.error is None


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "closed the connection without an answer"),
        (INTERIM, "broke off in the middle of its answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "broke off in the middle of its answer"),
        (OK[:-1], "broke off in the middle of its answer"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
            "broke off in the middle of its answer",
        ),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "did not answer in HTTP: "),
        (b"\x16\x03\x01\x02\x00\x01", "did not answer in HTTP: "),
        (b"HTTP/1.1 200 OK\r\nX: \0\r\n\r\n", "did not answer in HTTP: "),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1100, "did not answer in HTTP: "),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000, "did not answer in HTTP: "),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\n",
            "did not answer in HTTP: ",
        ),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n\0",
            "answered 101, to change the protocol, which nobody asked for",
        ),
    ],
)
async def test_what_is_no_whole_answer_is_a_failure(raw: bytes, said: str) -> None:
    """The sender gets nothing of it."""
    sent, told, app = await sent_to(closing(raw))

    assert sent.attempt.error is not None
    assert sent.attempt.error.startswith(f"{app} {said}")
    assert (sent.attempt.status, sent.attempt.body, sent.timed_out) == (None, b"", False)
    assert told.calls == []


async def test_garbage_is_an_answer_or_a_failure_and_nothing_else() -> None:
    """Whatever bytes come: what is handed on can be written as a head again."""
    chance = Random(4567)
    good = INTERIM[:25] + OK.replace(b"\r\n\r\n", b"\r\nX-One: \xe9 two\r\nSet-Cookie: a\r\n\r\n")
    odd = [b"", b"\r", b"\n", b"\r\n", b"\0", b":", b" ", b"\t", b"\xff", b"9", b"chunked", good]
    rounds = 300

    async def mangle(line: Line) -> None:
        await line.request()
        at = chance.randrange(len(good))
        await line.say(good[:at] + chance.choice(odd) + good[at + chance.randrange(4) :])

    async with running(mangle) as app, Forwarder(timeout_s=5) as forwarder:
        sent = [await forwarder.send(make_delivery(), app.endpoint, b"{}") for _ in range(rounds)]

    attempts = [each.attempt for each in sent]
    assert {attempt.status is None for attempt in attempts} == {True, False}
    for attempt in attempts:
        assert (attempt.status is None) == bool(attempt.error)
        assert all(set(name + value).isdisjoint("\r\n\0") for name, value in attempt.headers)


async def test_an_app_that_resets_the_connection_is_a_failure() -> None:
    async def crash(line: Line) -> None:
        await line.request()
        line.reset()

    sent, _, app = await sent_to(crash)

    assert sent.attempt.error == f"{app} closed the connection without an answer"


async def test_an_app_that_answers_before_it_has_all_is_believed() -> None:
    """It refuses the body, say, and closes without reading the rest of it."""
    body = bytes(1 << 20)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(25):
            yield body

    async def refuse(line: Line) -> None:
        await line.reader.readuntil(b"\r\n\r\n")
        await line.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")

    async with running(refuse) as app, Forwarder(timeout_s=5) as forwarder:
        delivery = make_delivery(body=body)
        held = await forwarder.send(delivery, app.endpoint, body)
        delivery = make_delivery(body=b"", size=25 << 20)
        streamed = await forwarder.send(delivery, app.endpoint, pieces)

    assert (held.attempt.status, held.attempt.body) == (413, b"no")
    assert (streamed.attempt.status, streamed.attempt.body) == (413, b"no")


async def test_interim_answers_without_end_are_no_answer() -> None:
    async def chatter(line: Line) -> None:
        await line.request()
        while True:
            await line.say(INTERIM)

    sent, told, app = await sent_to(chatter)

    said = f"{app} did not answer in HTTP: After 1,000 interim answers there is none"
    assert sent.attempt.error == said
    assert not sent.timed_out
    assert told.calls == []


async def test_an_answer_that_trickles_is_too_slow() -> None:
    """The whole of it has to come in time, not the next byte."""

    async def trickle(line: Line) -> None:
        await line.request()
        await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        await silent(line)

    sent, told, app = await sent_to(trickle, timeout_s=0.1)

    assert sent.attempt.error == f"The answer of {app} did not end within 0.1 s"
    assert (sent.attempt.status, sent.timed_out, told.calls) == (None, True, [])


async def endless(line: Line) -> None:
    """Answer for ever."""
    await line.request()
    await line.say(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await line.say(bytes(1 << 20))


@pytest.mark.parametrize("waits", [True, False])
async def test_an_endless_answer_ends_in_time_and_is_not_held(waits: bool) -> None:
    """Whether a sender waits for it or nobody does."""
    told = Told()

    async with running(endless) as app, Forwarder(timeout_s=0.3) as forwarder:
        tracemalloc.start()
        relay = told if waits else None
        sent = await forwarder.send(make_delivery(), app.endpoint, b"{}", relay=relay)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    attempt = sent.attempt
    assert attempt.error == f"The answer of {HOST}:{app.port} did not end within 0.3 s"
    assert (attempt.status, attempt.body_truncated, sent.timed_out) == (200, True, True)
    assert told.broke_off is waits
    assert peak < 6 << 20


async def test_a_sender_that_goes_away_ends_the_apps_connection() -> None:
    """That is no failure of the app."""

    async def leave(_: int, __: Headers, ___: bytes, rest: AsyncIterator[bytes] | None) -> None:
        assert rest is not None
        async for _piece in rest:
            raise ConnectionResetError

    async with running(endless) as app, Forwarder(timeout_s=5) as forwarder:
        sent = await forwarder.send(make_delivery(), app.endpoint, b"{}", relay=leave)
        await app.gone.wait()

    assert (sent.attempt.status, sent.attempt.error) == (200, None)
    assert sent.attempt.body_truncated


async def test_what_goes_wrong_with_the_sender_otherwise_is_raised() -> None:
    """It is no failure of the app, nor is it hidden."""

    async def fail(_: int, __: Headers, ___: bytes, ____: object) -> None:
        raise LookupError

    async with running(answering(OK)) as app, Forwarder(timeout_s=5) as forwarder:
        with pytest.raises(LookupError):
            await forwarder.send(make_delivery(), app.endpoint, b"{}", relay=fail)
        sent = await forwarder.send(make_delivery(), app.endpoint, b"{}")

    assert sent.attempt.status == 200
