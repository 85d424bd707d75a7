"""The tunnel through ngrok, against an edge on loopback."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from typing import TYPE_CHECKING

import pytest

from hookcli.errors import HookError
from tests.ngrok_edge.running import RunningEdge, running_edge
from tests.tunnels.parts import HASTY, SOON, Notes, agents, kill_agent, listening, make_tunnel, post

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def edge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningEdge]:
    """Run an edge, with the v3 look-alike in the environment."""
    with running_edge(tmp_path) as edge:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        for name, value in {**edge.through, "PYNGROK_NGROK_PATH": str(edge.agent())}.items():
            monkeypatch.setenv(name, value)
        yield edge
    assert not agents(tmp_path), "an agent is left"
    assert not list(tmp_path.glob("hookcli-*")), "a private folder is left"


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


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (4018, "ngrok wants a verified account and its authtoken"),
        (105, "ngrok rejects the authtoken emul… from .*: it does not look like one"),
        (107, "ngrok rejects the authtoken emul… from .*: it was reset or revoked"),
        (108, "Your ngrok account runs as many agents as it may"),
        (121, "The ngrok agent 3.30.0 is too old for your account"),
        (4321, "ngrok refuses: Emulated failure"),
    ],
)
@pytest.mark.parametrize("keep_trying", [True, False])
async def test_a_refusal_says_what_and_what_to_do(
    edge: RunningEdge, code: int, message: str, keep_trying: bool
) -> None:
    """Trying again would not help; and ngrok's own words quote the token, ours never do."""
    edge.fail_auth(f"ERR_NGROK_{code}")
    notes = Notes()

    with pytest.raises(HookError, match=message) as caught:
        async with (
            listening() as listener,
            make_tunnel(listener, edge, notes, keep_trying=keep_trying),
        ):
            pytest.fail("it opened")

    assert str(code) in caught.value.message + caught.value.hint
    assert edge.token not in f"{caught.value.message}{caught.value.hint}{caught.value.__context__}"
    assert notes.words == ["connecting"]


async def test_a_url_still_online_elsewhere_is_tried_again(edge: RunningEdge) -> None:
    """After a quick restart ngrok may hold the old endpoint for some seconds."""
    edge.fail_bind("ERR_NGROK_334", times=2)
    notes = Notes()

    async with listening() as listener, make_tunnel(listener, edge, notes):
        assert notes.last.state == "online"
        assert [re.sub(".*: ", "", line) for line in notes.lines] == [
            "trying for 0.3 s more",
            "trying for 0.2 s more",
        ]


async def test_a_url_that_stays_online_elsewhere_is_an_error(edge: RunningEdge) -> None:
    """It ends with the way to find the other agent."""
    edge.fail_bind("ERR_NGROK_334")
    notes = Notes()

    with pytest.raises(HookError, match="already online, from another agent") as caught:
        async with listening() as listener, make_tunnel(listener, edge, notes):
            pytest.fail("it opened")

    assert "hookcli status" in caught.value.hint
    assert len(notes.lines) == len(HASTY.conflict)


async def test_without_a_network_ngrok_alone_is_an_error(edge: RunningEdge) -> None:
    """Whoever asked for ngrok by name wants nothing less."""
    edge.pause()
    notes = Notes()

    with pytest.raises(HookError, match="No contact with ngrok"):
        async with listening() as listener, make_tunnel(listener, edge, notes, patience=SOON):
            pytest.fail("it opened")

    assert notes.words == ["connecting"]


async def test_without_a_network_it_keeps_trying_where_it_may(edge: RunningEdge) -> None:
    """Entering goes on at once, and the tunnel opens by itself when there is a network."""
    edge.pause()
    notes = Notes()
    async with listening() as listener, make_tunnel(listener, edge, notes, keep_trying=True):
        assert notes.words == ["connecting", "offline"]
        await edge.until(lambda edge: edge.happened("connection-refused") > 1)
        edge.resume()
        await notes.until(lambda notes: notes.last.state == "online")

        assert notes.words == ["connecting", "offline", "online"]
        assert notes.last.reachable
        assert notes.last.offline_s is not None


async def test_an_edge_that_never_answers_is_no_network(edge: RunningEdge) -> None:
    """Left alone, pyngrok would wait for the agent's next line for ever: our own clock ends it."""
    edge.stall()

    with pytest.raises(HookError, match="No contact with ngrok"):
        async with listening() as listener, make_tunnel(listener, edge, Notes(), patience=SOON):
            pytest.fail("it opened")


async def test_a_killed_agent_is_started_once_more(edge: RunningEdge, tmp_path: Path) -> None:
    """Then hookcli goes on without it, and says so."""
    notes = Notes()
    async with listening() as listener, make_tunnel(listener, edge, notes, domain="a.ngrok.app"):
        kill_agent(tmp_path)
        await notes.until(lambda notes: notes.words[2:] == ["offline", "online"])
        assert notes.last.reachable
        kill_agent(tmp_path)
        await notes.until(lambda notes: notes.words[4:] == ["offline"])

        assert notes.states[2].reason == (
            "the ngrok agent ended by itself (exit code -9); starting it again"
        )
        assert notes.last.reason == "the ngrok agent ended by itself (exit code -9), again"
        assert notes.last.public_url == "https://a.ngrok.app"


async def test_a_restarted_agent_is_online_when_its_endpoint_is(
    edge: RunningEdge, tmp_path: Path
) -> None:
    """Not when its session is: the URL may be taken for some seconds."""
    notes = Notes()
    async with listening() as listener, make_tunnel(listener, edge, notes):
        edge.fail_bind("ERR_NGROK_334", times=2)
        kill_agent(tmp_path)
        await notes.until(lambda notes: len(notes.words) == 4)

        assert len(notes.lines) == 2
        assert notes.words[2:] == ["offline", "online"]
        assert notes.last.reachable


async def test_giving_up_while_it_opens_leaves_no_agent(edge: RunningEdge) -> None:
    """Ctrl+C comes at any time."""
    edge.stall()
    with pytest.raises(TimeoutError):
        async with (
            listening() as listener,
            asyncio.timeout(0.5),
            make_tunnel(listener, edge, Notes()),
        ):
            pytest.fail("it opened")


async def test_an_agent_that_vanished_is_not_started_again(
    edge: RunningEdge, tmp_path: Path
) -> None:
    """An antivirus program may take it away at any time."""
    notes = Notes()
    async with listening() as listener, make_tunnel(listener, edge, notes):
        edge.agent().unlink()
        kill_agent(tmp_path)
        await notes.until(lambda notes: len(notes.words) == 4)

        assert "The ngrok agent is not at" in str(notes.last.reason)


async def test_an_agent_stopped_from_the_dashboard_stays_stopped(
    edge: RunningEdge, tmp_path: Path
) -> None:
    """Somebody wanted it so."""
    notes = Notes()
    async with listening() as listener, make_tunnel(listener, edge, notes):
        edge.stop_agents()
        await notes.until(lambda notes: notes.last.state == "offline")
        await notes.until(lambda notes: "asked to stop" in str(notes.last.reason))

        assert not agents(tmp_path)


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
