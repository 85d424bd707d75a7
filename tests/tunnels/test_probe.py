"""Whether a request through the public URL really arrives."""

from __future__ import annotations

import asyncio
import socket
from itertools import accumulate, takewhile
from typing import TYPE_CHECKING

from hookcli.tunnels.probe import OWN_FAULT, check, pauses
from tests.ngrok_edge.running import running_edge
from tests.tunnels.parts import PROBE, listening

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_a_probe_that_arrives_tells_how_long_it_took() -> None:
    """And needs no proxy to reach this computer."""
    async with listening() as listener:
        reach = await check(listener.url, PROBE)

    assert reach.reachable
    assert reach.reason is None
    assert reach.seconds is not None
    assert 0 < reach.seconds < 5


def test_probes_that_do_not_arrive_become_rare() -> None:
    """In a day they would else use up what a free plan has in a month."""
    a_day = list(takewhile(lambda at: at < 86_400, accumulate(pauses(5))))

    assert a_day[:3] == [5, 10, 15]
    assert len(a_day) < 20_000 / 31 * 3


async def test_an_endpoint_that_is_offline_is_named_by_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the proxy of the environment, trusting its certificates."""
    with running_edge(tmp_path) as edge:
        for name, value in edge.through.items():
            monkeypatch.setenv(name, value)
        reach = await check("https://brave-otter.ngrok-free.app", PROBE)

    assert reach == (False, "404, ERR_NGROK_3200", None)


async def test_what_answers_in_its_place_cannot_speak_to_the_terminal() -> None:
    """It may be anybody's server."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"\x1b[2Jboo!\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        reach = await check(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", PROBE)

    assert not reach.reachable
    assert reach.reason
    assert reach.reason.isprintable()


async def test_a_certificate_that_is_not_trusted_is_the_probes_own_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Senders may well trust it."""
    with running_edge(tmp_path) as edge:
        monkeypatch.setenv("HTTPS_PROXY", edge.http_url)
        reach = await check("https://brave-otter.ngrok-free.app", PROBE)

    assert not reach.reachable
    assert str(reach.reason).startswith(OWN_FAULT)
    assert "certificate of brave-otter.ngrok-free.app" in str(reach.reason)


async def test_a_name_that_cannot_be_resolved_is_the_probes_own_fault() -> None:
    """The tunnel may be fine: others have another name server."""
    reach = await check("https://hookcli.invalid", PROBE)

    assert reach[:2] == (False, f"{OWN_FAULT}hookcli.invalid cannot be resolved here")


async def test_a_proxy_that_refuses_is_the_probes_own_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is this computer's way out, not the sender's way in."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed.getsockname()[1]}")
        reach = await check("https://brave-otter.ngrok-free.app", PROBE)

    assert str(reach.reason).startswith(f"{OWN_FAULT}the proxy")


async def test_nobody_there_is_said_with_the_systems_words() -> None:
    """The reverse proxy is down, say."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        reach = await check(f"http://127.0.0.1:{closed.getsockname()[1]}", PROBE)

    assert not reach.reachable
    assert str(reach.reason).startswith("no connection to 127.0.0.1: ")


async def test_an_answer_that_does_not_come_ends_the_probe() -> None:
    """Nothing waits for it longer than it may."""
    held = asyncio.Event()

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await held.wait()
        writer.close()

    async with await asyncio.start_server(hold, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        reach = await check(f"http://127.0.0.1:{port}", PROBE, timeout_s=0.1)
        held.set()

    assert reach == (False, "no answer within 0.1 s", None)
