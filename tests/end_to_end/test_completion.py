"""In the shells themselves, one presses Tab, and what was meant stands there."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pexpect
import pyte
import pytest

from hookcli.stores.opening import open_store
from tests.end_to_end.support import Terminal, environment
from tests.stores.builders import make_delivery

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.slow

START = {
    "bash": (
        ["--norc", "--noprofile", "-i"],
        "bind 'set show-all-if-ambiguous on'; source <(hookcli completion bash)",
    ),
    "zsh": (
        ["-f", "-i"],
        "setopt nolistambiguous; autoload -U compinit; compinit -D; . <(hookcli completion zsh)",
    ),
}


def needs(shell: str) -> pytest.MarkDecorator:
    """Leave a test out where its shell is not there."""
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


BOTH = [pytest.param(shell, marks=needs(shell)) for shell in START]


class Shell(Terminal):
    """A shell at its prompt, in which completion is on."""

    def __init__(self, shell: str) -> None:
        options, setup = START[shell]
        self.process: pexpect.spawn[bytes] = pexpect.spawn(
            shell, options, dimensions=(40, 100), env=with_hookcli() | {"TERM": "xterm-256color"}
        )
        self.screen = pyte.Screen(100, 400)
        self.stream = pyte.ByteStream(self.screen)
        self.process.sendline(f"PS1='ready> '; {setup}; clear")
        self.shows(r"\Aready>$")

    def types(self, text: str) -> Self:
        """Press the keys, on a line that is empty."""
        self.process.send(f"\x15{text}")
        return self


def with_hookcli() -> dict[str, str]:
    """Return the environment in which `hookcli` is the one under test."""
    folder = Path(sys.executable).parent
    return environment() | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def asks_fish(line: str) -> Sequence[str]:
    """Return what fish offers at the end of a line."""
    program = "hookcli completion fish | source; complete -C $argv[1]"
    ended = subprocess.run(
        ["fish", "--no-config", "-c", program, line],
        capture_output=True,
        text=True,
        env=with_hookcli(),
        timeout=30,
        check=True,
    )
    assert ended.stderr == ""
    return ended.stdout.splitlines()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a working folder: a store, the file that names it, and one to answer with."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "hookcli.toml").write_text('[store]\nurl = "sqlite:hooks.db"\n')
    (folder / "answer.json").touch()

    async def fill() -> None:
        store = await open_store("sqlite:hooks.db", create=True)
        await store.append(make_delivery())
        await store.append(make_delivery(event="$(touch evil)", delivery_id="$(touch evil)"))
        await store.close()

    asyncio.run(fill())
    return folder


@pytest.mark.parametrize("shell", BOTH)
def test_tab_completes(shell: str) -> None:
    """Commands, options, choices, files, and what is in the store."""
    with Shell(shell) as terminal:
        assert terminal.types("hookcli comp\t").shows("^ready> hookcli completion")
        assert terminal.types("hookcli lis\t").shows(r"^list(en)?\b.*\s+list")
        assert terminal.types("hookcli list --prov\t").shows("list --provider")
        assert terminal.types("hookcli show --format p\t").shows("--format pretty")
        assert terminal.types("hookcli show 72\t").shows(
            "show 72d3162e-cc78-11e3-81ab-4c9367dc0958"
        )
        assert terminal.types("hookcli list -e issues.\t").shows(r"-e issues\.opened")
        assert terminal.types("hookcli listen --respond-body @ans\t").shows(r"@answer\.json")


@pytest.mark.parametrize("shell", BOTH)
def test_tab_completes_behind_an_equals_sign(shell: str) -> None:
    """What stands in front of it stays, whether it is a word of its own to the shell or not."""
    with Shell(shell) as terminal:
        assert terminal.types("hookcli show --format=p\t").shows("show --format=pretty")
        assert terminal.types("hookcli list --event=issues.\t").shows(r"--event=issues\.opened")
        assert terminal.types("hookcli listen --respond-body=@ans\t").shows(
            r"--respond-body=@answer\.json"
        )


@needs("zsh")
def test_zsh_says_what_each_delivery_is() -> None:
    with Shell("zsh") as terminal:
        assert terminal.types("hookcli show \t").shows(r"^1 +-- github issues\.opened")


@pytest.mark.parametrize("shell", BOTH)
def test_what_a_sender_chose_is_never_run(shell: str, folder: Path) -> None:
    """Neither while it is looked up, nor by whoever presses Enter without reading."""
    with Shell(shell) as terminal:
        terminal.types("hookcli list -e \t").shows(r"issues\.opened")
        terminal.types("hookcli show \t").shows(r"latest")

        assert not any("touch" in line for line in terminal.lines if "--" not in line)
    assert not (folder / "evil").exists()


@pytest.mark.parametrize("shell", BOTH)
def test_tab_says_nothing_where_a_file_is_wrong(shell: str, folder: Path) -> None:
    """Options still come; an error would stand in the middle of the line."""
    (folder / "hookcli.toml").write_text("nonsense")
    with Shell(shell) as terminal:
        assert terminal.types("hookcli list --prov\t").shows(r"^ready> hookcli list --provider")
        assert "Error" not in "\n".join(terminal.lines)


@needs("fish")
def test_fish_completes_all_of_that() -> None:
    """With what each is, commas and all."""
    commands = dict(line.split("\t") for line in asks_fish("hookcli "))

    assert commands["list"] == "List what was received, newest last"
    assert asks_fish("hookcli list --prov") == ["--provider\tOnly from this one: github"]
    assert asks_fish("hookcli show --format p") == ["pretty"]
    assert asks_fish("hookcli show --format=p") == ["--format=pretty"]
    assert "1\tgithub issues.opened" in asks_fish("hookcli show ")
    assert asks_fish("hookcli list -e ") == ["issues", "issues.opened"]
    assert asks_fish("hookcli listen --respond-body @ans") == ["@answer.json"]
