"""Sends deliveries to a second app, for whose answers nobody waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hookcli.delivery import Delivery
from hookcli.errors import HookError
from hookcli.passing import tell_if_late
from hookcli.reading import sendable_body

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookcli.delivery import Attempt, Entry
    from hookcli.forwarder import Forwarder
    from hookcli.health import Health
    from hookcli.passing import Late
    from hookcli.routes import Endpoint
    from hookcli.stores import Store


class Forward:
    """Sends deliveries to one endpoint, one at a time and in order, and stores what comes of it."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        forwarder: Forwarder,
        health: Health,
        store: Store,
        notice: Callable[[str, str], None],
        late: Late,
    ) -> None:
        """Send by `forwarder`; `notice(message, hint)` tells a person, `health` of the app.

        `late` is told where there is no answer after 100 ms.
        """
        self._endpoint = endpoint
        self._forwarder = forwarder
        self._health = health
        self._store = store
        self._notice = notice
        self._late = late
        self._unkept = ""

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Send the deliveries among the entries."""
        # Storing an attempt takes longer than many an app does.
        async with asyncio.TaskGroup() as storing:
            for entry in entries:
                if isinstance(entry, Delivery) and (attempt := await self._sent(entry)):
                    storing.create_task(self._keep(attempt))

    async def _sent(self, delivery: Delivery) -> Attempt | None:
        body = sendable_body(self._store, delivery)
        late = tell_if_late(self._late, delivery.id, self._endpoint.url)
        try:
            attempt = (await self._forwarder.send(delivery, self._endpoint, body)).attempt
        except HookError as error:
            self._notice(f"#{delivery.id} was not forwarded: {error.message}", error.hint)
            return None
        except asyncio.CancelledError:
            self._notice(
                f"Forwarding #{delivery.id} to {self._endpoint.url} was ended, as hookcli ends",
                f"Go on there: hookcli follow --since {delivery.id} --forward URL",
            )
            raise
        finally:
            late.cancel()
        if attempt.status is None:
            self._health.failed(self._endpoint)
        else:
            self._health.worked(self._endpoint)
        return attempt

    async def _keep(self, attempt: Attempt) -> None:
        """Store what came of it; where that fails, say so once for as long as the cause stays."""
        try:
            await self._store.append_attempt(attempt)
        except HookError as error:
            if error.message != self._unkept:
                self._unkept = error.message
                said = f"What came of forwarding #{attempt.delivery} is not stored"
                self._notice(f"{said}: {error.message}", error.hint)
        else:
            self._unkept = ""
