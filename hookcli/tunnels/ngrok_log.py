"""What the agent's log lines say of its session with ngrok."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Up:
    """The session is established, at first or again."""


@dataclass(frozen=True)
class Lost:
    """There is no session."""

    error: str = ""
    """What the agent says of it."""
    silent: bool = False
    """Whether ngrok had been silent for as long as the agent tolerates."""


@dataclass(frozen=True)
class Stopping:
    """The agent was asked to end, and does."""


def read_line(message: str | None, error: str | None) -> Up | Lost | Stopping | None:
    """Return what a log line with that `msg` and `err` means; None: nothing to us."""
    match message or "":
        case "client session established":
            return Up()
        case "heartbeat timeout, terminating session":
            return Lost(silent=True)
        case "session closed, starting reconnect loop" | "failed to reconnect session":
            return Lost(error or "")
        case "received stop request":
            return Stopping()
        case _:
            return None
