"""What the doctor looks at in tests: a computer without a network, where it is noon."""

from __future__ import annotations

import asyncio
import os
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hookcli.diagnosing import World, examine

if TYPE_CHECKING:
    from hookcli.doctor_lines import Finding

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOBODY = "127.0.0.1", 1
"""Where nothing listens."""


def make_world(**fields: Any) -> World:
    """Return a world without a network, where it is noon."""
    usual: dict[str, Any] = {
        "environ": {"HOME": os.environ["HOME"], "PATH": ""},
        "store": None,
        "settings": tuple,
        "port": free_port(),
        "ngrok": NOBODY,
        "clocks": [],
        "now": lambda: NOON,
        "patience_s": 1.0,
    }
    return World(**{**usual, **fields})


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        found: int = listening.getsockname()[1]
        return found


def examined(**fields: Any) -> list[Finding]:
    """Return all that is found."""
    found: list[Finding] = []
    asyncio.run(examine(make_world(**fields), found.append))
    return found


def look(topic: str, **fields: Any) -> Finding:
    """Return what is found of one thing."""
    return next(finding for finding in examined(**fields) if finding.topic == topic)
