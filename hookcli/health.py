"""Knows which of the apps that deliveries go to are there, and tells each change once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from hookcli.endpoint_lines import EndpointChange

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from hookcli.routes import Endpoint

Connect = Callable[["Endpoint"], Awaitable[bool]]
"""Returns whether something takes a connection there, within a bounded time."""

PAUSE_S = 2.0
"""Seconds between two looks at an app that is not there."""


class Health:
    """Looks for each app at the start, and then only for those that are not, or may not be, there.

    An app that works is left alone: it is a failed send that makes it doubtful.
    """

    def __init__(
        self,
        endpoints: Iterable[Endpoint],
        *,
        connect: Connect,
        say: Callable[[EndpointChange], object],
        clock: Callable[[], datetime],
    ) -> None:
        """Watch the apps at `endpoints` by `connect`; `say` is told what changes after `check`."""
        self._apps = {endpoint.address: _App(endpoint) for endpoint in endpoints}
        self._connect = connect
        self._say = say
        self._clock = clock
        self._doubt = asyncio.Event()

    async def check(self) -> None:
        """Look for all of them, at the start; whoever asks may then tell who is `down`."""
        async with asyncio.TaskGroup() as tasks:
            for app in self._apps.values():
                tasks.create_task(self._look(app, told=False))

    def down(self, endpoint: Endpoint) -> bool:
        """Return whether nothing listened there when last looked."""
        return self._apps[endpoint.address].since is not None

    def failed(self, endpoint: Endpoint) -> None:
        """Note that a delivery could not be sent there."""
        app = self._apps[endpoint.address]
        app.missed += 1
        app.doubtful = True
        self._doubt.set()

    def worked(self, endpoint: Endpoint) -> None:
        """Note that it answered a delivery."""
        self._found(self._apps[endpoint.address], told=True)

    async def run(self) -> None:
        """Look for those that are not there, or may not be, until cancelled."""
        while True:
            await self._doubt.wait()
            self._doubt.clear()
            async with asyncio.TaskGroup() as tasks:
                for app in self._apps.values():
                    if app.doubtful:
                        tasks.create_task(self._look(app, told=True))
            await asyncio.sleep(PAUSE_S)

    async def _look(self, app: _App, *, told: bool) -> None:
        app.doubtful = True
        if await self._connect(app.endpoint):
            self._found(app, told=told)
        elif app.doubtful:  # no delivery has got through meanwhile
            self._missing(app, told=told)

    def _found(self, app: _App, *, told: bool) -> None:
        since, missed = app.since, app.missed
        app.since, app.missed, app.doubtful = None, 0, False
        if since is not None and told:
            self._say(EndpointChange(app.url, up=True, since=since, missed=missed))

    def _missing(self, app: _App, *, told: bool) -> None:
        self._doubt.set()
        if app.since is None:
            app.since = self._clock()
            if told:
                self._say(EndpointChange(app.url, up=False, since=app.since, missed=app.missed))


class _App:
    """What is known of one host and port, whatever paths lead there."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.url = f"{endpoint.scheme}://{endpoint.host}"
        self.since: datetime | None = None
        """When it was first missed; None while it is there."""
        self.missed = 0
        """Deliveries that failed since it was last there."""
        self.doubtful = False
        """Whether it may not be there."""
