"""Goal 14: what it costs to check a signature, and to find out why one is wrong."""

from __future__ import annotations

import asyncio
import gc
import hmac
import json
import time
from datetime import UTC, datetime
from statistics import mean, median
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from hookcli.answers import BuiltIn
from hookcli.delivery import Delivery, Headers
from hookcli.judging import Judge, Rules
from hookcli.payload import FORM, content_type
from hookcli.routes import Routes
from hookcli.secret import Secret
from hookcli.signatures.hmacs import Hmac
from hookcli.signatures.providers import PROVIDERS
from hookcli.signatures.request import Request
from hookcli.signatures.verifying import BY_NAME, examine
from tests.benchmarks.payloads import github_issue
from tests.benchmarks.table import Options, Row
from tests.signatures.vectors import vectors

if TYPE_CHECKING:
    from hookcli.signatures.providers import Provider
    from tests.signatures.vectors import Vector

SIZE = 25_000
BODY = github_issue(SIZE)
FORM_BODY = f"payload={quote_plus(BODY)}"[:SIZE].encode()
HOSTILE = (
    json.dumps({"a": "\U0001f389x" * (SIZE // 5 - 3)}, ensure_ascii=False).encode(),
    json.dumps([{"\u00fc/<>&": '"\\\n'}] * (SIZE // 30), ensure_ascii=False).encode(),
    b"[" + b"[]," * (SIZE // 3 - 1) + b"[]]",
    b"a=1&" * (SIZE // 4),
)
"""Bodies that are dear to write anew, or to take apart."""
KEYS = {"text": "s3cret", "hex": "ab" * 32, "base64": "c2VjcmV0", "whsec": "whsec_c2VjcmV0"}
NOW = datetime(2026, 11, 24, tzinfo=UTC)
HOST = "https://hooks.test"
TIMES = 50


def checked(options: Options) -> list[Row]:
    """Goal 14: CPU added by checking what is right, of all HMACs; and spent on what is wrong."""
    hmacs = [provider for provider in PROVIDERS if isinstance(provider.schemes[0], Hmac)]
    rounds = [asyncio.run(_added(hmacs)) for _ in range(options.rounds)]
    alone = f"hmac.digest alone: {median(_bare() for _ in range(options.rounds)):.0f} us"
    dearest = max(rounds[-1], key=rounds[-1].__getitem__)
    return [
        Row(
            goal=14,
            what=what,
            measured=measured,
            must=60,
            aim=45,
            unit="us of CPU",
            less=True,
            note=note,
        )
        for what, measured, note in (
            ("checking an HMAC of 25 KB", [mean(costs.values()) for costs in rounds], alone),
            ("the dearest HMAC", [max(costs.values()) for costs in rounds], dearest),
        )
    ] + _explained(options)


def _explained(options: Options) -> list[Row]:
    """Measure what is done for a signature that is no longer right, as the body is another one."""
    kept = {
        (vector.provider, _is_form(vector)): vector for vector in vectors() if not vector.reason
    }
    for vector in kept.values():
        _explaining(vector, BODY)  # what public keys need is loaded once
    gc.collect()
    gc.freeze()  # what only this benchmark holds, the collector need not look through
    plain = [
        {key: _explaining(kept[key], FORM_BODY if key[1] else BODY) for key in kept}
        for _ in range(options.rounds)
    ]
    hostile = [
        {key: max(_explaining(kept[key], body) for body in HOSTILE) for key in kept}
        for _ in range(options.rounds)
    ]
    return [
        Row(
            goal=14,
            what=f"why a signature of 25 KB fails, {what}",
            measured=[max(costs.values()) for costs in rounds],
            must=20,
            aim=10,
            unit="ms of CPU",
            less=True,
            note=_dearest(rounds),
        )
        for what, rounds in (("the dearest", plain), ("hostile bodies", hostile))
    ]


def _dearest(rounds: list[dict[tuple[str, bool], float]]) -> str:
    (name, is_form) = max(rounds[-1], key=rounds[-1].__getitem__)
    everyone = median(mean(costs.values()) for costs in rounds)
    return f"{name}{', a form' * is_form}; {everyone:.1f} ms: the mean of all"


async def _added(providers: list[Provider]) -> dict[str, float]:
    """Microseconds that a secret adds to what is decided of a delivery, by provider."""
    added = {}
    for provider in providers:
        delivery, secret = _signed(provider)
        costs = []
        for secrets in ((secret,), ()):
            rules = Rules(answer=BuiltIn(), routes=Routes(), secrets=secrets)
            costs.append(await _judging(Judge(rules, lambda: HOST), delivery))
        added[provider.name] = (costs[0] - costs[1]) * 1e6
    return added


async def _judging(judge: Judge, delivery: Delivery) -> float:
    began = time.process_time()
    for _ in range(TIMES):
        judgement = await judge.judge(delivery)
    spent = time.process_time() - began
    assert not judgement.delivery.signature.failed
    return spent / TIMES


def _signed(provider: Provider) -> tuple[Delivery, Secret]:
    """Return a delivery, and the secret that it was signed with."""
    scheme = provider.schemes[0]
    assert isinstance(scheme, Hmac)
    key = KEYS[scheme.key]
    delivery = Delivery(
        method="POST",
        path="/in",
        headers=Headers([("Content-Type", "application/json")]),
        body=BODY,
        provider=provider.name,
        received_at=NOW,
    )
    request = Request(delivery=delivery, url=f"{HOST}/in", now=NOW.timestamp())
    return scheme.sign(request, key), Secret(value=key, provider=provider.name)


def _bare() -> float:
    began = time.process_time()
    for _ in range(TIMES):
        hmac.digest(b"s3cret", BODY, "sha256")
    return (time.process_time() - began) / TIMES * 1e6


def _is_form(vector: Vector) -> bool:
    return content_type(vector.request.delivery.headers) == FORM


def _explaining(vector: Vector, body: bytes) -> float:
    """Milliseconds that it takes to explain why the signature is not that of this body."""
    request = vector.request.with_body(body)
    secret = Secret(value=vector.secret, provider=vector.provider)
    began = time.process_time()
    examine(request, BY_NAME[vector.provider], [secret])
    spent = time.process_time() - began

    return spent * 1e3
