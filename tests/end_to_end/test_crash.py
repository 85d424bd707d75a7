"""Whatever was acknowledged is there after a crash, and was on the disk before."""

from __future__ import annotations

import shutil
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.crashing import kill_under_load, stored, traced, unsynced

if TYPE_CHECKING:
    from pathlib import Path

TRACE = """\
10 recvfrom(7, "POST /github"..., 262144, 0, NULL, NULL) = 7262
11 fdatasync(5 <unfinished ...>
10 recvfrom(8, "POST /github"..., 262144, 0, NULL, NULL) = 7262
11 <... fdatasync resumed>) = 0
10 recvfrom(7, "", 262144, 0, NULL, NULL) = 0
10 recvfrom(8, 0x5626, 262144, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)
10 sendto(7, "HTTP/1.1 200"..., 100, 0, NULL, 0) = 100
10 sendto(8, "HTTP/1.1 200"..., 100, 0, NULL, 0) = 100
"""


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path: Path) -> None:
    """Twenty crashes under load, each at another moment: every acknowledged delivery is there."""
    store = tmp_path / "hooks.db"
    moments = Random(9)
    acknowledged: set[str] = set()
    for _ in range(20):
        acknowledged |= kill_under_load(store, moments.uniform(0.05, 0.4))

    assert len(acknowledged) > 1_000
    assert acknowledged - stored(store) == set()


@pytest.mark.slow
def test_every_answer_waits_for_the_disk(tmp_path: Path) -> None:
    """Between a request and its answer lies a whole fdatasync, which strace sees."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    answers, early = traced(tmp_path, seconds=2)

    assert answers > 100
    assert early == 0


def test_an_answer_before_its_own_fdatasync_would_be_found_out() -> None:
    """The second request came while the disk was busy with the first: its answer is too early.

    That a sender has said its last word, or nothing more yet, is no request.
    """
    answers, early = unsynced(TRACE.splitlines())

    assert (answers, early) == (2, 1)
