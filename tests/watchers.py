"""What is asked of whoever watches the log."""

from __future__ import annotations

from typing import Any

from hookcli.choosing import Choice
from hookcli.watching import WatchWish


def make_watch_wish(**fields: Any) -> WatchWish:
    """Return what is asked for by `--format records --color never`."""
    usual: dict[str, Any] = {
        "form": "records",
        "color": "never",
        "choice": Choice([], None),
        "save": None,
        "count": None,
        "timeout_s": None,
        "check": False,
    }
    return WatchWish(**{**usual, **fields})
