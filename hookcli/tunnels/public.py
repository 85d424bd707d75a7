"""The user's own way in: cloudflared, ssh, a reverse proxy. Nothing is opened, only probed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from hookcli.tunnels.probe import Reach, watch
from hookcli.tunnels.standing import Standing

if TYPE_CHECKING:
    from types import TracebackType

    from hookcli.tunnels import Probe, Report


class PublicUrl:
    """A tunnel that somebody else keeps open."""

    label = "your own"

    def __init__(
        self, *, url: str, probe: Probe, report: Report, probe_s: float = 5, again_s: float = 5
    ) -> None:
        self._url = url.rstrip("/")
        self._standing = Standing(report, self._url)
        self._probe, self._probe_s, self._again_s = probe, probe_s, again_s
        self._probed = asyncio.Event()
        self._tasks = asyncio.TaskGroup()

    @property
    def checked_s(self) -> float | None:
        """How long our own request through it took, in seconds; None where it did not arrive."""
        return self._standing.checked_s

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._watching = self._tasks.create_task(
            watch(self._url, self._probe, self._say, timeout_s=self._probe_s, every_s=self._again_s)
        )
        await self._probed.wait()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._watching.cancel()
        # The body's own error is not this group's: it must not come out wrapped.
        await self._tasks.__aexit__(None, None, None)

    def _say(self, reach: Reach) -> None:
        self._standing.online(reach)
        self._probed.set()
