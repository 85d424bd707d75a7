"""Sends what is followed to second apps, each at its own pace."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from hookcli.banner import banner_forward
from hookcli.errors import HookError
from hookcli.forwarder import Forwarder, reachable
from hookcli.health import Health
from hookcli.outputs.forward import Forward
from hookcli.pipeline import Follower
from hookcli.running import listener_on

if TYPE_CHECKING:
    from hookcli.delivery import Delivery
    from hookcli.routes import Endpoint, Routes
    from hookcli.watching import Watching


class Sending:
    """The apps of a run that follows; an async context manager."""

    def __init__(
        self, routes: Routes, watch: Watching, *, timeout_s: float, insecure: bool
    ) -> None:
        """Send where `routes` lead, as a Forwarder does, and tell of it where `watch` does."""
        self._routes = routes
        self._watch = watch
        self._forwarder = Forwarder(timeout_s=timeout_s, insecure=insecure)
        endpoints = [endpoint for _, endpoint in routes]
        self.health = Health(
            endpoints,
            connect=reachable,
            say=watch.desk.console.endpoint,
            clock=lambda: datetime.now(UTC),
        )
        self.followers = [self._follower(endpoint) for endpoint in endpoints]
        """Have to be brought the log, one for each app."""

    async def __aenter__(self) -> Self:
        """Begin. Raises HookError where what is sent would come in again, for ever."""
        for _, endpoint in self._routes:
            await self._refuse_listener(endpoint)
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._forwarder.__aexit__(*exception)

    async def said(self) -> list[str]:
        """Look for the apps; return the lines of the banner that tell of them."""
        await self.health.check()
        screen = self._watch.desk.screen()
        return banner_forward(self._routes, screen, down=self.health.down, answer=None)

    def answers(self, delivery: Delivery) -> int:
        """Return how many answers a delivery will have: the listener's, and that of our app."""
        return 1 if self._routes.of(delivery.path) is None else 2

    def _follower(self, endpoint: Endpoint) -> Follower:
        async def selects(delivery: Delivery) -> bool:
            return self._routes.of(delivery.path) is endpoint

        output = Forward(
            endpoint,
            forwarder=self._forwarder,
            health=self.health,
            store=self._watch.store,
            notice=self._watch.desk.console.notice,
            late=self._watch.desk.console.pending,
        )
        return Follower(output, selects=selects, count=None, busy=bool, answers=lambda _: 0)

    async def _refuse_listener(self, endpoint: Endpoint) -> None:
        if not endpoint.here:
            return
        status = await asyncio.to_thread(listener_on, endpoint.address[1])
        if status is not None and status.store == self._watch.store.url:
            raise HookError(
                f"{endpoint.url} is the listener whose deliveries these are",
                "Each would come in again, for ever: name the URL of an app",
            )
