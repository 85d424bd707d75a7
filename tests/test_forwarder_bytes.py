"""What an app gets is what was sent, compared socket to socket."""

from __future__ import annotations

import hashlib
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from hookcli.forwarder import Forwarder
from hookcli.routes import endpoint
from tests.apps import HOST, OK, answering, make_delivery, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookcli.delivery import Delivery
    from tests.apps import Line

FORWARDED = [
    "X-Forwarded-For: 140.82.115.7",
    "X-Forwarded-Proto: http",
    "X-Forwarded-Host: otter.example",
]


async def got(delivery: Delivery, to: str = "") -> list[str]:
    """Return what an app gets, a line each; behind an empty line comes the body."""
    async with running(answering(OK)) as app, Forwarder(timeout_s=5) as forwarder:
        sent = await forwarder.send(delivery, endpoint(f"{app.url}{to}"), delivery.body)

    assert sent.attempt.status == 200
    return app.requests[0].decode("latin-1").replace(f"{HOST}:{app.port}", "app").split("\r\n")


async def test_headers_and_body_arrive_as_they_were_sent() -> None:
    """Bytes beyond ASCII, two spellings of a name, repeats, order; and nothing is added."""
    pairs = [
        ("x-One", "\xe9"),
        ("accept", "*/*"),
        ("X-ONE", "\xc3\xa9"),
        ("Content-Type", "application/json"),
        ("x-One", 'a;  "b" ,c'),
        ("content-length", "7"),
        ("Cookie", "a=b"),
    ]
    body = b'{"\xe9" :\0'

    lines = await got(make_delivery(*pairs, body=body))

    assert lines == [
        "POST /hook HTTP/1.1",
        "Host: app",
        *(f"{name}: {value}" for name, value in pairs),
        *FORWARDED,
        "",
        body.decode("latin-1"),
    ]


@pytest.mark.parametrize(
    ("path", "query", "line"),
    [
        ("/", "", "POST / HTTP/1.1"),
        ("//a/../b/./%2F%2f%zz", "", "POST //a/../b/./%2F%2f%zz HTTP/1.1"),
        ("/x?", "", "POST /x? HTTP/1.1"),
        ("/x", "?&a=%20+%E9;b=[1]|^", "POST /x??&a=%20+%E9;b=[1]|^ HTTP/1.1"),
        ("/\xc3\xa9", "\xe9", "POST /\xc3\xa9?\xe9 HTTP/1.1"),
    ],
)
async def test_path_and_query_arrive_as_they_were_sent(path: str, query: str, line: str) -> None:
    """Nothing is quoted anew, nothing tidied up."""
    assert (await got(make_delivery(path=path, query=query)))[0] == line


async def test_a_path_of_the_url_takes_the_place_of_the_deliverys() -> None:
    delivery = make_delivery(path="/github", query="a=%2F")

    assert (await got(delivery, "/hooks?k=v"))[0] == "POST /hooks?k=v&a=%2F HTTP/1.1"


@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
async def test_any_method_may_have_a_body(method: str) -> None:
    lines = await got(make_delivery(("Content-Length", "2"), method=method))

    assert lines[0] == f"{method} /hook HTTP/1.1"
    assert lines[-1] == "{}"


async def test_a_body_that_came_in_chunks_goes_with_its_length() -> None:
    """The bytes of it are the same; an app need not know of chunks."""
    lines = await got(make_delivery(("Transfer-Encoding", "chunked"), body=b"whole"))

    assert lines == [
        "POST /hook HTTP/1.1",
        "Host: app",
        "Content-Length: 5",
        *FORWARDED,
        "",
        "whole",
    ]


@pytest.mark.parametrize("pairs", [[], [("Content-Length", "0")]])
async def test_no_body_is_no_body(pairs: list[tuple[str, str]]) -> None:
    lines = await got(make_delivery(*pairs, body=b""))

    assert lines == [
        "POST /hook HTTP/1.1",
        "Host: app",
        *(f"{name}: {value}" for name, value in pairs),
        *FORWARDED,
        "",
        "",
    ]


async def test_a_large_body_is_sent_without_being_held() -> None:
    """25 MiB arrive whole, and hardly any of it is in memory at once."""
    chunk, count = bytes(range(256)) * 1024, 100
    size = len(chunk) * count
    sums: list[str] = []

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(count):
            yield bytes(chunk)

    async def summing(line: Line) -> None:
        await line.reader.readuntil(b"\r\n\r\n")
        digest, left = hashlib.sha256(), size
        while left:
            data = await line.reader.read(65536)
            digest.update(data)
            left -= len(data)
        sums.append(digest.hexdigest())
        await line.say(OK)

    delivery = make_delivery(("Content-Length", str(size)), body=b"", size=size)
    async with running(summing) as app, Forwarder(timeout_s=30) as forwarder:
        tracemalloc.start()
        sent = await forwarder.send(delivery, app.endpoint, pieces)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert sent.attempt.status == 200
    assert sums == [hashlib.sha256(chunk * count).hexdigest()]
    assert peak < 3 << 20
