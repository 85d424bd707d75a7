"""An answer goes on the wire as it was asked for, framed as HTTP wants it."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from hookcli.connections import Server
from hookcli.delivery import Headers
from hookcli.replies import Reply
from tests.senders import HOST, Sender

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookcli.received import Received

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
DATE = re.compile(r"Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n")


@asynccontextmanager
async def answering(
    status: int, headers: Headers, body: bytes, *, close: bool = False
) -> AsyncIterator[Sender]:
    """Run a server that always gives this answer; yield a connection to it."""

    async def answer(_: Received) -> Reply:
        return Reply(status, headers, body, close=close)

    def refused(_: str | None, status_: int, what: str) -> None:
        raise AssertionError(status_, what)

    server = Server(answer, refused)
    listening = await asyncio.get_running_loop().create_server(server, HOST, 0)
    async with listening, await Sender.connect(listening.sockets[0].getsockname()[1]) as sender:
        yield sender
        await server.shutdown(0.1)


async def test_says_what_was_asked_for_and_no_more() -> None:
    """Names keep their spelling, values their bytes; date, type and length are added."""
    headers = Headers([("x-ODD", "\xe9"), ("X-Odd", "2")])

    async with answering(201, headers, b"done") as sender:
        await sender.send(GET)
        answer = await sender.answer()

    assert answer.body == b"done"
    assert DATE.sub("", answer.head) == (
        "HTTP/1.1 201 Created\r\nx-ODD: \xe9\r\nX-Odd: 2\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\n\r\n"
    )
    assert DATE.search(answer.head)


async def test_a_type_of_ones_own_stands_alone() -> None:
    async with answering(200, Headers([("content-type", "application/json")]), b"{}") as sender:
        await sender.send(GET)
        answer = await sender.answer()

    assert [line for line in answer.headers if "type" in line.lower()] == [
        "content-type: application/json"
    ]


async def test_nothing_has_no_type() -> None:
    async with answering(200, Headers(), b"") as sender:
        await sender.send(GET)
        answer = await sender.answer()

    assert "Content-Type" not in answer.head
    assert "Content-Length: 0" in answer.headers


@pytest.mark.parametrize("status", [204, 304])
async def test_some_statuses_have_no_body(status: int) -> None:
    """Not even one that was asked for: it would be taken for the next answer."""
    async with answering(status, Headers(), b"never sent") as sender:
        await sender.send(GET, GET)
        answers = [await sender.answer(), await sender.answer()]

    assert [answer.status for answer in answers] == [status, status]
    assert "Content-Length" not in answers[0].head


async def test_head_is_told_how_long_the_body_would_be() -> None:
    async with answering(200, Headers(), b"never sent") as sender:
        await sender.send(GET.replace(b"GET", b"HEAD"), GET)
        head, get = await sender.answer(bodiless=True), await sender.answer()

    assert "Content-Length: 10" in head.headers
    assert get.body == b"never sent"


async def test_a_status_without_a_name_is_a_status() -> None:
    async with answering(299, Headers(), b"") as sender:
        await sender.send(GET)
        answer = await sender.answer()

    assert answer.head.startswith("HTTP/1.1 299 \r\n")


@pytest.mark.parametrize(
    ("request_", "close", "said", "stays"),
    [
        (GET, False, None, True),
        (GET, True, "Connection: close", False),
        (GET[:-2] + b"Connection: close\r\n\r\n", False, "Connection: close", False),
        (b"GET / HTTP/1.0\r\n\r\n", False, None, False),
        (
            b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            False,
            "Connection: keep-alive",
            True,
        ),
    ],
)
async def test_a_connection_stays_open_if_both_want_it(
    request_: bytes, close: bool, said: str | None, stays: bool
) -> None:
    """What is said of it is what is done."""
    async with answering(200, Headers(), b"ok", close=close) as sender:
        await sender.send(request_)
        answer = await sender.answer()
        if stays:
            await sender.send(GET)
            assert (await sender.answer()).body == b"ok"
        else:
            assert await sender.rest() == b""

    lines = [line for line in answer.headers if line.startswith("Connection")]
    assert lines == ([said] if said else [])
