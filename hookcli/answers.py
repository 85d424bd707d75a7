"""What the sender of a delivery is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookcli.delivery import BODILESS, NO_HEADERS, Attempt

if TYPE_CHECKING:
    from datetime import datetime

    from hookcli.delivery import Delivery, Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIn:
    """The answer that hookcli gives by itself: the same to every delivery."""

    status: int = 200
    body: bytes = b"ok"
    headers: Headers = NO_HEADERS
    """Beside these go Content-Type, where it is not among them, and the framing."""
    delay_s: float = 0.0
    """Seconds that the sender waits for it."""

    @property
    def is_default(self) -> bool:
        """Whether senders get what they get when nothing was asked for."""
        return self == BuiltIn()

    def attempt(self, delivery: Delivery, now: datetime) -> Attempt:
        """Return the answer to `delivery` as it is kept, given at `now`."""
        bodiless = delivery.method == "HEAD" or self.status in BODILESS
        return Attempt(
            kind="answer",
            delivery=delivery.id,
            started_at=delivery.received_at,
            duration_ms=max(0.0, (now - delivery.received_at).total_seconds() * 1000),
            status=self.status,
            headers=self.headers,
            body=b"" if bodiless else self.body,
        )
