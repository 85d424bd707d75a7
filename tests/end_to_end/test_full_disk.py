"""A disk that is full, and one that may only be read."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.support import LISTEN, Running, post, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

BODY = b"x" * 100_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 4 MB."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a tmpfs")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], check=False
    )
    if mounted.returncode:
        pytest.skip("a tmpfs cannot be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_refuses_keeps_what_it_acknowledged_and_recovers(
    small_disk: Path, tmp_path: Path
) -> None:
    """503 and the reason while it is full; 200 once there is room; all of the 200s are there."""
    store = f"sqlite:{small_disk / 'hooks.db'}"
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(2_000_000))
    with Running(tmp_path, *LISTEN, "--store", store) as hookcli:
        url = hookcli.local_url
        statuses = [post(url, BODY) for _ in range(40)]
        told = hookcli.err.read_text()
        ballast.unlink()
        statuses.append(post(url, BODY))
        hookcli.interrupt()

        assert hookcli.ends() == 0
    kept = run("list", "-n", "100", "--store", store).stdout.splitlines()

    assert set(statuses[:40]) == {200, 503}
    assert statuses[40] == 200
    assert "503" in told
    assert "full" in told
    assert len(kept) >= statuses.count(200)


def test_a_disk_that_may_only_be_read_is_refused_at_once(small_disk: Path) -> None:
    """A listener that can keep nothing does not start, and says so; what is kept can be read."""
    path = small_disk / "hooks.db"
    assert run(*LISTEN, "--timeout", "0.1s", "--store", f"sqlite:{path}").returncode == 0
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    listened = run(*LISTEN, "--store", f"sqlite:{path}")
    listed = run("list", "--store", f"sqlite:{path}")

    assert listed.returncode == 0
    assert listened.returncode == 1
    assert str(path).encode() in listened.stderr
    assert b"Hint: " in listened.stderr
