"""What a delivery says of itself: its event, its action, and its provider's id of it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from hookcli.delivery import HELD_BODY
from hookcli.payload import payload_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookcli.delivery import Headers
    from hookcli.signatures.providers import Provider

_LONGEST = 1000
"""Characters of a name in a body; what is longer names nothing."""

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_FIRST_MEMBER = re.compile(rb'\s*\{\s*"([\w-]+)"\s*:\s*"([\w.-]+)"')
_UNREAD: Final = object()


class Seen:
    """A request as it is looked at: headers by name, and the payload read once and if needed."""

    __slots__ = ("_compressed", "_headers", "_payload", "body", "headers")

    def __init__(self, headers: Headers, body: bytes) -> None:
        self.headers = headers.folded
        self.body = body if len(body) <= HELD_BODY else b""
        """As it came; what is larger is not looked at."""
        self._headers = headers
        self._compressed = bool(self.headers.get("content-encoding"))
        self._payload: Any = _UNREAD

    def may_hold(self, word: bytes) -> bool:
        """Return whether a word may stand in the body: a look through it, before it is parsed."""
        return self._compressed or word in self.body

    @property
    def payload(self) -> Any:
        """The value of the body, or None."""
        if self._payload is _UNREAD:
            self._payload = payload_of(self._headers, self.body, HELD_BODY)
        return self._payload

    def text(self, place: str) -> str | None:
        """Return what stands at a place, as `Provider` has them; None also where that is empty.

        Numbers are text in decimal. Parts of a place, with spaces between, must all be there.
        """
        if not place.startswith("."):
            return self.headers.get(place) or None
        if " " in place:
            parts = [self.text(part) for part in place.split()]
            return ":".join(filter(None, parts)) if all(parts) else None
        value = self.at(place)
        if type(value) is int:
            return str(value)
        return value if isinstance(value, str) and 0 < len(value) <= _LONGEST else None

    def at(self, path: str) -> Any:
        """Return the value at a path in the payload, as `.events[0].type`; None where none is."""
        value = self.payload
        for step in _steps(path):
            if isinstance(step, str):
                value = value.get(step) if isinstance(value, dict) else None
            else:
                value = value[step] if isinstance(value, list) and step < len(value) else None
        return value


def event_of(provider: Provider, seen: Seen) -> str | None:
    """Return what happened, in the provider's words."""
    return _first(provider.event, seen)


def action_of(provider: Provider, seen: Seen) -> str | None:
    """Return what the provider says more of the event."""
    place = provider.action
    if place is None:
        return None
    # Parsing is the dear part: those that have an action begin with it, and most have none.
    first = _FIRST_MEMBER.match(seen.body)
    if first and place == f".{first[1].decode()}":
        return first[2].decode()
    name = place.rpartition(".")[2]
    return seen.text(place) if seen.may_hold(name.encode()) else None


def delivery_id_of(provider: Provider, seen: Seen) -> str | None:
    """Return the provider's own name for the delivery."""
    return _first(provider.delivery_id, seen)


def _first(places: Iterable[str], seen: Seen) -> str | None:
    for place in places:
        if found := seen.text(place):
            return found
    return None


@cache
def _steps(path: str) -> tuple[str | int, ...]:
    return tuple(int(index) if index else name for index, name in _STEP.findall(path))
