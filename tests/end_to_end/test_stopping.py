"""How it ends: by count, by time, by signal; and that nothing outlives it."""

from __future__ import annotations

import errno
import signal
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.support import LISTEN, Running, post, run, until

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_usual_signal_ends_it_well(tmp_path: Path, number: signal.Signals) -> None:
    """Exit 0, the last words on stderr, and nothing left running."""
    with Running(tmp_path, *LISTEN) as hookcli:
        post(hookcli.local_url)
        until(hookcli.out.read_text, "the record")
        hookcli.interrupt(number)

        assert hookcli.ends() == 0
        assert "Stopped. 1 delivery, #1" in hookcli.err.read_text()
        assert not hookcli.leaves_orphans()


def test_a_second_ctrl_c_ends_it_at_once(tmp_path: Path) -> None:
    """The first waits for the delivery that is being answered; the second does not: 130."""
    with Running(tmp_path, *LISTEN, "--delay", "30s") as hookcli:
        url = hookcli.local_url
        sender = threading.Thread(target=_post_in_vain, args=(url,))
        sender.start()
        until(hookcli.out.read_text, "the record")
        hookcli.interrupt()
        until(lambda: _refuses(url), "the port to close")
        until(lambda: "Ctrl+C again ends at once" in hookcli.err.read_text(), "why it goes on")
        hookcli.interrupt()

        assert hookcli.ends(seconds=1) == 130
        sender.join()
        assert not hookcli.leaves_orphans()


def test_count_ends_it_after_so_many(tmp_path: Path) -> None:
    """The counted deliveries are answered and shown first."""
    with Running(tmp_path, *LISTEN, "--count", "2") as hookcli:
        url = hookcli.local_url

        assert [post(url), post(url)] == [200, 200]
        assert hookcli.ends() == 0
        assert len(hookcli.out.read_text().splitlines()) == 2


def test_count_counts_only_what_is_asked_for(tmp_path: Path) -> None:
    """Deliveries of other events are kept and answered, but neither shown nor counted."""
    with Running(tmp_path, *LISTEN, "--count", "1", "--event", "issues") as hookcli:
        url = hookcli.local_url
        statuses = [post(url, headers={"X-GitHub-Event": event}) for event in ("push", "issues")]

        assert statuses == [200, 200]
        assert hookcli.ends() == 0
        assert '"event":"issues"' in hookcli.out.read_text()
        assert "push" not in hookcli.out.read_text()


def test_timeout_without_a_count_is_the_plan() -> None:
    """It ran for as long as it was told: exit 0."""
    assert run(*LISTEN, "--timeout", "0.2s").returncode == 0


def test_timeout_before_the_count_is_a_disappointment() -> None:
    """What was expected did not come: exit 3."""
    assert run(*LISTEN, "--timeout", "0.2s", "--count", "1").returncode == 3


def test_a_signal_before_the_count_is_a_disappointment(tmp_path: Path) -> None:
    """The same for Ctrl+C: exit 3."""
    with Running(tmp_path, *LISTEN, "--count", "1") as hookcli:
        assert hookcli.local_url
        hookcli.interrupt()

        assert hookcli.ends() == 3


@pytest.mark.parametrize(("status", "code"), [("204", 0), ("500", 3)])
def test_check_looks_at_the_answers(tmp_path: Path, status: str, code: int) -> None:
    """With --check an answer outside 2xx makes the exit code 3."""
    with Running(tmp_path, *LISTEN, "--check", "--count", "1", "--respond", status) as hookcli:
        assert post(hookcli.local_url) == int(status)
        assert hookcli.ends() == code


def _post_in_vain(url: str) -> None:
    with pytest.raises(ConnectionError):
        post(url)


def _refuses(url: str) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == errno.ECONNREFUSED
