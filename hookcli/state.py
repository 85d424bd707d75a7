"""What the running listener says of itself, beside its deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Everything asked for is up, or given up. Said once."""

    public_url: str | None
    local_url: str
    store: str
    pid: int
    inspect_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TunnelState:
    """The way in from the internet, as last known. Said on every change."""

    state: Literal["connecting", "online", "offline"]
    public_url: str | None
    at: datetime
    """When it became so: for `offline`, when contact was lost."""
    reachable: bool | None = None
    """Whether our own request through the public URL arrived; None while not known."""
    offline_s: float | None = None
    """For an `online` after an `offline`: how long deliveries could not arrive, in seconds."""
    reason: str | None = None
    """Why it is offline or unreachable, in words."""
