"""Sends deliveries to apps, byte for byte, and hands back what they answer."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple, Self

from hookcli.delivery import Attempt, Headers
from hookcli.dialling import dial
from hookcli.exchange import KEPT_BODY, Body, Exchange
from hookcli.failures import BreakOffError
from hookcli.pool import Pool, trust
from hookcli.wire import end_to_end, request_head

if TYPE_CHECKING:
    from hookcli.delivery import Delivery
    from hookcli.routes import Endpoint

_REACHABLE_S = 1.0

Relay = Callable[[int, Headers, bytes, AsyncIterator[bytes] | None], Awaitable[None]]
"""Told status, headers and body of an answer: the whole of it, or its beginning and the rest.

The headers are without those between neighbours. Where the app breaks off, or is too slow, the
rest raises BreakOffError.
"""


class Sent(NamedTuple):
    """What came of one send."""

    attempt: Attempt
    timed_out: bool
    """Whether the app was too slow, rather than down or wrong."""


class Forwarder:
    """Sends over connections that it keeps; an async context manager."""

    def __init__(self, *, timeout_s: float, insecure: bool = False) -> None:
        """Give apps so long for a whole answer; accept any certificate if `insecure`."""
        self._timeout_s = timeout_s
        self._insecure = insecure
        self._pools: dict[tuple[str, tuple[str, int]], Pool] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        for pool in self._pools.values():
            pool.close()

    async def send(
        self, delivery: Delivery, endpoint: Endpoint, body: Body, *, relay: Relay | None = None
    ) -> Sent:
        """Send `delivery` with its whole `body`; hand what is answered to `relay`, if there is one.

        `relay` is awaited once the answer is known, and not at all where there is none; that the
        sender has gone away (ConnectionError) is no failure. Whatever the app does is told by the
        attempt. Raises what else `body` and `relay` raise.
        """
        started_at, began = datetime.now(UTC), perf_counter()
        exchange = Exchange(await self._pool(endpoint), self._timeout_s)
        try:
            head = request_head(delivery, endpoint)
            start = await exchange.start(head, body, bodiless=delivery.method == "HEAD")
            took = perf_counter() - began
            truncated = len(start) > KEPT_BODY
            if exchange.whole:
                await exchange.end()  # a sender that reads slowly does not hold the app up
            if exchange.status is not None:
                await _hand_on(exchange, exchange.status, start, relay)
        finally:
            await exchange.end()
        attempt = Attempt(
            kind="forward",
            delivery=delivery.id,
            endpoint=endpoint.url,
            started_at=started_at,
            duration_ms=took * 1000,
            status=exchange.status,
            headers=exchange.headers,
            body=start[:KEPT_BODY],
            body_truncated=truncated,
            error=exchange.error,
        )
        return Sent(attempt, exchange.timed_out)

    async def _pool(self, endpoint: Endpoint) -> Pool:
        key = (endpoint.scheme, endpoint.address)
        pool = self._pools.get(key)
        if pool is None:
            tls = endpoint.scheme == "https"
            accepted = await asyncio.to_thread(trust, insecure=self._insecure) if tls else None
            pool = self._pools.setdefault(key, Pool(endpoint.address, accepted))
        return pool


async def _hand_on(exchange: Exchange, status: int, start: bytes, relay: Relay | None) -> None:
    """Give the answer to `relay`, or read it to its end."""
    rest = None if exchange.whole else exchange.rest()
    with suppress(BreakOffError, ConnectionError):
        if relay is not None:
            await relay(status, end_to_end(exchange.headers), start, rest)
        elif rest is not None:
            async for _ in rest:
                continue


async def reachable(endpoint: Endpoint) -> bool:
    """Return whether something listens there: one TCP connection, within a second.

    Where it cannot be tried, for want of open files, nothing is held against the app.
    """
    try:
        async with asyncio.timeout(_REACHABLE_S):
            transport, _ = await dial(asyncio.Protocol, endpoint.address)
    except OSError as error:
        return error.errno in {errno.EMFILE, errno.ENFILE}
    transport.abort()
    return True
