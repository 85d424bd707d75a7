"""`show` gives one delivery: to a person, to a script, or byte for byte."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import orjson
import pexpect
import pytest

from hookcli import cli
from hookcli.commands.show import pretty, run
from hookcli.delivery import Delivery, Headers
from hookcli.errors import HookError, UsageError
from hookcli.grammar import reference
from hookcli.reading_back import raw_request
from hookcli.screen import Screen
from hookcli.stores.memory import MemoryStore
from hookcli.stores.opening import open_store
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from pathlib import Path

LATEST = reference("latest")
ODD = b'{ "odd" :\t"spacing", "caf\xe9": "\xff" }\r\n'
LARGE = b'["' + b"x" * (3 << 20) + b'"]'


async def holding(delivery: Delivery, body: bytes | None = None) -> MemoryStore:
    """Return a store with one delivery, which was answered."""
    store = MemoryStore()
    await store.append(delivery, make_answer(), BytesIO(body) if body else None)
    return store


async def shown(store: MemoryStore, form: str, screen: Screen | None = None) -> bytes:
    """Return what is written of the latest delivery."""
    out = BytesIO()
    await run(store, LATEST, form, out=out, screen=screen)
    return out.getvalue()


async def test_a_person_sees_request_and_answers() -> None:
    """Headers, body and what the sender was told."""
    lines = await pretty(await holding(make_delivery()), LATEST, Screen(width=80))

    text = "\n".join(lines)
    assert "X-GitHub-Event: issues" in text
    assert '"action": "opened"' in text
    assert "<-- #1 [200]" in text


async def test_a_large_body_is_shown_in_part() -> None:
    """What does not fit into memory is not read to be looked at."""
    store = await holding(make_delivery(body=b"", size=len(LARGE)), LARGE)

    lines = await pretty(store, LATEST, Screen(width=80))

    assert "--format body" in "\n".join(lines)


async def test_the_body_is_exact_where_no_terminal_is() -> None:
    """Odd spacing and broken encodings come out as they went in."""
    store = await holding(make_delivery(body=ODD))

    assert await shown(store, "body") == ODD


async def test_a_large_body_is_exact_too() -> None:
    """Also what is kept in chunks."""
    store = await holding(make_delivery(body=b"", size=len(LARGE)), LARGE)

    assert await shown(store, "body") == LARGE


async def test_the_request_is_whole() -> None:
    """Request line, headers as they came, body."""
    headers = Headers([("Host", "x"), ("x-One", "1"), ("X-ONE", "\xe9"), ("Content-Length", "2")])
    store = await holding(make_delivery(headers=headers, body=b"hi"))

    assert await shown(store, "http") == (
        b"POST /github?a=1 HTTP/1.1\r\nHost: x\r\nx-One: 1\r\nX-ONE: \xe9\r\n"
        b"Content-Length: 2\r\n\r\nhi"
    )


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([("Host", "x"), ("x-One", "1"), ("X-ONE", "\xe9"), ("Content-Length", "26")], ODD),
        ([("Host", "x"), ("Transfer-Encoding", "chunked")], LARGE),
        ([], b"\r\n\r\nPOST / HTTP/1.1\r\n\r\n"),
        ([("Host", "x")], b""),
    ],
)
async def test_the_request_can_be_read_back(headers: list[tuple[str, str]], body: bytes) -> None:
    """As the same one: framed by its length, whatever framed it when it came."""
    known = make_delivery(headers=Headers(headers), body=body)
    stored = replace(known, body=b"", size=len(body)) if body is LARGE else known
    store = await holding(stored, body if body is LARGE else None)

    found = raw_request(await shown(store, "http"))

    assert (found.method, found.path, found.query) == (known.method, known.path, known.query)
    assert found.body == body
    assert found.headers.get("host") == known.headers.get("host")
    assert found.headers.get("content-length") == (str(len(body)) if body else None)


async def test_a_script_gets_the_record() -> None:
    """One line, whole."""
    record = orjson.loads(await shown(await holding(make_delivery()), "ndjson"))

    assert (record["type"], record["id"]) == ("delivery", 1)
    assert record["payload"] == {"action": "opened"}


@pytest.mark.parametrize("form", ["body", "http", "ndjson"])
async def test_a_terminal_gets_every_format_escaped(form: str) -> None:
    """No cursor moves and no text turns, in any of them."""
    store = await holding(make_delivery(body="one\n\x1b[31m\x9b\u202e two".encode()))

    text = (await shown(store, form, Screen())).decode()

    assert all(character == "\n" or character.isprintable() for character in text)
    assert "two" in text
    assert text.endswith("\n")


async def test_a_terminal_without_utf8_gets_ascii() -> None:
    """What it cannot show is written out."""
    store = await holding(make_delivery(body="caf\xe9".encode()))

    assert await shown(store, "body", Screen(utf8=False)) == b"caf\\xe9\n"


@pytest.mark.parametrize("body", [ODD, b"cut off \xe2\x82"])
async def test_a_terminal_gets_a_notice_in_place_of_binary(
    body: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says how to get the bytes."""
    store = await holding(make_delivery(body=body))

    await shown(store, "body", Screen())

    assert capsys.readouterr().err.endswith(": hookcli show 1 --format body > FILE\n")


@pytest.fixture
async def filled(tmp_path: Path) -> str:
    """Return the URL of a store on disk with one delivery."""
    store = await open_store(f"sqlite:{tmp_path / 'hooks.db'}", create=True)
    await store.append(make_delivery(body=ODD), make_answer())
    await store.close()
    return store.url


@pytest.mark.parametrize(
    ("options", "begins"),
    [
        ([], b'{"type":"delivery","id":1,'),
        (["--format", "body"], ODD),
        (["1", "--format", "http"], b"POST /github?a=1 HTTP/1.1\r\n"),
        (["72d316", "--format", "pretty"], b"12:00:00 --> #1 github issues.opened "),
    ],
)
def test_a_pipe_gets_what_was_asked_for(
    filled: str,
    options: list[str],
    begins: bytes,
    capfdbinary: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The record, unless another format is named; latest, unless another delivery is."""
    monkeypatch.setenv("TZ", "UTC")

    code = cli.run(["show", "--store", filled, *options])

    assert code == 0
    assert capfdbinary.readouterr().out.startswith(begins)


def test_an_unknown_format_is_wrong_usage(filled: str) -> None:
    """The nearest right one is named."""
    with pytest.raises(UsageError, match="--format") as caught:
        cli.run(["show", "--store", filled, "--format", "json"])

    assert "Did you mean ndjson?" in caught.value.hint


def test_what_is_not_there_is_an_error(filled: str) -> None:
    """Exit 1, with the candidates."""
    with pytest.raises(HookError) as caught:
        cli.run(["show", "--store", filled, "7"])

    assert caught.value.exit_code == 1
    assert "#1 " in caught.value.hint


@pytest.mark.parametrize(("options", "paged"), [("", True), ("--no-pager", False)])
def test_what_is_longer_than_the_screen_is_paged(filled: str, options: str, paged: bool) -> None:
    """On a terminal, by the pager that the person prefers."""
    environ: Any = {**os.environ, "PAGER": "sed -e s/^/paged/", "TERM": "xterm"}
    command = f"-m hookcli show {options} --store {filled}".split()

    terminal = pexpect.spawn(
        sys.executable, command, env=environ, dimensions=(8, 80), timeout=10, encoding="utf-8"
    )
    lines = terminal.read().splitlines()

    assert len(lines) >= 8
    assert {line.startswith("paged") for line in lines} == {paged}
