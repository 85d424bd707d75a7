"""How a tunnel stands, and telling it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hookcli.state import TunnelState

if TYPE_CHECKING:
    from hookcli.tunnels import Report
    from hookcli.tunnels.probe import Reach


class Standing:
    """The state of a tunnel, reported each time it changes."""

    def __init__(self, report: Report, url: str | None = None) -> None:
        self._report = report
        self.url = url
        """The public URL as last known."""
        self.lost_at: datetime | None = None
        """When contact was lost; None while there is contact, or there was none yet."""
        self._why_lost = ""
        self.checked_s: float | None = None
        """How long the last request of our own took to arrive, in seconds."""

    def connecting(self) -> None:
        """Say that it is being opened."""
        self._report(TunnelState(state="connecting", public_url=self.url, at=datetime.now(UTC)))

    def online(self, reach: Reach) -> None:
        """Say that it is open, and whether our own request arrived."""
        now = datetime.now(UTC)
        gap = (now - self.lost_at).total_seconds() if self.lost_at else None
        self.lost_at, self.checked_s = None, reach.seconds
        self._report(
            TunnelState(
                state="online",
                public_url=self.url,
                at=now,
                reachable=reach.reachable,
                offline_s=gap,
                reason=reach.reason,
            )
        )

    def offline(self, reason: str, silent_s: float = 0) -> None:
        """Say that contact is lost, since `silent_s` ago unless it was lost before.

        Says nothing where that has been said, for the same reason.
        """
        if self.lost_at is None:
            self.lost_at = datetime.now(UTC) - timedelta(seconds=silent_s)
        elif reason == self._why_lost:
            return
        self._why_lost = reason
        self._report(
            TunnelState(state="offline", public_url=self.url, at=self.lost_at, reason=reason)
        )
