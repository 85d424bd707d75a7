"""The ngrok agent under pyngrok: what it takes over, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from pyngrok import installer
from pyngrok.exception import PyngrokNgrokURLError

from hookcli.errors import HookError
from hookcli.tunnels.ngrok import Agent, prepare_binary, read_settings
from hookcli.tunnels.ngrok_log import Stopping
from tests.tunnels.parts import HOST, agents
from tests.tunnels.test_ngrok_download import serving, tarred

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ngrok_edge.running import RunningEdge


def make_agent(edge: RunningEdge) -> Agent:
    """Build an agent of the look-alike."""
    return Agent(binary=edge.agent(), settings=read_settings({}, edge.config_v3), domain=None)


def test_a_configuration_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """It does not quote the file: the token may be on the broken line."""
    config = tmp_path / "ngrok.yml"
    with pytest.raises(HookError, match="cannot be read: No such file"):
        read_settings({}, config)
    for broken in ("authtoken: [2abcdef", "- 2abcdef", "authtoken: \x00 2abcdef"):
        config.write_text(broken)

        with pytest.raises(HookError, match="is not valid YAML") as caught:
            read_settings({}, config)

        error = caught.value
        assert "2abcdef" not in f"{error.message}{error.hint}"
        assert error.__context__ is None


def test_an_empty_configuration_is_one_without_a_token(tmp_path: Path) -> None:
    """As is none at all."""
    config = tmp_path / "ngrok.yml"
    config.touch()

    assert read_settings({}, config).token is None
    assert read_settings({"HOME": str(tmp_path)}, None).token is None


def test_an_agent_that_nobody_has_is_downloaded(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Once, to where pyngrok would put it, and said before."""
    lines: list[str] = []
    environ = {"PATH": "", "HOME": str(home)}

    with serving((200, tarred(), 0)) as url:
        monkeypatch.setattr(installer, "get_ngrok_cdn_url", lambda _: url())
        binary = prepare_binary(environ, lines.append)

    assert prepare_binary(environ, lines.append) == binary
    assert binary == home / "config" / "ngrok" / "ngrok"
    assert lines == ["Downloading the ngrok agent, once, to ~/config/ngrok/ngrok"]
    assert capfd.readouterr() == ("", "")


def test_closing_ends_an_agent_that_is_being_started(edge: RunningEdge, tmp_path: Path) -> None:
    """However little it says."""
    edge.stall()
    agent = make_agent(edge)
    failures: list[HookError] = []

    def start() -> None:
        with pytest.raises(HookError) as caught:
            agent.start(lambda _: None, 60)
        failures.append(caught.value)

    thread = threading.Thread(target=start)
    thread.start()
    edge.wait_for(lambda edge: edge.state()["sessions"])
    agent.close()
    thread.join(5)

    assert len(failures) == 1
    assert not agents(tmp_path)


def test_an_agent_that_is_closed_does_not_start(edge: RunningEdge, tmp_path: Path) -> None:
    """Whoever was about to start it comes too late."""
    agent = make_agent(edge)
    agent.close()

    with pytest.raises(HookError, match="being closed"):
        agent.start(lambda _: None, 60)

    assert not agents(tmp_path)


def test_an_agent_that_hangs_is_killed(edge: RunningEdge, tmp_path: Path) -> None:
    """Closing takes no longer than it was given."""
    agent = make_agent(edge)
    agent.start(lambda _: None, 10)
    agent.open("http://127.0.0.1:9")
    (running,) = agents(tmp_path)
    os.kill(running, 19)
    agent.close(timeout_s=0.5)

    assert agent.wait() == -9
    assert not agents(tmp_path)


def test_an_endpoint_whose_opening_took_too_long_may_be_open(
    edge: RunningEdge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening it again would meet the first one."""
    agent = make_agent(edge)
    agent.start(lambda _: None, 10)
    ask = agent._ask

    def slow(method: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        answer = ask(method, *args, **kwargs)
        if method == "POST":
            raise PyngrokNgrokURLError("ngrok client exception, URLError: timed out", "timed out")
        return answer

    monkeypatch.setattr(agent, "_ask", slow)
    url = agent.open("http://127.0.0.1:9")
    agent.close()

    assert url.startswith("https://")
    assert edge.happened("bind") == edge.happened("unbind") == 1


def test_an_agent_that_ended_is_not_started_by_asking_it(edge: RunningEdge, tmp_path: Path) -> None:
    """As pyngrok's own calls would."""
    agent = make_agent(edge)
    agent.start(lambda _: None, 10)
    agent.open("http://127.0.0.1:9")
    (running,) = agents(tmp_path)
    os.kill(running, 9)
    agent.wait()

    assert agent.url() is None
    with pytest.raises(HookError, match="No contact"):
        agent.open("http://127.0.0.1:9")
    agent.close()
    assert not agents(tmp_path)


def test_what_an_agent_said_last_is_heard_though_it_has_ended(edge: RunningEdge) -> None:
    """As it is asked to stop; pyngrok reads no further then, and lines may still be in the pipe."""
    agent = make_agent(edge)
    heard: list[object] = []
    agent.start(heard.append, 10)
    agent.close()
    says = """echo 't=0 lvl=info msg="received stop request" obj=app'; exit 3"""
    with subprocess.Popen(["/bin/sh", "-c", says], stdout=subprocess.PIPE, text=True) as ended:
        agent._running = SimpleNamespace(  # type: ignore[assignment]
            proc=ended, pyngrok_config=agent._config, _monitor_thread=None
        )
        code = agent.wait()

    assert code == 3
    assert heard[-1] == Stopping()


def test_neither_the_token_nor_the_agent_is_left_to_see(edge: RunningEdge, tmp_path: Path) -> None:
    """Not in the list of processes, not in what is printed, not after SIGKILL."""
    environ = edge.environ() | {"NGROK_AUTHTOKEN": edge.token, "HTTP_PROXY": "http://127.0.0.1:9"}
    with subprocess.Popen(
        [sys.executable, "-c", HOST], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ
    ) as host:
        edge.wait_for(lambda edge: edge.urls)
        listed = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, check=True)
        assert agents(tmp_path)
        host.kill()
        printed = host.communicate()
    edge.wait_for(lambda _: not agents(tmp_path))
    edge.wait_for(lambda _: not list(tmp_path.glob("hookcli-*")))

    assert edge.token.encode() not in listed.stdout
    assert printed == (b"", b"")


def test_a_refusal_prints_nothing_by_itself(edge: RunningEdge) -> None:
    """What pyngrok logs, and what the agent says on stderr, quotes the token."""
    edge.fail_auth("ERR_NGROK_107")
    host = subprocess.run(
        [
            sys.executable,
            "-c",
            HOST.replace(
                "asyncio.run(main())",
                "try: asyncio.run(main())\nexcept Exception as error: print(error)",
            ),
        ],
        capture_output=True,
        text=True,
        env=edge.environ(),
        check=False,
    )

    assert "ERR_NGROK_107" in host.stdout
    assert edge.token not in host.stdout + host.stderr
    assert host.stderr == ""
