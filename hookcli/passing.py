"""Passes deliveries on to apps, and what these answer back to the senders."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from hookcli.delivery import NO_HEADERS
from hookcli.replies import Passed, Reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookcli.delivery import Attempt, Delivery, Headers
    from hookcli.forwarder import Forwarder
    from hookcli.health import Health
    from hookcli.received import Received
    from hookcli.routes import Endpoint
    from hookcli.stores import Store

Late = Callable[[int, str], None]
"""Told a delivery and the URL of the app that has not answered it yet."""

_LATE_S = 0.1


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

        `close` ends the sender's connection. An app's answer has been written by then. Raises
        HookError where the body cannot be read.
        """
        passed: Passed | None = None

        async def relay(
            status: int, headers: Headers, start: bytes, rest: AsyncIterator[bytes] | None
        ) -> None:
            nonlocal passed
            late.cancel()
            passed = Passed(status, headers, start, rest, close=close)
            await passed.send(request)

        body = delivery.body if delivery.held else lambda: self._store.body(delivery.id)
        loop = asyncio.get_running_loop()
        late = loop.call_later(_LATE_S, self._late, delivery.id, endpoint.url)
        try:
            sent = await self._forwarder.send(delivery, endpoint, body, relay=relay)
        finally:
            late.cancel()
        if passed is not None:
            self._health.worked(endpoint)
            return passed, sent.attempt
        self._health.failed(endpoint)
        status = 504 if sent.timed_out else 502
        said = f"hookcli: {sent.attempt.error}\n".encode()
        reply = Reply(status, NO_HEADERS, said, close=close)
        return reply, replace(sent.attempt, status=status)
