"""What can go wrong with the tunnel through ngrok, tried on an edge on loopback."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hookcli.errors import HookError
from hookcli.tunnels import ngrok_tunnel
from hookcli.tunnels.ngrok_errors import NoContactError
from tests.tunnels.parts import HASTY, SOON, Notes, agents, kill_agent, listening, make_tunnel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.ngrok_edge.running import RunningEdge


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


async def test_a_session_refused_after_an_outage_says_why(edge: RunningEdge) -> None:
    """The agent tries on, but a person may have to act."""
    notes = Notes()
    async with listening() as listener, make_tunnel(listener, edge, notes):
        edge.fail_auth("ERR_NGROK_108", times=1)
        edge.drop()
        await notes.until(lambda notes: notes.last.state == "online" and len(notes.words) > 2)

        lost, refused, _ = notes.states[2:]
        assert lost.reason == "no contact with ngrok"
        assert "runs as many agents as it may (ERR_NGROK_108)" in str(refused.reason)
        assert refused.at == lost.at


async def test_a_token_refused_once_there_is_a_network_ends_the_trying(edge: RunningEdge) -> None:
    """It would be refused for ever; the listener goes on."""
    edge.pause()
    notes = Notes()
    async with (
        listening() as listener,
        make_tunnel(listener, edge, notes, keep_trying=True, patience=SOON),
    ):
        edge.fail_auth("ERR_NGROK_107")
        edge.resume()
        await notes.until(lambda notes: "reset or revoked" in str(notes.last.reason))

        assert notes.words == ["connecting", "offline", "offline"]


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


@pytest.mark.parametrize("start", [5, 1])
async def test_without_a_network_it_keeps_trying_where_it_may(
    edge: RunningEdge, start: float
) -> None:
    """Entering goes on at once, and the tunnel opens when there is a network.

    Be it that the agent gets through by itself, or that it is started again.
    """
    edge.pause()
    notes = Notes()
    async with (
        listening() as listener,
        make_tunnel(listener, edge, notes, keep_trying=True, patience=replace(HASTY, start=start)),
    ):
        assert notes.words == ["connecting", "offline"]
        await edge.until(lambda edge: edge.happened("connection-refused") > (1 if start > 1 else 2))
        edge.resume()
        await notes.until(lambda notes: notes.last.state == "online")

        assert notes.words == ["connecting", "offline", "online"]
        assert notes.last.reachable
        assert notes.last.offline_s is not None


@pytest.mark.parametrize("keep_trying", [True, False])
async def test_without_a_network_there_may_be_no_agent_either(
    edge: RunningEdge, monkeypatch: pytest.MonkeyPatch, keep_trying: bool
) -> None:
    """It is downloaded once there is a network, where trying is kept up; why not is said once."""
    tries = 0

    def prepare(_: object, announce: Callable[[str], None]) -> Path:
        nonlocal tries
        tries += 1
        announce("Downloading the ngrok agent")
        if tries < 3:
            raise NoContactError("The ngrok agent could not be downloaded: no network", "Wait")
        return edge.agent()

    monkeypatch.setattr(ngrok_tunnel, "prepare_binary", prepare)
    notes = Notes()
    async with listening() as listener:
        tunnel = make_tunnel(listener, edge, notes, keep_trying=keep_trying)
        if not keep_trying:
            with pytest.raises(NoContactError, match="could not be downloaded"):
                await tunnel.__aenter__()
            return
        async with tunnel:
            assert tunnel.label == "ngrok"
            assert notes.last.reason == "no contact with ngrok, to download its agent"
            await notes.until(lambda notes: notes.last.state == "online")

            assert tunnel.label == "ngrok 3.30.0"
            assert notes.words == ["connecting", "offline", "online"]
            assert notes.lines == [
                "Downloading the ngrok agent",
                "The ngrok agent could not be downloaded: no network",
            ]


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
        assert notes.last.reason == (
            "the ngrok agent ended by itself (exit code -9), again;"
            " to be public again, start hookcli again"
        )
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
        await notes.until(lambda notes: "Antivirus programs remove it" in notes.lines[-1])


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
