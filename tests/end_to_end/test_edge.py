"""From the public URL to the terminal: hookcli, an ngrok agent, and ngrok's cloud on loopback."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.support import Running, Terminal, post, strays, until
from tests.ngrok_edge.running import RunningEdge, running_edge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The edge is a thread of the tests' own process, and the child execs at once.
pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")

LISTEN = ("listen", "0", "--tunnel", "ngrok")


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[RunningEdge]:
    """Run ngrok's cloud."""
    with running_edge(tmp_path) as edge:
        yield edge


def send(edge: RunningEdge, url: str, body: bytes = b"{}") -> int:
    """Send a delivery to a public URL."""
    return post(edge.http_url, body, {"Host": urlsplit(url).netloc, "X-GitHub-Event": "push"})


def test_a_delivery_comes_through_byte_for_byte(edge: RunningEdge, tmp_path: Path) -> None:
    """From the public URL into the record: the body unchanged, the sender's address named."""
    body = os.urandom(1_048_576)
    with Running(tmp_path, *LISTEN, "--format", "records", env=edge.environ()) as hookcli:
        ready = json.loads(until(lambda: _first(hookcli.out, "ready"), "the ready record"))
        status = send(edge, ready["public_url"], body)
        record = json.loads(until(lambda: _first(hookcli.out, "delivery"), "the delivery"))
        hookcli.interrupt()

        assert hookcli.ends(10) == 0
        assert [ready["public_url"]] != edge.urls == []
        assert status == 200
        assert (record["id"], record["size"], record["event"]) == (1, 1_048_576, "push")
        assert not hookcli.leaves_orphans()


def test_a_person_sees_the_tunnel_come_go_and_come_back(edge: RunningEdge) -> None:
    """Banner, outage, return: each said in a line, and a local delivery works throughout."""
    with Terminal(*LISTEN, env=edge.environ()) as terminal:
        terminal.shows(r"^Tunnel     ngrok 3\.30\.0, checked end to end in \d", 20)
        url = terminal.shows(r"^Public     (https://\S+)$")[1]
        edge.pause()
        terminal.shows(r"^\d\d:\d\d:\d\d \*\*\* TUNNEL OFFLINE since \d\d:\d\d:\d\d", 20)
        statuses = [post(terminal.local_url)]
        edge.resume()
        terminal.shows(r"^\d\d:\d\d:\d\d \*\*\* TUNNEL ONLINE after .*same URL", 20)
        statuses.append(send(edge, url))
        terminal.shows("<-- #2 ")
        terminal.presses_ctrl_c()

        assert terminal.ends(10) == 0
        assert statuses == [200, 200]
        assert all(len(line) < 80 for line in terminal.lines)


def test_no_agent_outlives_a_listener_that_is_killed(edge: RunningEdge, tmp_path: Path) -> None:
    """After SIGKILL, which nobody can catch, the public URL is gone as well."""
    with Running(tmp_path, *LISTEN, env=edge.environ()) as hookcli:
        edge.wait_for(lambda edge: edge.urls)
        hookcli.interrupt(signal.SIGKILL)
        hookcli.ends()

        edge.wait_for(lambda edge: not edge.urls)
        until(lambda: not strays(), "the agent's end")


def _first(out: Path, kind: str) -> str | None:
    start = f'{{"type":"{kind}"'
    lines = out.read_text().splitlines(keepends=True)
    whole = (line for line in lines if line.endswith("\n"))
    return next((line for line in whole if line.startswith(start)), None)
