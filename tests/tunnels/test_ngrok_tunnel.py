"""The tunnel through ngrok, against an edge on loopback."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from hookcli.errors import HookError
from tests.tunnels.parts import Notes, agents, listening, make_tunnel, post

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ngrok_edge.running import RunningEdge


async def test_a_tunnel_is_online_and_checked_once_entered(edge: RunningEdge) -> None:
    """Its own request arrived before anybody is told that it is online."""
    notes = Notes()

    async with listening() as listener, make_tunnel(listener, edge, notes) as tunnel:
        assert notes.words == ["connecting", "online"]
        assert notes.last.reachable
        assert notes.last.public_url == edge.urls[0]
        assert notes.last.offline_s is None
        assert tunnel.label == "ngrok 3.30.0"
        assert tunnel.checked_s is not None


async def test_a_body_of_a_mebibyte_comes_through_byte_for_byte(edge: RunningEdge) -> None:
    """In both directions, a few at once."""
    async with listening() as listener, make_tunnel(listener, edge, Notes()):
        for body in (os.urandom(1 << 20), b"", b"\x00"):
            answer = await post(edge, edge.urls[0], body)

            assert answer == (200, body)


async def test_leaving_deletes_the_endpoint_and_ends_the_agent(
    edge: RunningEdge, tmp_path: Path
) -> None:
    """Else ngrok holds the URL until it notices that the agent is gone."""
    async with listening() as listener, make_tunnel(listener, edge, Notes()):
        running = agents(tmp_path)

    assert len(running) == 1
    assert edge.happened("unbind") == 1
    assert not agents(tmp_path)


@pytest.mark.parametrize("mode", ["abort", "goaway"])
async def test_a_dropped_session_is_told_and_comes_back(edge: RunningEdge, mode: str) -> None:
    """With the same URL, checked again."""
    notes = Notes()
    async with listening() as listener, make_tunnel(listener, edge, notes):
        url, probes = notes.last.public_url, listener.probes
        edge.drop(mode)
        await notes.until(lambda notes: notes.words[2:] == ["offline", "online"])

        assert notes.states[2].reason == "no contact with ngrok"
        assert notes.last.public_url == url
        assert notes.last.reachable
        assert notes.last.offline_s is not None
        assert 0 <= notes.last.offline_s < 5
        assert listener.probes == probes + 1
        assert await post(edge, edge.urls[0], b"{}") == (200, b"{}")


async def test_contact_was_lost_when_ngrok_fell_silent(edge: RunningEdge) -> None:
    """The agent notices later: what came in between is lost, and counts as offline."""
    edge.heartbeat(interval_ms=300, tolerance_ms=700)
    notes = Notes()
    async with listening() as listener, make_tunnel(listener, edge, notes):
        edge.drop("blackhole")
        await notes.until(lambda notes: notes.words[2:] == ["offline", "online"])

        assert notes.last.offline_s is not None
        assert notes.last.offline_s >= 0.7


async def test_an_outage_is_one_offline_and_one_online(edge: RunningEdge) -> None:
    """However often the agent tries in between."""
    notes = Notes()
    async with listening() as listener, make_tunnel(listener, edge, notes):
        edge.pause()
        await edge.until(lambda edge: edge.happened("connection-refused") > 1)
        edge.resume()
        await notes.until(lambda notes: notes.last.state == "online" and len(notes.words) > 2)

        assert notes.words[2:] == ["offline", "online"]
        assert notes.last.offline_s is not None
        assert notes.last.offline_s > 0.5
        assert notes.states[2].at < notes.last.at


async def test_a_url_that_changed_is_the_one_reported(edge: RunningEdge) -> None:
    """And the one that is probed."""
    notes = Notes()
    async with listening() as listener, make_tunnel(listener, edge, notes):
        before = notes.last.public_url
        edge.rename()
        edge.drop()
        await notes.until(lambda notes: notes.words[2:] == ["offline", "online"])

        assert notes.last.public_url == edge.urls[0] != before
        assert notes.last.reachable


async def test_a_domain_is_asked_for(edge: RunningEdge) -> None:
    """With or without its scheme."""
    for domain in ("brave-otter.ngrok-free.app", "https://brave-otter.ngrok-free.app/"):
        async with listening() as listener, make_tunnel(listener, edge, Notes(), domain=domain):
            urls = edge.urls

        assert urls == ["https://brave-otter.ngrok-free.app"]


async def test_an_agent_before_3_30_gets_one_https_tunnel(
    edge: RunningEdge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no endpoints yet, so it is spoken to in its own way."""
    monkeypatch.setenv("PYNGROK_NGROK_PATH", str(edge.agent("3.20.1")))
    notes = Notes()

    async with listening() as listener, make_tunnel(listener, edge, notes, domain="a.ngrok.app"):
        assert edge.urls == [notes.last.public_url] == ["https://a.ngrok.app"]
        assert notes.last.reachable


async def test_an_endpoint_that_nothing_comes_through_is_unreachable(edge: RunningEdge) -> None:
    """Our own request says so, and is sent again until it arrives."""
    notes = Notes()
    async with listening() as listener:
        listener.answers_probe = False
        async with make_tunnel(listener, edge, notes):
            unreachable = notes.last
            await edge.until(lambda edge: edge.state()["tunnels"][0]["requests"] > 2)
            listener.answers_probe = True
            await notes.until(lambda notes: bool(notes.last.reachable))

    assert unreachable.reachable is False
    assert unreachable.reason == "200, answered by something else"
    assert notes.words == ["connecting", "online", "online"]
    assert notes.last.reason is None


async def test_an_error_of_the_body_comes_out_as_it_is(edge: RunningEdge, tmp_path: Path) -> None:
    """Not wrapped in a group, and the tunnel is closed."""
    with pytest.raises(HookError, match="disk full"):
        async with listening() as listener, make_tunnel(listener, edge, Notes()):
            raise HookError("disk full", "make room")

    assert not agents(tmp_path)
