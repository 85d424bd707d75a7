"""The way in says what went wrong in two lines, and ends with the right code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hookcli import __version__, cli
from hookcli.__main__ import main
from hookcli.errors import HookError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

FULL = Path("/dev/full")
HOOKCLI = [sys.executable, "-m", "hookcli"]


@pytest.fixture
def ends_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], int]:
    """Return what gives the exit code of a command that ends with an error."""

    def end(error: BaseException) -> int:
        def fail(_: object) -> int:
            raise error

        monkeypatch.setattr(cli, "run", fail)
        return main()

    return end


def test_the_version_is_said_without_loading_click() -> None:
    """`--version` costs hardly more than Python itself."""
    program = (
        "import sys; sys.argv = ['hookcli', '--version'];"
        "from hookcli.__main__ import main; main();"
        "print(sorted({'click', 'dataclasses', 're', 'typing'} & set(sys.modules)))"
    )
    # Without site, whose .pth files may import anything.
    command = [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, '.'); {program}"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)

    assert ended.stdout == f"hookcli {__version__}\n[]\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_leads_nowhere(closed: str, tmp_path: Path) -> None:
    """And its number is no other file's, which would get what is meant for the stream."""
    store = tmp_path / "hooks.db"
    listen = [*HOOKCLI, "listen", "0", "--tunnel", "none", "--timeout", "0.1"]
    command = ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *listen, "--store", f"sqlite:{store}"]
    ended = subprocess.run(command, capture_output=True, check=False)

    assert ended.returncode == 0
    assert store.read_bytes().startswith(b"SQLite format 3")


def test_an_error_is_said_in_two_parts(
    ends_with: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """What happened, what to do; nothing on stdout."""
    code = ends_with(HookError("Port 4567 is taken", "hookcli listen 0 takes any free port"))

    told = capsys.readouterr()
    assert code == 1
    assert told.out == ""
    assert told.err == "Error: Port 4567 is taken\nHint: hookcli listen 0 takes any free port\n"


def test_wrong_usage_ends_with_2(ends_with: Callable[[BaseException], int]) -> None:
    """Scripts can tell a wrong call from a failure."""
    assert ends_with(UsageError("no", "yes")) == 2


def test_what_a_task_group_raised_is_said_as_its_first_error(
    ends_with: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """That several tasks were at work is nothing a person needs to know."""
    inner = ExceptionGroup("tasks", [HookError("It broke", "Mend it"), ValueError("late")])

    code = ends_with(ExceptionGroup("outer", [inner]))

    assert code == 1
    assert capsys.readouterr().err == "Error: It broke\nHint: Mend it\n"


def test_received_text_in_an_error_is_harmless(
    ends_with: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """It moves no cursor, and it cannot fake a line of ours."""
    ends_with(HookError("Bad \x1b[31m\u202ename\nHint: run rm", "Do\nnot"))

    assert capsys.readouterr().err == (
        "Error: Bad \\u001b[31m\\u202ename\n       Hint: run rm\nHint: Do\n      not\n"
    )


def test_the_unexpected_is_said_without_a_traceback(
    ends_with: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Two lines, of which the second tells how to see more."""
    code = ends_with(RuntimeError("what\x1b now"))

    assert code == 1
    assert capsys.readouterr().err == (
        "Error: Unexpected RuntimeError: what\\u001b now\n"
        "Hint: Run it again with HOOKCLI_DEBUG=1 to see where, and please report that\n"
    )


def test_debugging_shows_the_traceback(
    ends_with: Callable[[BaseException], int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who asks for it sees where, and still nothing that could move the cursor."""
    monkeypatch.setenv("HOOKCLI_DEBUG", "1")

    ends_with(RuntimeError("what\x1b now"))

    told = capsys.readouterr().err
    assert told.startswith("Traceback (most recent call last):\n")
    assert "in fail" in told
    assert "\x1b" not in told


def test_ctrl_c_ends_quietly_with_130(
    ends_with: Callable[[BaseException], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """As a shell expects of a program that was interrupted."""
    assert ends_with(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err == ""


def test_a_reader_that_went_away_ends_it_quietly_with_0() -> None:
    """`hookcli --help | head -0` is no error."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        ended = subprocess.run(
            [*HOOKCLI, "--help"], stdout=gone, stderr=subprocess.PIPE, check=False
        )

    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.skipif(not FULL.exists(), reason="Linux has this device")
def test_a_full_disk_is_no_fault_of_the_program() -> None:
    """Which is not to be reported, but looked at."""
    with FULL.open("wb") as full:
        ended = subprocess.run([*HOOKCLI, "--help"], stdout=full, stderr=-1, check=False)

    said = b"Error: What is printed cannot be written: No space left on device\nHint: Look at"
    assert ended.returncode == 1
    assert ended.stderr.startswith(said)
    assert ended.stderr.count(b"\n") == 2


def test_an_exit_code_of_a_command_is_kept(ends_with: Callable[[BaseException], int]) -> None:
    """An expectation that was not met is 3, and stays it."""
    with pytest.raises(SystemExit) as caught:
        ends_with(SystemExit(3))

    assert caught.value.code == 3
