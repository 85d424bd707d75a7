"""The private folder of a run, and the end of the agent when hookcli is killed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import pytest

from hookcli.errors import HookError
from hookcli.tunnels.watchdog import PrivateHome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no shell")

SLEEPER = "#!/bin/sh\necho $$ >{mark}\nexec sleep 60\n"

OWNER = """
import subprocess, sys
from pathlib import Path
from hookcli.tunnels.watchdog import PrivateHome
home = PrivateHome()
home.write_config("authtoken: abc")
agent = subprocess.Popen([home.wrap(Path(sys.argv[1]))], start_new_session=True)
print("started", flush=True)
agent.wait()
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def make_agent(tmp_path: Path) -> Path:
    """Write a program that tells its process id and goes on for a minute."""
    program = tmp_path / "my agent"
    program.write_text(SLEEPER.format(mark=f"'{tmp_path / 'running'}'"))
    program.chmod(0o700)
    return program


def until(condition: Callable[[], object]) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    """Tell whether there is such a process, one that nobody has waited for aside."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False)
    return state.stdout.strip() not in {b"", b"Z", b"Zs"}


def test_the_folder_and_the_configuration_are_for_this_user_alone(tmp_path: Path) -> None:
    """The configuration holds the token."""
    home = PrivateHome()
    try:
        home.write_config("authtoken: ä")

        assert home.path.parent == tmp_path
        assert home.path.stat().st_mode & 0o777 == 0o700
        assert home.config.stat().st_mode & 0o777 == 0o600
        assert home.config.read_text(encoding="utf-8") == "authtoken: ä"
    finally:
        home.close()

    assert not home.path.exists()


def test_the_agent_ends_with_a_killed_owner(tmp_path: Path) -> None:
    """And the token goes with it: nothing is left to find."""
    agent = make_agent(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(agent)], stdout=subprocess.PIPE
    ) as owner:
        until(lambda: (tmp_path / "running").exists() and (tmp_path / "running").read_text())
        pid = int((tmp_path / "running").read_text())
        assert is_running(pid)
        owner.kill()
    until(lambda: not is_running(pid))
    until(lambda: not list(tmp_path.glob("hookcli-*")))


def test_an_agent_that_comes_too_late_does_not_start(tmp_path: Path) -> None:
    """Its owner was killed just after it was told to start it."""
    home = PrivateHome()
    command = home.wrap(make_agent(tmp_path))
    (home.path / "alive").unlink()

    late = subprocess.run([command], check=False)
    home.forget_agent()
    home.close()

    assert late.returncode == 1
    assert not (tmp_path / "running").exists()


def test_what_it_says_on_stderr_is_output_as_well(tmp_path: Path) -> None:
    """Agents 3.x say there what went wrong, token included: it must not reach the terminal."""
    program = tmp_path / "ngrok"
    program.write_text('#!/bin/sh\necho "$@"; echo ERROR: oops >&2; cat')
    program.chmod(0o700)
    home = PrivateHome()

    run = subprocess.run(
        [home.wrap(program), "a b", "c"], capture_output=True, text=True, check=True, input="typed"
    )
    home.forget_agent()
    home.close()

    assert (run.stdout, run.stderr) == ("a b c\nERROR: oops\n", "")


def test_an_agent_that_has_ended_is_not_looked_for() -> None:
    """Its process id may be another's by now."""
    home = PrivateHome()
    with subprocess.Popen(["sleep", "60"]) as other:
        (home.path / "agent.pid").write_text(str(other.pid))
        home.forget_agent()
        home.close()

        assert other.poll() is None
        other.kill()


def test_no_room_for_the_folder_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said with the way out."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))

    with pytest.raises(HookError, match="No private folder") as caught:
        PrivateHome()

    assert "TMPDIR" in caught.value.hint
