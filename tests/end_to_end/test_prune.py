"""What is removed while others receive and follow is all that they lose."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import orjson
import pytest

from tests.end_to_end.support import LISTEN, Running, Terminal, post, run, until

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of the store that every hookcli of this test uses."""
    path = tmp_path / "hooks.db"
    monkeypatch.setenv("HOOKCLI_STORE", f"sqlite:{path}")
    return path


def followed(hookcli: Running) -> list[int]:
    """Return the numbers of the whole records that were written."""
    lines = hookcli.out.read_bytes().splitlines(keepends=True)
    return [orjson.loads(line)["id"] for line in lines if line.endswith(b"\n")]


def listed() -> list[int]:
    """Return the numbers that `list` gives."""
    return [orjson.loads(line)["id"] for line in run("list", "-n", "999").stdout.splitlines()]


def send(url: str, count: int, refused: list[int]) -> None:
    """Send so many deliveries, one after the other; note what is not answered 200."""
    answers = (post(url, b'{"number": %d}' % number) for number in range(count))
    refused += [status for status in answers if status != 200]


def test_removing_takes_nothing_from_who_receives_follows_or_lists(
    tmp_path: Path, store: Path
) -> None:
    """Old ones go again and again while new ones come: each of those comes once, and stays."""
    refused: list[int] = []
    (tmp_path / "follow").mkdir()
    with Running(tmp_path, *LISTEN) as listen:
        url = listen.local_url
        send(url, 60, refused)
        with Running(tmp_path / "follow", "follow") as follow:
            until(lambda: "Follows" in follow.err.read_text(), "the follower")
            sender = threading.Thread(target=send, args=(url, 200, refused))
            sender.start()
            pruned = [run("prune", *range_of(start), "--yes") for start in (1, 21, 41)]
            while_sending = listed()
            sender.join()
            until(lambda: len(followed(follow)) == 200, "the follower to have all")
            pruned.append(run("prune", "--keep-last", "10", "--yes"))
            send(url, 5, refused)
            until(lambda: len(followed(follow)) == 205, "the follower to go on")
            seen = followed(follow)
            until(lambda: len(followed(listen)) == 265, "the listener to show all")
            shown = followed(listen)

    assert refused == []
    assert [each.returncode for each in pruned] == [0] * 4
    assert while_sending == [*range(61, while_sending[-1] + 1)]
    assert seen == [*range(61, 266)]
    assert shown == [*range(1, 266)]
    assert listed() == [*range(251, 266)]
    assert store.stat().st_size < 1_000_000


def range_of(start: int) -> list[str]:
    """Return twenty IDs."""
    return [str(number) for number in range(start, start + 20)]


def test_a_listener_keeps_its_store_small_by_itself(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the file that names the store says; the banner tells, and the newest stay."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOOKCLI_STORE")
    settings = '[store]\nurl = "sqlite:hooks.db"\nmax_size = "1MB"\n'
    (tmp_path / "hookcli.toml").write_text(settings)
    with Running(tmp_path, *LISTEN) as listen:
        for _ in range(30):
            post(listen.local_url, b"x" * 100_000)
        listen.interrupt()
        listen.ends()
    with Running(tmp_path, *LISTEN) as listen:
        until(lambda: listed()[:1] > [1] and len(listed()) < 12, "the oldest to go")
        status = post(listen.local_url, b"new")
        left = listed()
        listen.interrupt()
        listen.ends()
        banner = listen.err.read_text()

    assert "           the oldest go by themselves: max_size 1MB\n" in banner
    assert status == 200
    assert left == [*range(left[0], 32)]
    assert store.stat().st_size <= 1 << 20


def test_a_person_is_asked_first(tmp_path: Path, store: Path) -> None:
    """At the terminal; Ctrl+C is a no."""
    with Running(tmp_path, *LISTEN) as listen:
        send(listen.local_url, 3, [])
    with Terminal("prune", "--all") as hookcli:
        hookcli.shows(re.escape("Remove 3 deliveries, #1 to #3, with 39 B of payload, for good?"))
        hookcli.presses_ctrl_c()
        code = hookcli.ends()
    kept = listed()
    with Terminal("prune", "latest") as hookcli:
        hookcli.shows("for good")
        hookcli.process.sendline("y")
        hookcli.shows("^Removed 1 delivery, which freed")
        hookcli.ends()

    assert code == 130
    assert kept == [1, 2, 3]
    assert listed() == [1, 2]
    assert store.exists()
