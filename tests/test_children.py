"""Commands are run to their end, with the payload and what they are told of it."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import pytest

from hookcli.children import Children, Trouble, command_words
from hookcli.errors import HookError, UsageError
from tests.programs import PYTHON, Shown, chunks, run

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_command_gets_the_payload_and_is_heard() -> None:
    """Both of its streams; success is no news."""
    assert await run(["cat"], b"one\ntwo") == (None, ["one", "two"])
    assert await run(["sh", "-c", "echo out; echo err >&2"]) == (None, ["out", "err"])


async def test_a_payload_of_any_size_arrives() -> None:
    """Read as slowly as it may be."""
    shown = Shown()
    pieces = [bytes([at]) * 300_000 for at in range(20)]

    trouble = await Children(os.environ).run(
        ["cksum"], variables={}, payload=chunks(*pieces), show=shown
    )

    assert trouble is None
    assert shown.lines[0].split()[1] == "6000000"


async def test_a_command_need_not_read() -> None:
    assert await run(["true"], b"x" * 1_000_000) == (None, [])


async def test_a_command_without_a_payload_reads_nothing() -> None:
    """It does not wait for a person to type."""
    assert await run(["cat"]) == (None, [])


async def test_half_a_payload_does_not_pass_for_a_whole_one() -> None:
    """A command that reads to the end never gets there."""
    shown = Shown()
    payload = chunks(b"half", error=HookError("the store is gone", "Look"))

    with pytest.raises(HookError, match="the store is gone"):
        await Children(os.environ).run(
            ["sh", "-c", "cat >/dev/null; echo whole"], variables={}, payload=payload, show=shown
        )

    assert shown.lines == []


async def test_the_environment_has_no_secrets_and_no_leftovers() -> None:
    """What is told of this delivery is there, and nothing of hookcli's own."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOOKCLI_STORE": "memory",
        "HOOKCLI_DELIVERY_EVENT": "old",
        "NGROK_AUTHTOKEN": "secret",
        "OTHER": "kept",
    }
    _, lines = await run(["env"], environ=environ, variables={"HOOKCLI_DELIVERY_ID": "42"})

    names = {line.partition("=")[0] for line in lines}
    assert {"OTHER=kept", "HOOKCLI_DELIVERY_ID=42"} <= set(lines)
    assert {name for name in names if name.startswith(("HOOKCLI_", "NGROK_"))} == {
        "HOOKCLI_DELIVERY_ID"
    }


async def test_no_value_keeps_a_command_from_running() -> None:
    """Not one that no variable can have, nor one that is too long."""
    values = {"A": "a\0b", "B": "\ud800", "C": "é€", "D": "x" * 1_000_000}

    trouble, lines = await run(
        [*PYTHON, "import os; print(*map(os.environb.get, (b'A', b'B', b'C')), sep='\\n')"],
        variables=values,
    )

    assert trouble is None
    assert lines == [repr("a\ufffdb".encode()), repr(b"?"), repr("é€".encode())]


@pytest.mark.parametrize(
    ("script", "what"),
    [
        ("exit 3", "ended with exit code 3"),
        ("kill -9 $$", "was ended by SIGKILL"),
        ("kill -36 $$", "was ended by signal 36"),
    ],
)
async def test_a_command_that_fails_is_told(script: str, what: str) -> None:
    assert await run(["sh", "-c", script]) == (Trouble(what, None), [])


async def test_who_thinks_of_a_shell_is_told_that_there_is_none() -> None:
    trouble, lines = await run(["ls", ">", "/nowhere"])

    assert trouble
    assert trouble.hint == "There is no shell here; for one: sh -c '…'"
    assert lines


async def test_a_command_that_cannot_be_run_is_told(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("echo hello")
    script.chmod(0o755)

    gone, _ = await run([str(tmp_path / "gone")], b"x")
    headless, _ = await run([str(script)], b"x")

    assert gone == ("could not be run: No such file or directory", None)
    assert headless == (
        "could not be run: Exec format error",
        "A script needs a first line such as #!/bin/sh",
    )


def test_words_are_those_of_a_shell() -> None:
    """Quotes hold together; nothing is expanded."""
    assert command_words("sh -c 'a  b' $HOME *") == ("sh", "-c", "a  b", "$HOME", "*")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there is no command"),
        ("  ", "there is no command"),
        ("sh -c 'echo", "is no command: No closing quotation"),
        ("no-such-program-here 1", "there is no program 'no-such-program-here'"),
        ("''", "there is no program ''"),
    ],
)
def test_what_can_not_be_run_is_wrong_usage(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        command_words(text)


def test_a_file_that_is_not_executable_is_wrong_usage(tmp_path: Path) -> None:
    script = tmp_path / "my script"
    script.touch(0o644)

    with pytest.raises(UsageError, match="is not executable") as caught:
        command_words(shlex.quote(str(script)))
    assert caught.value.hint == f"chmod +x {shlex.quote(str(script))}"
