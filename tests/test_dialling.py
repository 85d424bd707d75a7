"""A host may have several addresses, or a name server that does not answer."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any

import pytest

from hookcli.dialling import dial
from tests.apps import HOST, OK, answering, free_port, running

if TYPE_CHECKING:
    from tests.apps import Line

NAME = "app.example"


def known_as(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let the name have these addresses."""

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        assert host == NAME
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


async def test_the_first_address_that_takes_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """On `localhost` an app may listen on one of two."""
    known_as(monkeypatch, "127.0.0.2", HOST)
    async with running(answering(OK)) as app:
        transport, _ = await dial(asyncio.Protocol, (NAME, app.port))
        peer = transport.get_extra_info("peername")
        transport.abort()

    assert peer == (HOST, app.port)


async def test_where_none_takes_it_the_last_one_tells_why(monkeypatch: pytest.MonkeyPatch) -> None:
    known_as(monkeypatch, "127.0.0.2", HOST)

    with pytest.raises(ConnectionRefusedError, match=HOST):
        await dial(asyncio.Protocol, (NAME, free_port()))


async def test_a_name_without_an_address_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    known_as(monkeypatch)

    with pytest.raises(OSError, match=f"{NAME} has no address"):
        await dial(asyncio.Protocol, (NAME, 80))


async def test_what_does_not_speak_tls_is_not_tried_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is there, and that is what is wrong with it."""

    async def plain(line: Line) -> None:
        await line.say(OK)

    known_as(monkeypatch, HOST, "127.0.0.2")
    async with running(plain) as app:
        with pytest.raises(ssl.SSLError):
            await dial(asyncio.Protocol, (NAME, app.port), ssl.create_default_context())


async def test_an_address_is_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", pytest.fail)
    async with running(answering(OK)) as app:
        transport, _ = await dial(asyncio.Protocol, (HOST, app.port))
        transport.abort()


async def test_a_name_server_that_is_silent_holds_nobody_else_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However many look for a name at once; who gives up is free."""
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: never.wait())
    asked = [asyncio.ensure_future(dial(asyncio.Protocol, (NAME, 80))) for _ in range(50)]
    await asyncio.sleep(0)

    assert await asyncio.wait_for(asyncio.to_thread(threading.get_ident), 5)
    for each in asked:
        each.cancel()
    await asyncio.wait(asked)
    never.set()
