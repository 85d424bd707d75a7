"""A command once hookcli is up: it can send what is waited for, and its failure is loud."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from tests.end_to_end.support import LISTEN, Running, post, run, until

if TYPE_CHECKING:
    from pathlib import Path

SEND = f"""\
#!{sys.executable}
import os, urllib.request
url = os.environ["HOOKCLI_LOCAL_URL"] + "/from-ci"
assert os.environ["HOOKCLI_PUBLIC_URL"] == ""
print(urllib.request.urlopen(url, b'{{"sent": "by a command"}}').read().decode())
"""
"""A program that sends one delivery, as a workflow that is started would."""


def test_a_job_starts_what_sends_the_webhook_and_waits_for_it(tmp_path: Path) -> None:
    """One command: listening first, so that nothing can be missed."""
    script = tmp_path / "send"
    script.write_text(SEND)
    script.chmod(0o755)
    wait = ("--count", "1", "--timeout", "20", "--check")

    ended = run(*LISTEN, *wait, "--on-ready", str(script))

    assert ended.returncode == 0
    assert json.loads(ended.stdout)["payload"] == {"sent": "by a command"}
    said = ended.stderr.decode()
    assert "*** --on-ready prints:\n  │ ok\n" in said
    assert said.index("--on-ready prints") < said.index("Stopped. 1 delivery")


def test_a_command_that_fails_is_loud_and_the_wait_is_in_vain() -> None:
    """The exit code is that of what did not come."""
    wait = ("--count", "1", "--timeout", "1", "--check")

    ended = run(*LISTEN, *wait, "--on-ready", "sh -c 'echo no token >&2; exit 4'")

    assert ended.returncode == 3
    assert "*** --on-ready prints:\n  │ no token\n" in ended.stderr.decode()
    assert "*** --on-ready ended with exit code 4\n" in ended.stderr.decode()


def test_nobody_waits_for_the_command(tmp_path: Path) -> None:
    """Senders are answered meanwhile, and at the end it is ended."""
    with Running(tmp_path, *LISTEN, "--on-ready", "sh -c 'echo up; sleep 600'") as hookcli:
        url = hookcli.local_url
        until(lambda: "│ up" in hookcli.err.read_text(), "the command")
        started = time.monotonic()
        assert post(url) == 200
        assert time.monotonic() - started < 1
        hookcli.interrupt()

        assert hookcli.ends() == 0
        assert not hookcli.leaves_orphans()


def test_what_cannot_be_run_is_wrong_usage() -> None:
    ended = run(*LISTEN, "--on-ready", "no-such-program --fast")

    assert ended.returncode == 2
    assert ended.stderr.decode().startswith(
        "Error: --on-ready: there is no program 'no-such-program'"
    )
