"""Passes deliveries on to apps, and what these answer back to the senders."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hookcli.delivery import NO_HEADERS, Attempt
from hookcli.reading import sendable_body
from hookcli.replies import Passed, Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookcli.delivery import Delivery, Headers
    from hookcli.forwarder import Forwarder
    from hookcli.health import Health
    from hookcli.received import Received
    from hookcli.routes import Endpoint
    from hookcli.stores import Store

Late = Callable[[int, str], None]
"""Told a delivery and the URL of the app that has not answered it yet."""

_LATE_S = 0.1


def tell_if_late(late: Late, delivery: int, url: str) -> asyncio.TimerHandle:
    """Tell `late` in 100 ms, unless what is returned is cancelled by then."""
    return asyncio.get_running_loop().call_later(_LATE_S, late, delivery, url)


class Passing:
    """The answers that apps give."""

    def __init__(self, *, forwarder: Forwarder, health: Health, store: Store, late: Late) -> None:
        """Send by `forwarder`, and tell `health` of it; large bodies are read from `store`.

        `late` is told where there is no answer after 100 ms.
        """
        self._forwarder = forwarder
        self._health = health
        self._store = store
        self._late = late

    async def pass_on(
        self, request: Received, delivery: Delivery, endpoint: Endpoint, *, close: bool
    ) -> tuple[Passed | Reply, Attempt]:
        """Send a stored delivery; return what its sender gets, and the attempt to be stored.

        `close` ends the sender's connection. An app's answer has been written by then. Who is
        cancelled waits no longer, and returns that. Raises HookError where the body cannot be read.
        """
        passed: Passed | None = None

        async def relay(
            status: int, headers: Headers, start: bytes, rest: AsyncIterator[bytes] | None
        ) -> None:
            nonlocal passed
            late.cancel()
            passed = Passed(status, headers, start, rest, close=close)
            await passed.send(request)

        body = sendable_body(self._store, delivery)
        late = tell_if_late(self._late, delivery.id, endpoint.url)
        try:
            sent = await self._forwarder.send(delivery, endpoint, body, relay=relay)
        except asyncio.CancelledError:
            _stay()
            return _cut_short(delivery, endpoint, passed)
        finally:
            late.cancel()
        if passed is not None:
            self._health.worked(endpoint)
            return passed, sent.attempt
        self._health.failed(endpoint)
        return _without_answer(sent.attempt, 504 if sent.timed_out else 502, close=close)


def _cut_short(
    delivery: Delivery, endpoint: Endpoint, passed: Passed | None
) -> tuple[Passed | Reply, Attempt]:
    """Return what comes of a delivery on which hookcli ends before its app has answered."""
    took = datetime.now(UTC) - delivery.received_at
    attempt = Attempt(
        kind="forward",
        delivery=delivery.id,
        endpoint=endpoint.url,
        started_at=delivery.received_at,
        duration_ms=took.total_seconds() * 1000,
        status=passed.status if passed else None,
        error=f"hookcli ended before the end of the answer from {endpoint.host}",
    )
    return (passed, attempt) if passed else _without_answer(attempt, 502, close=True)


def _without_answer(attempt: Attempt, status: int, *, close: bool) -> tuple[Reply, Attempt]:
    """Return what the sender gets where the app answered nothing, and the attempt with that."""
    said = f"hookcli: {attempt.error}\n".encode()
    return Reply(status, NO_HEADERS, said, close=close), replace(attempt, status=status)


def _stay() -> None:
    """Let the task go on although it was cancelled: there is something to be told and kept."""
    if task := asyncio.current_task():
        task.uncancel()
