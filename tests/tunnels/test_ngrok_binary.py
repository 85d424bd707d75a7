"""The ngrok agent's program: where it is, and which version it is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from hookcli.errors import HookError
from hookcli.tunnels.ngrok_binary import find, version


def make_program(path: Path, script: str = "echo ngrok version 3.39.10") -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return path


def test_the_agent_is_the_one_named_then_the_one_on_path_then_pyngroks(tmp_path: Path) -> None:
    """So nothing is downloaded that is there already."""
    default = tmp_path / "config" / "ngrok"
    environ = {"PATH": str(tmp_path / "bin")}
    assert find(environ, default) is None
    assert find(environ, make_program(default)) == default
    on_path = make_program(tmp_path / "bin" / "ngrok")
    assert find(environ, default) == on_path
    named = make_program(tmp_path / "mine")
    assert find({**environ, "PYNGROK_NGROK_PATH": str(named)}, default) == named


def test_pyngroks_own_command_is_no_agent(tmp_path: Path) -> None:
    """Its name is ngrok too, and it stands beside Python in every environment with pyngrok."""
    shim = make_program(tmp_path / "bin" / "ngrok", "from pyngrok.ngrok import main")
    snap = tmp_path / "snap" / "ngrok"
    snap.parent.mkdir()
    snap.symlink_to(make_program(tmp_path / "usr" / "snap"))
    beside = Path(sys.executable).parent
    folders = [str(shim.parent), str(snap.parent), str(beside), ""]

    assert find({"PATH": os.pathsep.join(folders)}, tmp_path / "none") is None


def test_a_named_agent_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """Not a reason to take another one, or to download one."""
    with pytest.raises(HookError, match="The ngrok agent is not at") as caught:
        find({"PYNGROK_NGROK_PATH": str(tmp_path / "gone")}, tmp_path)

    assert "Antivirus" in caught.value.hint


def test_the_version_is_what_the_agent_says(tmp_path: Path) -> None:
    """Of any length."""
    assert version(make_program(tmp_path / "ngrok")) == "3.39.10"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo 'cannot allocate memory' >&2; exit 2", "does not run: cannot allocate memory"),
        ("exit 0", "does not run: it says nothing"),
    ],
)
def test_a_program_that_does_not_say_is_an_error(tmp_path: Path, script: str, message: str) -> None:
    """It may be for another processor, or no agent at all."""
    with pytest.raises(HookError, match=message):
        version(make_program(tmp_path / "ngrok", script))


def test_a_program_that_may_not_run_or_is_gone_is_an_error(tmp_path: Path) -> None:
    """Each with its own words."""
    program = make_program(tmp_path / "ngrok")
    program.write_bytes(b"\x7fELF")
    with pytest.raises(HookError, match="does not run: Exec format error"):
        version(program)
    program.chmod(0o600)
    with pytest.raises(HookError, match="does not run: Permission denied"):
        version(program)
    program.unlink()

    with pytest.raises(HookError, match="is not at"):
        version(program)
