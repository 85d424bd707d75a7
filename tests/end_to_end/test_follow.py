"""In a second process one sees, and sends on, what the first one receives."""

from __future__ import annotations

import json
import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.sockets import OK, App, Line, dial, request
from tests.end_to_end.support import (
    ISSUE,
    ISSUE_HEADERS,
    LISTEN,
    Running,
    Terminal,
    post,
    run,
    until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def listening(tmp_path: Path) -> Iterator[Running]:
    """Run a listener over the store that is the default one."""
    folder = tmp_path / "listener"
    folder.mkdir()
    with Running(folder, *LISTEN) as listener:
        assert listener.local_url
        yield listener


@contextmanager
def following(tmp_path: Path, *arguments: str, stdout: int | None = None) -> Iterator[Running]:
    """Run a second process that follows."""
    with Running(tmp_path, "follow", *arguments, stdout=stdout) as follower:
        until(lambda: "Follows" in follower.err.read_text(), "the banner")
        yield follower


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_shows_what_another_process_receives(tmp_path: Path, number: signal.Signals) -> None:
    """From now on, until a signal ends it well."""
    with listening(tmp_path) as listener:
        post(listener.local_url)
        with following(tmp_path) as follower:
            post(listener.local_url, ISSUE, ISSUE_HEADERS)
            record = json.loads(until(follower.out.read_text, "the record"))
            follower.interrupt(number)

            assert follower.ends() == 0
            assert (record["id"], record["event"]) == (2, "issues")
            assert record["body"].encode() == ISSUE
            assert "Stopped. 1 delivery, #2" in follower.err.read_text()


def test_counts_what_comes(tmp_path: Path) -> None:
    """The answers are looked at as well."""
    with listening(tmp_path) as listener:
        post(listener.local_url)
        with following(tmp_path, "--last", "1", "--count", "2", "--check") as follower:
            post(listener.local_url)

            assert follower.ends() == 0
        assert run("follow", "--count", "1", "--timeout", "0.1s").returncode == 3
        assert run("follow", "--since", "2h", "--timeout", "0.1s").stdout.count(b"\n") == 2


def test_a_reader_that_goes_away_ends_it(tmp_path: Path) -> None:
    """`| head -1`: without another delivery."""
    with listening(tmp_path) as listener:
        post(listener.local_url)
        reader, writer = os.pipe()
        with following(tmp_path, "--last", "1", stdout=writer) as follower:
            os.close(writer)
            with os.fdopen(reader) as records:
                assert json.loads(records.readline())["id"] == 1

            assert follower.ends(seconds=1) == 0


def test_a_second_app_is_shown_to_a_person(tmp_path: Path) -> None:
    """Its answer stands below that of the listener; Ctrl+C stops."""
    other = tmp_path / "other"
    other.mkdir()
    store = f"sqlite:{other / 'hooks.db'}"
    with listening(tmp_path) as listener, Running(other, *LISTEN, "--store", store) as app:
        url = app.local_url
        with Terminal("follow", "--forward", url, "--format", "line") as terminal:
            terminal.shows(rf"^Forward +{url}$")
            post(listener.local_url, ISSUE, ISSUE_HEADERS)
            terminal.shows(r"--> #1 github issues\.opened \[unchecked\] 266 B POST /payload")
            terminal.shows(r"<-- #1 \[200\] \d+ ms built in")
            terminal.shows(rf"<-- #1 \[200\] \d+ ms {url}")
            terminal.presses_ctrl_c()

            assert terminal.ends() == 0
        until(app.out.read_text, "the delivery at the second app")


def test_a_second_app_is_not_taken_for_who_answers_the_sender(tmp_path: Path) -> None:
    """The listener's own app lets wait for it, and only then all is well and over."""
    go = threading.Event()

    def slow(app: App, line: Line) -> None:
        app.request(line)
        go.wait(10)
        line.say(OK)

    folder = tmp_path / "listener"
    folder.mkdir()
    with (
        App(slow) as app,
        Running(folder, *LISTEN, "-f", app.url, "--count", "1", "--check") as listener,
        dial(listener.local_url) as line,
        following(tmp_path, "-f", "1", "--format", "records") as follower,
    ):
        line.say(request())
        until(lambda: '"type":"attempt"' in follower.out.read_text(), "the second app")
        go.set()

        assert line.message() == OK
        assert listener.ends() == 0


def test_there_has_to_be_something_to_follow() -> None:
    """What to do is said."""
    missing, memory = run("follow"), run("follow", "--store", "memory")

    assert missing.returncode == 1
    assert b"Hint: hookcli listen 4567" in missing.stderr
    assert memory.returncode == 2
    assert b"Hint: Let both have a file" in memory.stderr
