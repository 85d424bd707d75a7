"""What is sent again goes where it should, as it came, and is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest

from hookcli.delivery import Attempt
from hookcli.errors import HookError
from hookcli.replaying import MARK, Wish, target_of
from hookcli.routes import Routes, endpoint, route
from hookcli.stores.memory import MemoryStore
from tests.apps import OK, answering, running
from tests.replays import Sends, came
from tests.signatures.cases import NOW
from tests.stores.builders import make_answer, make_delivery


async def test_it_goes_byte_for_byte_with_a_mark() -> None:
    """And is kept as an attempt that says nothing of a request of its own."""
    sends = Sends()
    async with running(answering(OK)) as app:
        await sends.send(app.endpoint, came())

    [raw] = app.requests
    [attempt] = await sends.store.attempts([1])
    assert raw.endswith(b"\r\n\r\n" + came().body)
    assert f"\r\n{MARK}: 1\r\n".encode() in raw
    assert (attempt.kind, attempt.status, attempt.request) == ("replay", 200, None)
    assert attempt == sends.results[0].attempt
    assert sends.kinds == []


async def test_a_large_body_is_streamed_from_the_store() -> None:
    """It is held by nobody."""
    sends = Sends()
    large = b"x" * (3 << 20)
    number = await sends.store.append(came(body=b"", size=len(large)), body=BytesIO(large))
    async with running(answering(OK)) as app:
        await sends.again(app.endpoint, number)

    assert app.requests[0].endswith(b"\r\n\r\n" + large)


async def test_it_goes_where_it_was_last_sent() -> None:
    """A built-in answer is nowhere; then where [forward] leads; then nobody knows."""
    store = MemoryStore()
    wish = Wish(routes=Routes([route("/github=3000")]))
    for path in ("/github", "/github", "/other"):
        await store.append(make_delivery(path=path), make_answer())
    for number, url in enumerate(("http://127.0.0.1:4000", "http://127.0.0.1:5000/x")):
        kind = "replay" if number else "forward"
        await store.append_attempt(make_answer(kind=kind, delivery=1, endpoint=url))

    found = [
        await target_of(store, each, wish)
        for each in [await store.get(1), await store.get(2)]
        if each
    ]

    assert [(each.endpoint.url, each.why) for each in found] == [
        ("http://127.0.0.1:5000/x", "where it was last sent"),
        ("http://127.0.0.1:3000", "as [forward] says"),
    ]
    other = await store.get(3)
    assert other
    with pytest.raises(HookError, match="Nothing says where #3 goes"):
        await target_of(store, other, wish)
    assert (await target_of(store, other, replace(wish, to=endpoint("6000")))).why == ""


async def test_an_id_that_an_app_has_had_is_said() -> None:
    """Not one that it never got, as it was down."""
    sends = Sends()
    async with running(answering(OK)) as app:
        down = Attempt(
            kind="forward",
            delivery=1,
            endpoint=app.url,
            started_at=datetime.fromtimestamp(NOW, UTC),
            duration_ms=1,
            error="Nothing listens",
        )
        await sends.store.append(came())
        await sends.store.append_attempt(down)
        kept = await sends.store.get(1)
        assert kept
        first = await target_of(sends.store, kept, Wish())
        await sends.store.append_attempt(replace(down, error=None, status=500))
        second = await target_of(sends.store, kept, Wish())

    assert (first.heard, second.heard) == (False, True)


async def test_so_many_are_under_way_at_once_as_is_wished() -> None:
    """And no more."""
    sends = Sends()
    busy: list[int] = []
    under_way = 0

    async def talk(line: Any) -> None:
        nonlocal under_way
        while True:
            await line.request()
            under_way += 1
            busy.append(under_way)
            await asyncio.sleep(0.01)
            under_way -= 1
            await line.say(OK)

    async with running(talk) as app:
        await sends.send(app.endpoint, *[came()] * 4, times=3, concurrency=3)

    assert len(sends.results) == 12
    assert max(busy) == 3


async def test_one_after_the_other_they_keep_their_order() -> None:
    sends = Sends()
    async with running(answering(OK)) as app:
        await sends.send(app.endpoint, came(), came(), times=2)

    assert [result.attempt.delivery for result in sends.results] == [1, 1, 2, 2]


async def test_what_is_under_way_ends_when_another_one_cannot_be_made() -> None:
    """The app has had it, so it is kept; nothing that comes later is sent."""
    sends = Sends()
    binary = came(body=b"\xff", size=-1)

    async with running(answering(OK)) as app:
        with pytest.raises(ExceptionGroup) as caught:
            await sends.send(app.endpoint, came(), binary, came(), settings=["a:=2"])

    assert [str(each) for each in caught.value.exceptions] == ["#2: The payload is binary"]
    assert [result.attempt.delivery for result in sends.results] == [1]
    assert len(app.requests) == len(await sends.store.attempts([1])) == 1
