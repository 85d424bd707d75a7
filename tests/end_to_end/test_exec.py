"""A command per delivery, of a whole program: what it gets, and what is left of it at the end."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.support import ISSUE, ISSUE_HEADERS, LISTEN, Running, post, run, until

if TYPE_CHECKING:
    from pathlib import Path

SLOW = "sh -c 'trap \"\" TERM; echo started; while :; do sleep 1; done'"
"""A command that does not end by itself, nor when it is asked to."""


def test_a_script_gets_the_payload_and_its_story(tmp_path: Path) -> None:
    """The exact bytes, one delivery after the other; the records go on undisturbed."""
    script = tmp_path / "handle"
    script.write_text(
        "#!/bin/sh\n"
        f"cat > {tmp_path}/$HOOKCLI_DELIVERY_ID.body\n"
        f"env | grep ^HOOKCLI_ | sort > {tmp_path}/$HOOKCLI_DELIVERY_ID.env\n"
        "echo handled $HOOKCLI_DELIVERY_EVENT\n"
    )
    script.chmod(0o755)
    binary = bytes(range(256)) * 8_000

    with Running(tmp_path, *LISTEN, "--exec", str(script), "--count", "2") as hookcli:
        url = hookcli.local_url
        assert [post(url, ISSUE, ISSUE_HEADERS), post(url, binary, path="/x?a=1")] == [200, 200]
        assert hookcli.ends() == 0

    assert (tmp_path / "1.body").read_bytes() == ISSUE
    assert (tmp_path / "2.body").read_bytes() == binary
    assert (tmp_path / "1.env").read_text().splitlines() == [
        "HOOKCLI_DELIVERY_ACTION=opened",
        "HOOKCLI_DELIVERY_EVENT=issues",
        "HOOKCLI_DELIVERY_ID=1",
        "HOOKCLI_DELIVERY_METHOD=POST",
        "HOOKCLI_DELIVERY_PATH=/payload",
        "HOOKCLI_DELIVERY_PROVIDER=github",
        "HOOKCLI_DELIVERY_PROVIDER_ID=72d3162e-cc78-11e3-81ab-4c9367dc0958",
    ]
    assert "HOOKCLI_DELIVERY_EVENT=\n" in (tmp_path / "2.env").read_text()
    assert [json.loads(line)["id"] for line in hookcli.out.read_text().splitlines()] == [1, 2]
    assert "*** --exec on #1 prints:\n  │ handled issues\n" in hookcli.err.read_text()


def test_senders_do_not_wait_for_the_command(tmp_path: Path) -> None:
    """Nor does what is shown."""
    with Running(tmp_path, *LISTEN, "--exec", "sleep 30") as hookcli:
        url = hookcli.local_url

        assert [post(url) for _ in range(20)] == [200] * 20
        until(lambda: hookcli.out.read_text().count("\n") == 20, "all records")


def test_one_that_fails_is_told_and_the_next_runs(tmp_path: Path) -> None:
    """The exit code is that of receiving."""
    command = "sh -c 'exit $HOOKCLI_DELIVERY_ID'"
    with Running(tmp_path, *LISTEN, "--exec", command, "--count", "2", "--check") as hookcli:
        url = hookcli.local_url
        assert [post(url), post(url)] == [200, 200]
        assert hookcli.ends() == 0

    said = hookcli.err.read_text()
    assert "*** --exec on #1 ended with exit code 1\n         Try it alone: " in said
    assert "*** --exec on #2 ended with exit code 2\n" in said


def test_a_flood_of_output_is_cut(tmp_path: Path) -> None:
    with Running(tmp_path, *LISTEN, "--exec", "seq 1000000", "--count", "1") as hookcli:
        post(hookcli.local_url)
        assert hookcli.ends(20) == 0

    said = hookcli.err.read_text()
    assert len(said) < 10_000
    assert "--exec on #1 prints, after 6.9 MB not shown:" in said
    assert said.count("  │ 1000000\n") == 1


@pytest.mark.parametrize(
    ("signals", "code"),
    [
        pytest.param([signal.SIGTERM], 0, marks=pytest.mark.slow),  # both patiences run out
        ([signal.SIGINT, signal.SIGINT], 130),
    ],
)
def test_the_command_ends_with_hookcli(
    tmp_path: Path, signals: list[signal.Signals], code: int
) -> None:
    """One that will not, too; a second Ctrl+C does not even ask."""
    with Running(tmp_path, *LISTEN, "--exec", SLOW) as hookcli:
        url = hookcli.local_url
        post(url)
        until(lambda: "started" in hookcli.err.read_text(), "the command")
        for number in signals:
            hookcli.interrupt(number)
            until(lambda: _refuses(url), "the port to close")

        assert hookcli.ends(20) == code
        assert not hookcli.leaves_orphans()


def _refuses(url: str) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == errno.ECONNREFUSED


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("sh -c 'oops", 'Error: --exec: "sh -c \'oops" is no command: No closing quotation'),
        ("", "Error: --exec: there is no command"),
        ("no-such-program", "Error: --exec: there is no program 'no-such-program'"),
    ],
)
def test_what_cannot_be_run_is_wrong_usage(command: str, message: str) -> None:
    """Said before anything is received."""
    ended = run(*LISTEN, "--exec", command)

    assert ended.returncode == 2
    assert ended.stderr.decode().startswith(message)


def test_the_command_is_not_told_what_is_hookclis_own(tmp_path: Path) -> None:
    """Nor the token."""
    env = os.environ | {"NGROK_AUTHTOKEN": "2abcTOKEN", "HOOKCLI_STORE": "memory"}
    with Running(tmp_path, *LISTEN, "--exec", "env", "--count", "1", env=env) as hookcli:
        post(hookcli.local_url)
        assert hookcli.ends() == 0

    assert "HOOKCLI_DELIVERY_ID=1" in hookcli.err.read_text()
    assert "2abcTOKEN" not in hookcli.err.read_text()
    assert "HOOKCLI_STORE" not in hookcli.err.read_text()
