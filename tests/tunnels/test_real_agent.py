"""The same tunnel with the real ngrok agent 2.3.41, against an edge on loopback."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hookcli.errors import HookError
from tests.tunnels.parts import (
    HASTY,
    HOST,
    SOON,
    Notes,
    agents,
    kill_agent,
    listening,
    make_tunnel,
    post,
)

if TYPE_CHECKING:
    from hookcli.tunnels.ngrok_tunnel import NgrokTunnel
    from tests.ngrok_edge.running import RunningEdge
    from tests.tunnels.parts import Listener

BINARY = os.environ.get("PYNGROK_NGROK_PATH", "")

pytestmark = [
    pytest.mark.agent,
    pytest.mark.skipif(
        not Path(BINARY).is_file(),
        reason="PYNGROK_NGROK_PATH names no ngrok agent: npm pack @expo/ngrok-bin-linux-x64@2.3.42",
    ),
]


def real(listener: Listener, edge: RunningEdge, notes: Notes, **options: Any) -> NgrokTunnel:
    """Build a tunnel with the real agent's configuration."""
    return make_tunnel(listener, edge, notes, **{"ngrok_config": edge.config_v2, **options})


async def test_a_body_of_a_mebibyte_comes_through_byte_for_byte(edge: RunningEdge) -> None:
    """Through the one https endpoint there is, under the domain that was asked for."""
    notes = Notes()
    async with listening() as listener, real(listener, edge, notes, domain="a.ngrok.app") as tunnel:
        body = os.urandom(1 << 20)

        assert tunnel.label == "ngrok 2.3.41"
        assert edge.urls == [notes.last.public_url] == ["https://a.ngrok.app"]
        assert notes.last.reachable
        assert await post(edge, edge.urls[0], body) == (200, body)

    assert edge.happened("unbind") == 1


@pytest.mark.parametrize("mode", ["abort", "goaway", "blackhole"])
async def test_a_lost_session_is_told_and_comes_back(edge: RunningEdge, mode: str) -> None:
    """With the same URL, checked again."""
    edge.heartbeat(interval_ms=500, tolerance_ms=800)
    notes = Notes()
    async with listening() as listener, real(listener, edge, notes):
        url = notes.last.public_url
        edge.drop(mode)
        await notes.until(lambda notes: notes.words[2:] == ["offline", "online"])

        assert notes.last.public_url == url
        assert notes.last.reachable
        assert notes.last.offline_s is not None
        assert (notes.last.offline_s >= 0.8) == (mode == "blackhole")
        assert await post(edge, edge.urls[0], b"{}") == (200, b"{}")


async def test_an_outage_is_one_offline_and_one_online(edge: RunningEdge) -> None:
    """However often the agent tries in between."""
    notes = Notes()
    async with listening() as listener, real(listener, edge, notes):
        edge.pause()
        await edge.until(lambda edge: edge.happened("connection-refused") > 2)
        edge.resume()
        await notes.until(lambda notes: notes.last.state == "online" and len(notes.words) > 2)

        assert notes.words[2:] == ["offline", "online"]
        assert notes.last.reachable


@pytest.mark.parametrize("code", [4018, 105, 107, 108, 121])
async def test_a_refusal_says_what_and_what_to_do(edge: RunningEdge, code: int) -> None:
    """And never the token, which ngrok's own words quote."""
    edge.fail_auth(f"ERR_NGROK_{code}")

    with pytest.raises(HookError, match=f"ERR_NGROK_{code}") as caught:
        async with listening() as listener, real(listener, edge, Notes(), keep_trying=True):
            pytest.fail("it opened")

    assert edge.token not in f"{caught.value.message}{caught.value.hint}{caught.value.__context__}"


async def test_a_url_still_online_elsewhere_is_tried_again(edge: RunningEdge) -> None:
    """After a quick restart ngrok may hold the old endpoint for some seconds."""
    edge.fail_bind("ERR_NGROK_334", times=2)
    notes = Notes()
    async with listening() as listener, real(listener, edge, notes):
        assert notes.last.state == "online"
        assert len(notes.lines) == 2


async def test_a_url_that_stays_online_elsewhere_is_an_error(edge: RunningEdge) -> None:
    """It ends with the way to find the other agent."""
    edge.fail_bind("ERR_NGROK_334")

    with pytest.raises(HookError, match="already online, from another agent"):
        async with listening() as listener, real(listener, edge, notes := Notes()):
            pytest.fail("it opened")

    assert len(notes.lines) == len(HASTY.conflict)


async def test_a_session_refused_after_an_outage_says_why(edge: RunningEdge) -> None:
    """The agent tries on, but a person may have to act."""
    notes = Notes()
    async with listening() as listener, real(listener, edge, notes):
        edge.fail_auth("ERR_NGROK_108", times=2)
        edge.drop()
        await notes.until(lambda notes: notes.last.state == "online" and len(notes.words) > 2)

        reasons = [state.reason for state in notes.states[2:-1]]
        assert reasons[0] == "no contact with ngrok"
        assert "runs as many agents as it may (ERR_NGROK_108)" in str(reasons[1])


async def test_without_a_network_it_keeps_trying_where_it_may(edge: RunningEdge) -> None:
    """Entering goes on, and the tunnel opens by itself when there is a network."""
    edge.pause()
    notes = Notes()
    async with listening() as listener, real(listener, edge, notes, keep_trying=True):
        assert notes.words == ["connecting", "offline"]
        edge.resume()
        await notes.until(lambda notes: notes.last.state == "online")

        assert notes.last.reachable


async def test_without_a_network_ngrok_alone_is_an_error(edge: RunningEdge) -> None:
    """Whoever asked for ngrok by name wants nothing less."""
    edge.pause()

    with pytest.raises(HookError, match="No contact with ngrok"):
        async with listening() as listener, real(listener, edge, Notes(), patience=SOON):
            pytest.fail("it opened")


async def test_a_killed_agent_is_started_once_more(edge: RunningEdge, tmp_path: Path) -> None:
    """Then hookcli goes on without it, and says so."""
    notes = Notes()
    async with listening() as listener, real(listener, edge, notes):
        kill_agent(tmp_path)
        await notes.until(lambda notes: notes.words[2:] == ["offline", "online"])
        assert notes.last.reachable
        kill_agent(tmp_path)
        await notes.until(lambda notes: notes.words[4:] == ["offline"])

        assert str(notes.last.reason).startswith(
            "the ngrok agent ended by itself (exit code -9), again"
        )


async def test_an_agent_stopped_from_the_dashboard_stays_stopped(edge: RunningEdge) -> None:
    """Somebody wanted it so."""
    notes = Notes()
    async with listening() as listener, real(listener, edge, notes):
        edge.stop_agents()
        await notes.until(lambda notes: "asked to stop" in str(notes.last.reason))

        assert notes.last.state == "offline"


async def test_the_agent_ends_when_hookcli_is_killed(edge: RunningEdge, tmp_path: Path) -> None:
    """And its configuration, with the token, goes with it."""
    environ = edge.environ(Path(BINARY)) | {"TMPDIR": str(tmp_path)}
    host = await asyncio.create_subprocess_exec(sys.executable, "-c", HOST, env=environ)
    await edge.until(lambda edge: edge.urls)
    assert agents(tmp_path)
    host.kill()
    await host.wait()
    await edge.until(lambda _: not agents(tmp_path))
    await edge.until(lambda _: not list(tmp_path.glob("hookcli-*")))
