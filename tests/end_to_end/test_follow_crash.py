"""Ten thousand deliveries reach a file in a second process, whichever of the two is killed."""

from __future__ import annotations

import http.client
import json
import queue
import threading
import time
from contextlib import ExitStack, closing
from sqlite3 import connect
from typing import TYPE_CHECKING, Self

import pytest

from tests.benchmarks.crashing import stored
from tests.benchmarks.processes import free_port
from tests.end_to_end.support import LISTEN, Running, until

if TYPE_CHECKING:
    from pathlib import Path

DELIVERIES = 10_000
LANES = 8
KILLS = 8
"""Crashes of the follower and of the listener, in turn."""


class Senders:
    """Send each delivery again until it is acknowledged, as providers do."""

    def __init__(self, port: int, number: int) -> None:
        self.acknowledged: set[str] = set()
        self.again = 0
        """How often one was sent again."""
        self._port = port
        self._due: queue.SimpleQueue[str] = queue.SimpleQueue()
        for each in range(number):
            self._due.put(f"delivery-{each}")
        self._lanes = [threading.Thread(target=self._send_all) for _ in range(LANES)]

    def __enter__(self) -> Self:
        for lane in self._lanes:
            lane.start()
        return self

    def __exit__(self, *exception: object) -> None:
        while exception[0] and not self._due.empty():
            self._due.get()
        for lane in self._lanes:
            lane.join()

    def pass_(self, number: int) -> None:
        """Wait until so many are acknowledged."""
        until(lambda: len(self.acknowledged) >= number, f"{number} answers", 60)

    def _send_all(self) -> None:
        while True:
            try:
                self._send_until_it_breaks()
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)
            else:
                return

    def _send_until_it_breaks(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        delivery = None
        try:
            while True:
                delivery = self._due.get_nowait()
                headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": delivery}
                connection.request("POST", "/github", b'{"ref":"main"}', headers)
                assert connection.getresponse().read() == b"ok"
                self.acknowledged.add(delivery)
        except queue.Empty:
            return
        except BaseException:
            if delivery is not None:
                self.again += 1
                self._due.put(delivery)
            raise
        finally:
            connection.close()


def start(stack: ExitStack, folder: Path, store: Path, port: int) -> Running:
    """Start the listener, or start it again."""
    listen = ("listen", str(port), *LISTEN[2:], "--store", f"sqlite:{store}", "--event", "none")
    return stack.enter_context(Running(folder, *listen))


def follow(stack: ExitStack, folder: Path, store: Path) -> Running:
    """Go on in the file behind its last line but one: the last may be half a line."""
    captured = folder / "captured.ndjson"
    *whole, _ = captured.read_bytes().splitlines(keepends=True) or [b""]
    captured.write_bytes(b"".join(whole))
    since = json.loads(whole[-1])["id"] + 1 if whole else 1
    with captured.open("ab") as out:
        arguments = ("follow", "--since", str(since), "--store", f"sqlite:{store}")
        return stack.enter_context(Running(folder, *arguments, stdout=out))


def numbers(store: Path) -> list[int]:
    """Return the numbers of all that is stored, read without hookcli."""
    with closing(connect(store)) as database:
        return [row[0] for row in database.execute("SELECT id FROM deliveries ORDER BY id")]


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path) -> None:
    """All that is stored stands in the file once and in order, among it all that was answered."""
    store, captured = tmp_path / "hooks.db", tmp_path / "captured.ndjson"
    captured.touch()
    (tmp_path / "listener").mkdir()
    port = free_port()
    with ExitStack() as stack:
        listener = start(stack, tmp_path / "listener", store, port)
        assert listener.local_url
        follower = follow(stack, tmp_path, store)
        with Senders(port, DELIVERIES) as senders:
            for number in range(1, KILLS + 1):
                senders.pass_(number * DELIVERIES // (KILLS + 1))
                if number % 2:
                    follower.process.kill()
                    follower.process.wait()
                    follower = follow(stack, tmp_path, store)
                else:
                    listener.process.kill()
                    listener.process.wait()
                    listener = start(stack, tmp_path / "listener", store, port)
        wanted = len(numbers(store))
        until(lambda: captured.read_bytes().count(b"\n") >= wanted, "the last ones", 30)
        follower.interrupt()
        assert follower.ends() == 0

    records = [json.loads(line) for line in captured.read_text().splitlines()]
    assert [record["id"] for record in records] == numbers(store)
    assert {record["delivery_id"] for record in records} == stored(store) == senders.acknowledged
    assert len(senders.acknowledged) == DELIVERIES
    assert len(records) <= DELIVERIES + senders.again
