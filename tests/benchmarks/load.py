"""The load: a program that sends deliveries as fast as they are answered, or at a steady rate.

Much cheaper than any server it meets: raw sockets, requests laid out beforehand, answers only
looked at as far as their end. `python -m tests.benchmarks.load PORT` prints a report in JSON.
"""

from __future__ import annotations

import argparse
import hmac
import json
import os
import selectors
import socket
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from tests.benchmarks.payloads import github_issue

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass
class Report:
    """What came of a run."""

    seconds: float = 0.0
    answered: int = 0
    """Deliveries answered with 2xx."""
    refused: int = 0
    """Deliveries answered otherwise."""
    cpu: float = 0.0
    """Seconds of CPU this program took."""
    latencies: list[float] = field(default_factory=list)
    """Seconds from when a delivery was due to the end of its answer."""
    acknowledged: list[str] = field(default_factory=list)
    """Delivery ids answered with 2xx."""

    @property
    def rate(self) -> float:
        """Deliveries acknowledged a second."""
        return self.answered / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds within which this share of the deliveries was answered."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


class Lane:
    """One connection, or a row of them, with at most one delivery under way."""

    def __init__(self, port: int, body: bytes, *, fresh: bool, signed: str = "") -> None:
        self.address = ("127.0.0.1", port)
        self.fresh = fresh
        self.head = (
            f"POST /github HTTP/1.1\r\nHost: localhost:{port}\r\n"
            "User-Agent: GitHub-Hookshot/044aadd\r\nAccept: */*\r\n"
            "Content-Type: application/json\r\nX-GitHub-Event: issues\r\n"
            f"Content-Length: {len(body)}\r\n{signed}"
            f"{'Connection: close' if fresh else 'X-GitHub-Hook-ID: 292430182'}\r\n"
            "X-GitHub-Delivery: "
        ).encode()
        self.tail = b"\r\n\r\n" + body
        self.due = 0.0
        self.delivery = ""
        self.received = b""
        self.socket: socket.socket | None = None

    def send(self, due: float, selector: selectors.BaseSelector) -> None:
        """Send the next delivery, on a new connection if need be."""
        self.due = due
        raw = os.urandom(16).hex()
        self.delivery = f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"
        if self.socket is None:
            self.socket = socket.create_connection(self.address)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(self.socket, selectors.EVENT_READ, self)
        self.socket.sendall(self.head + self.delivery.encode() + self.tail)

    def receive(self, selector: selectors.BaseSelector) -> int:
        """Return the status once the answer is whole, 0 before; EOFError where it never will be."""
        if self.socket is None:
            raise EOFError
        data = self.socket.recv(65_536)
        if not data:
            raise EOFError
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return 0
        _, length, rest = head.lower().partition(b"content-length:")
        if length and len(body) < int(rest.split(b"\r\n", 1)[0]):
            return 0
        self.received = b""
        if self.fresh:
            selector.unregister(self.socket)
            self.socket.close()
            self.socket = None
        return int(head[9:12])


def run(lanes: Iterable[Lane], *, seconds: float, rate: float) -> Report:
    """Send for so many seconds, or until the server goes away; `rate` 0: as fast as answered."""
    report = Report()
    free = deque(lanes)
    began = now = due = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        try:
            while now < began + seconds:
                while free and due <= now:
                    free.popleft().send(due if rate else now, selector)
                    due += 1 / rate if rate else 0
                pause = max(due - now, 0) if free else began + seconds - now
                ready = selector.select(pause)
                now = time.perf_counter()
                for key, _ in ready:
                    lane: Lane = key.data
                    if status := lane.receive(selector):
                        _note(report, lane, status, now)
                        free.append(lane)
        except (EOFError, OSError):
            pass  # the server was killed: what it acknowledged until then is the report
    report.seconds = now - began
    report.cpu = time.process_time()
    return report


def _note(report: Report, lane: Lane, status: int, now: float) -> None:
    if 200 <= status < 300:
        report.answered += 1
        report.latencies.append(now - lane.due)
        report.acknowledged.append(lane.delivery)
    else:
        report.refused += 1


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--size", type=int, default=7_000)
    parser.add_argument("--fresh", action="store_true", help="a new connection per delivery")
    parser.add_argument("--rate", type=float, default=0.0, help="deliveries a second")
    parser.add_argument("--secret", default="", help="what the bodies are signed with")
    options = parser.parse_args()
    body = github_issue(options.size)
    signed = ""
    if options.secret:
        digest = hmac.digest(options.secret.encode(), body, "sha256").hex()
        signed = f"X-Hub-Signature-256: sha256={digest}\r\n"
    lanes = (
        Lane(options.port, body, fresh=options.fresh, signed=signed)
        for _ in range(options.connections)
    )
    report = run(lanes, seconds=options.seconds, rate=options.rate)
    sys.stdout.write(json.dumps(asdict(report)))


if __name__ == "__main__":
    main()
