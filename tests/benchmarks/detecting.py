"""Goal 13: what it costs to tell who sent a delivery, among all providers."""

from __future__ import annotations

import json
import time
from base64 import b64decode
from pathlib import Path

from hookcli.delivery import Headers
from hookcli.signatures.detection import detect
from hookcli.signatures.providers import PROVIDERS
from tests.benchmarks.table import Options, Row

DATA = Path(__file__).parent.parent / "data" / "signature-vectors.ndjson"
TIMES = 100


def told(options: Options) -> list[Row]:
    """Goal 13: microseconds for a delivery; first the mean of all providers', then the dearest."""
    requests = _requests()
    rounds = [[_cost(*request) for request in requests] for _ in range(options.rounds)]
    note = f"{len(requests)} deliveries, {len(PROVIDERS)} providers"
    return [
        Row(
            goal=13,
            what=what,
            measured=[of(costs) for costs in rounds],
            must=10,
            aim=5,
            unit="us",
            less=True,
            note=note,
        )
        for what, of in (("telling the sender", _mean), ("the dearest sender", max))
    ]


def _requests() -> list[tuple[Headers, bytes]]:
    """Return a valid delivery of each provider."""
    vectors = map(json.loads, DATA.read_text("utf-8").splitlines())
    first = {vector["provider"]: vector for vector in vectors if vector["valid"]}
    return [
        (Headers((name, value) for name, value in vector["headers"]), b64decode(vector["body_b64"]))
        for vector in first.values()
    ]


def _cost(headers: Headers, body: bytes) -> float:
    began = time.perf_counter()
    for _ in range(TIMES):
        detect(headers, body)
    return (time.perf_counter() - began) / TIMES * 1e6


def _mean(costs: list[float]) -> float:
    return sum(costs) / len(costs)
