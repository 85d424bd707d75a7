"""Goals 8 and 9: how much memory large deliveries take, and how much none."""

from __future__ import annotations

import http.client
from concurrent.futures import ThreadPoolExecutor

from tests.benchmarks.servers import NOTHING_SHOWN, hookcli
from tests.benchmarks.table import Options, Row

LARGE = 25 * 1024 * 1024
"""GitHub's largest delivery, in bytes."""

MIB = 1024 * 1024


def idle(options: Options) -> list[Row]:
    """Goal 9: listening, a moment after the start."""
    measured = []
    for number in range(options.rounds):
        with hookcli(options.folder / f"idle-{number}.db") as server:
            server.settle()
            measured.append(server.memory() / MIB)
    return [
        Row(
            goal=9,
            what="idle memory of listen --tunnel none",
            measured=measured,
            must=60,
            aim=48,
            unit="MiB",
            less=True,
        )
    ]


def large(options: Options) -> list[Row]:
    """Goal 8: a 25 MiB delivery alone, and four at once, each time in a new process."""
    what = {1: ("one 25 MiB delivery, peak above idle", 16, 6), 4: ("four at once", 48, 16)}
    return [
        Row(
            goal=8,
            what=text,
            measured=[_peak(options, together, number) for number in range(options.rounds)],
            must=must,
            aim=aim,
            unit="MiB",
            less=True,
        )
        for together, (text, must, aim) in what.items()
    ]


def _peak(options: Options, together: int, number: int) -> float:
    with hookcli(options.folder / f"large-{together}-{number}.db", *NOTHING_SHOWN) as server:
        _post(server.port, 2)
        server.settle()
        before = server.memory()
        server.forget_peak()
        with ThreadPoolExecutor(together) as pool:
            statuses = list(pool.map(_post, [server.port] * together, [LARGE] * together))
        if statuses != [200] * together:
            raise RuntimeError(f"answered {statuses}")
        return (server.peak_memory() - before) / MIB


def _post(port: int, size: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/github", bytes(size))
    status = connection.getresponse().status
    connection.close()
    return status
