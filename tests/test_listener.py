"""Each request is kept as it came, to the last byte, and then answered."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from hookcli import listener as module
from hookcli.answers import BuiltIn
from hookcli.delivery import HELD_BODY
from hookcli.errors import HookError
from hookcli.stores.sqlite import SqliteStore
from tests.senders import HOST, chunked, listening, post

if TYPE_CHECKING:
    from pathlib import Path


async def test_keeps_a_request_exactly_as_it_came() -> None:
    """Order, case and repeats of headers, bytes beyond ASCII, the spacing of the body."""
    raw = (
        b"POST /hooks/%7Ea//b?x=1&x=2+%20 HTTP/1.1\r\nhOsT: x\r\nX-B:  two \t\r\nx-a: \xe9\xff\r\n"
        b"X-A:\r\nCONTENT-length: 21\r\nx-b: one\r\n\r\n" + b'{ "odd" : "sp\xffacing"}'
    )

    async with listening() as running:
        answer = await running.say(raw)
        kept = await running.kept()

    assert (answer.status, answer.body) == (200, b"ok")
    assert (kept.method, kept.path, kept.query) == ("POST", "/hooks/%7Ea//b", "x=1&x=2+%20")
    assert kept.headers.pairs == (
        ("hOsT", "x"),
        ("X-B", "two"),
        ("x-a", "\xe9\xff"),
        ("X-A", ""),
        ("CONTENT-length", "21"),
        ("x-b", "one"),
    )
    assert (kept.body, kept.size, kept.http_version) == (b'{ "odd" : "sp\xffacing"}', 21, "1.1")
    assert kept.remote == HOST
    assert abs((datetime.now(UTC) - kept.received_at).total_seconds()) < 60


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/x?", "/x?", ""),
        ("/x?a?b", "/x", "a?b"),
        ("/%zz%00", "/%zz%00", ""),
        ("//x/../y", "//x/../y", ""),
        ("http://elsewhere/x?y", "http://elsewhere/x", "y"),
        ('/<>"{}|\\^`', '/<>"{}|\\^`', ""),
    ],
)
async def test_takes_any_path(target: str, path: str, query: str) -> None:
    """Raw from the request line: nothing is resolved, decoded or refused."""
    async with listening() as running:
        await running.say(post(path=target))
        kept = await running.kept()

    assert (kept.path, kept.query) == (path, query)


@pytest.mark.parametrize(
    ("decoded", "sent"), [("/plain", "/plain"), ("/é", "/Ã©"), ("/\udce9", "/é")]
)
def test_a_path_of_any_bytes_is_a_character_a_byte(decoded: str, sent: str) -> None:
    """The parser decodes what is UTF-8, and escapes the rest; both are undone."""
    assert module._as_sent(decoded) == sent


async def test_a_path_of_raw_bytes_is_kept_or_refused_and_noted() -> None:
    """What the parser lets through stands as it came; nothing of it goes by unseen."""
    async with listening() as running:
        answer = await running.say(b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n")
        stored = await running.store.get(1)

    assert (answer.status, len(running.notices.lines)) in {(200, 0), (400, 1)}
    assert stored is None or stored.path == "/ÿ"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PROPFIND", "M-SEARCH"])
async def test_takes_any_method_that_there_is(method: str) -> None:
    async with listening() as running:
        answer = await running.say(f"{method} / HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        kept = await running.kept()

    assert answer.status == 200
    assert (kept.method, kept.body) == (method, b"")


async def test_puts_the_chunks_of_a_body_together() -> None:
    """Names of chunks and trailers are framing, not body."""
    extended = chunked(b"Hello", b", ", b"World").replace(b"5\r\nH", b"5;a=b\r\nH", 1)

    async with listening() as running:
        await running.say(extended.replace(b"0\r\n\r\n", b"0\r\nX-Trailer: 1\r\n\r\n"))
        kept = await running.kept()

    assert (kept.body, kept.size) == (b"Hello, World", 12)
    assert kept.headers.get("transfer-encoding") == "chunked"


async def test_keeps_a_compressed_body_compressed() -> None:
    """A signature covers the bytes on the wire."""
    async with listening() as running:
        await running.say(post(b"\x1f\x8bnot even gzip", head="Content-Encoding: gzip\r\n"))
        kept = await running.kept()

    assert kept.body == b"\x1f\x8bnot even gzip"


async def test_answers_many_requests_on_one_connection() -> None:
    """Sent one by one, or all before the first answer; in order."""
    async with listening() as running, await running.connect() as sender:
        for number in range(2):
            await sender.send(post(b"%d" % number))
            await sender.answer()
        await sender.send(b"".join(post(b"%d" % number) for number in range(2, 20)))
        answers = [await sender.answer() for _ in range(2, 20)]
        bodies = [(await running.kept(number)).body for number in range(1, 21)]

    assert {answer.status for answer in answers} == {200}
    assert bodies == [b"%d" % number for number in range(20)]


async def test_a_sender_that_asks_first_is_told_to_go_on_at_once() -> None:
    """Without being told, curl waits for a second."""
    request = post(b"body", head="Expect: 100-continue\r\n")

    async with listening() as running, await running.connect() as sender:
        await sender.send(request.removesuffix(b"body"))
        go_on = await sender.answer()
        await sender.send(b"body")
        answer = await sender.answer()

    assert (go_on.status, answer.status) == (100, 200)


async def test_a_request_to_change_the_protocol_is_an_ordinary_delivery() -> None:
    """Java's client asks for HTTP/2 with every first request."""
    head = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"

    async with listening() as running:
        answer = await running.say(post(b"body", head=head))
        kept = await running.kept()

    assert (answer.status, kept.body) == (200, b"body")


async def test_names_what_came() -> None:
    """Provider, event, action and the provider's id are there from the start."""
    head = "X-GitHub-Event: issues\r\nX-GitHub-Delivery: 72d3162e\r\nX-Hub-Signature: sha1=0\r\n"

    async with listening() as running:
        await running.say(post(b'{"action": "opened"}', head=head))
        kept = await running.kept()

    assert (kept.provider, kept.event, kept.action) == ("github", "issues", "opened")
    assert (kept.delivery_id, kept.signature.code) == ("72d3162e", "unchecked")


async def test_an_answer_is_stored_with_its_delivery() -> None:
    """When the sender has it, it is in the log."""
    answer = BuiltIn(status=202, body=b"queued")

    async with listening(answer=answer) as running:
        await running.say(post())
        (attempt,) = await running.store.attempts([1])

    assert (attempt.kind, attempt.status, attempt.body) == ("answer", 202, b"queued")
    assert attempt.delivery == 1
    assert 0 <= attempt.duration_ms < 60_000


async def test_counts_what_it_keeps() -> None:
    head = "X-GitHub-Event: push\r\n"

    async with listening(answer=BuiltIn(status=500)) as running:
        await running.say(post(head=head))
        await running.say(post())

    total = running.total
    assert (total.deliveries, total.first, total.last, total.failed) == (2, 1, 2, 2)
    assert total.providers == ["github"]


LARGE = bytes(range(251)) * 12_000


@pytest.mark.parametrize("request_", [post(LARGE), chunked(LARGE[:1_500_000], LARGE[1_500_000:])])
async def test_a_large_body_goes_to_the_store_in_pieces(tmp_path: Path, request_: bytes) -> None:
    """Byte for byte, through a file that leaves nothing behind."""
    folder = tmp_path / "store"
    store = await SqliteStore.open(folder / "hooks.db", create=True)

    async with listening(store=store, folder=folder) as running:
        answer = await running.say(request_)
        kept = await running.kept()
        chunks = [chunk async for chunk in store.body(1)]
        files = await asyncio.to_thread(os.listdir, folder)
    await store.close()

    assert answer.status == 200
    assert (kept.size, kept.held) == (len(LARGE), False)
    assert b"".join(chunks) == LARGE
    assert max(map(len, chunks)) < HELD_BODY
    assert sorted(files) == ["hooks.db", "hooks.db-shm", "hooks.db-wal"]


async def test_our_own_paths_are_answered_and_never_stored() -> None:
    """Whatever else stands in the request; any other path is a delivery."""
    own = {"/.hookcli/a1": lambda: b"it is me"}

    async with listening(own=own) as running:
        probe = await running.say(b"GET /.hookcli/a1 HTTP/1.1\r\nHost: x\r\n\r\n")
        posted = await running.say(post(path="/.hookcli/a1"))
        await running.say(post(path="/.hookcli/a1?x"))
        kept = await running.kept()

    assert probe.body == posted.body == b"it is me"
    assert (kept.path, kept.query, running.total.deliveries) == ("/.hookcli/a1", "x", 1)


@pytest.mark.parametrize(
    ("tunnelled", "forwarded", "remote"),
    [
        (True, ["140.82.115.7"], "140.82.115.7"),
        (True, ["10.0.0.1, 140.82.115.7"], "140.82.115.7"),
        (True, ["10.0.0.1", "2001:DB8::1"], "2001:db8::1"),
        (True, ["\x9b31m"], HOST),
        (True, [], HOST),
        (False, ["140.82.115.7"], HOST),
    ],
)
async def test_a_tunnel_knows_the_sender(
    tunnelled: bool, forwarded: list[str], remote: str
) -> None:
    """The last hop is the tunnel's word; without a tunnel, and before it, anyone's."""
    head = "".join(f"X-Forwarded-For: {hops}\r\n" for hops in forwarded)

    async with listening(tunnelled=tunnelled) as running:
        await running.say(post(head=head))
        kept = await running.kept()

    assert kept.remote == remote


async def test_a_delayed_answer_waits_and_the_delivery_does_not() -> None:
    """It is stored when it has come; its answer when that is given."""
    async with (
        listening(answer=BuiltIn(delay_s=0.05)) as running,
        await running.connect() as sender,
    ):
        pages = await running.store.follow()
        await sender.send(post())
        page = await asyncio.wait_for(anext(pages), 5)
        answer = await sender.answer()
        (attempt,) = await running.store.attempts([1])

    assert [type(entry).__name__ for entry in page.entries] == ["Delivery"]
    assert answer.status == 200
    assert (attempt.delivery, attempt.duration_ms >= 50) == (1, True)


async def test_a_taken_port_is_an_error_that_says_what_to_do() -> None:
    async with listening() as running, listening() as other:
        with pytest.raises(HookError, match=f"Port {running.port} is taken") as caught:
            await other.listener.start(HOST, running.port, print)

    assert caught.value.hint


async def test_an_address_that_is_not_ours_is_an_error() -> None:
    async with listening() as running:
        with pytest.raises(HookError, match=r"Cannot listen on 203.0.113.1 port 0: "):
            await running.listener.start("203.0.113.1", 0, print)
