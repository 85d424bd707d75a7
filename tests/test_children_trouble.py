"""Commands that hang, flood or scatter: none is left behind, and none holds hookcli up."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest

from hookcli import children as module
from hookcli.children import Children
from tests.programs import PATIENCE_S, PYTHON, Shown, run

STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sys.stdout.write(f"{os.getpid()}\\n")
sys.stdout.flush()
time.sleep(600)
"""
"""A program that does not end when it is asked to."""


def lives(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be noticed does not."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], stdout=subprocess.PIPE, check=False
    )
    return state.stdout.strip()[:1] not in {b"", b"Z"}


def open_files() -> set[Path]:
    """Return what this process has open."""
    return set(Path("/dev/fd").iterdir())


@pytest.fixture
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a command little time, and show what it prints at once."""
    monkeypatch.setattr(module, "LIMIT_S", 0.3)
    monkeypatch.setattr(module, "_GRACE_S", 0.2)
    monkeypatch.setattr(module, "_LAST_GRACE_S", 0.1)
    monkeypatch.setattr(module, "_SOON_S", 0.0)


@pytest.mark.usefixtures("_hasty")
async def test_a_command_that_hangs_is_ended() -> None:
    """With all that it started, although neither wants to."""
    script = f"{shlex.join([*PYTHON, STUBBORN])} & exec {shlex.join([*PYTHON, STUBBORN])}"

    trouble, lines = await run(["sh", "-c", script])

    assert trouble
    assert trouble.what == "still ran after 0.3 s, so it was ended"
    assert [pid for pid in lines if lives(int(pid))] == []


@pytest.mark.usefixtures("_hasty")
async def test_a_command_that_neither_reads_nor_ends_is_ended() -> None:
    trouble, _ = await run(["sleep", "600"], b"x" * 1_000_000)

    assert trouble
    assert "so it was ended" in trouble.what


async def test_what_prints_in_the_background_is_waited_for() -> None:
    assert await run(["sh", "-c", "(sleep 0.1; echo late) &"]) == (None, ["late"])


async def test_what_leaves_the_group_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if it keeps the output open."""
    monkeypatch.setattr(module, "_LAST_WORDS_S", 0.05)
    leave = "import os, time; print(os.getpid(), flush=True); os.setsid(); time.sleep(600)"
    started = time.monotonic()

    trouble, lines = await run(["sh", "-c", f"{shlex.join([*PYTHON, leave])} &"])

    assert trouble is None
    assert time.monotonic() - started < PATIENCE_S
    for pid in lines:
        os.kill(int(pid), signal.SIGKILL)


async def test_input_that_what_leaves_the_group_does_not_read_is_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each such command would keep a file open, and its payload in memory."""
    monkeypatch.setattr(module, "_LAST_WORDS_S", 0.05)
    leave = "import os, time; print(os.getpid(), flush=True); os.setsid(); time.sleep(600)"
    before = open_files()
    # A shell would give what it leaves in the background an empty input.
    script = f"exec 3<&0; {shlex.join([*PYTHON, leave])} <&3 &"
    trouble, lines = await run(["sh", "-c", script], b"x" * 1_000_000)
    await asyncio.sleep(0)

    assert trouble is None
    assert open_files() <= before
    for pid in lines:
        os.kill(int(pid), signal.SIGKILL)


@pytest.mark.usefixtures("_hasty")
async def test_cancelled_it_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when hookcli ends."""
    monkeypatch.setattr(module, "LIMIT_S", 60)
    shown = Shown()
    running = asyncio.ensure_future(
        Children(os.environ).run([*PYTHON, STUBBORN], variables={}, show=shown)
    )
    pid = int(await shown.first())
    running.cancel()

    await asyncio.wait({running}, timeout=PATIENCE_S)
    assert running.cancelled()
    assert not lives(pid)


@pytest.mark.usefixtures("_hasty")
async def test_all_can_be_killed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a second Ctrl+C does."""
    monkeypatch.setattr(module, "LIMIT_S", 60)
    shown = Shown()
    children = Children(os.environ)
    running = asyncio.ensure_future(children.run([*PYTHON, STUBBORN], variables={}, show=shown))
    await shown.first()
    children.kill()

    assert await running == ("was ended by SIGKILL", None)


async def test_what_a_command_prints_is_shown_while_it_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_SOON_S", 0.0)
    shown = Shown()
    running = asyncio.ensure_future(
        Children(os.environ).run(["sh", "-c", "echo a; sleep 600"], variables={}, show=shown)
    )

    assert await shown.first() == "a"
    running.cancel()
    await asyncio.wait({running})


async def test_a_flood_of_output_is_not_held() -> None:
    """Its beginning and its end are shown, and how much is not."""
    shown = Shown()
    script = "import sys; sys.stdout.write('line\\n' * 2_000_000 + 'last\\n')"

    trouble = await Children(os.environ).run([*PYTHON, script], variables={}, show=shown)

    assert trouble is None
    assert shown.lines[-1] == "last"
    assert len(shown.lines) < 200
    assert shown.skipped > 9_990_000
