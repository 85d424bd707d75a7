"""Tells the person of set-up requests, and completes those that hookcli may."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookcli.confirming import Confirming
    from hookcli.handshake_replies import Handshake

_PAUSE_S = 5.0
"""Seconds in which one kind is told of once: anybody can send them."""


class SettingUp:
    """What follows from answering set-up requests."""

    def __init__(
        self,
        notice: Callable[[str, str | None], None],
        *,
        confirming: Confirming | None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Tell by `notice(message, hint)`; `confirming` fetches what completes a subscription."""
        self._notice = notice
        self._confirming = confirming
        self._clock = clock
        self._told: dict[str, float] = {}

    async def answered(self, handshake: Handshake) -> None:
        """Complete it, or say what there is for the person to do."""
        if handshake.confirm is not None and self._confirming is not None:
            await self._confirming.confirm(handshake.confirm)
        elif handshake.say is not None and self._is_due(handshake.name):
            self._notice(handshake.say, handshake.hint)

    def _is_due(self, name: str) -> bool:
        now = self._clock()
        due = now >= self._told.get(name, -_PAUSE_S) + _PAUSE_S
        if due:
            self._told[name] = now
        return due
