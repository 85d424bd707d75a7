"""Knows which deliveries shown to a person are still to be answered, and of which to say so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from hookcli.delivery import UNSIGNED

if TYPE_CHECKING:
    from datetime import datetime

    from hookcli.delivery import Delivery, Verdict

REMEMBERED = 1000
"""Deliveries that are known of, the newest ones."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Late(NamedTuple):
    """An app that had not answered a delivery yet."""

    delivery: int
    url: str
    at: datetime


class Known(NamedTuple):
    """What is known of a delivery when its answer is shown; as in `Delivery`."""

    provider: str | None = None
    handshake: str | None = None
    signature: Verdict = UNSIGNED


@dataclass(slots=True)
class _Shown:
    known: Known
    settled: set[str | None] = field(default_factory=set)
    """The URLs of which it was said that they have answered it, or have not; None is hookcli."""


class Waiting:
    """Brings together what the log shows and what the senders wait for, in whatever order."""

    def __init__(self) -> None:
        self._shown: dict[int, _Shown] = {}
        self._late: dict[tuple[int, str], Late] = {}

    def shown(self, delivery: Delivery) -> None:
        """Note that a person has seen it come in."""
        known = Known(delivery.provider, delivery.handshake, delivery.signature)
        _remember(self._shown, delivery.id, _Shown(known))

    def answered(self, delivery: int, url: str | None) -> Known:
        """Note that it was answered from there; return what is known of it, if it was shown."""
        self._late.pop((delivery, url or ""), None)
        shown = self._shown.get(delivery)
        if shown is None:
            return Known()
        shown.settled.add(url)
        return shown.known

    def late(self, late: Late) -> None:
        """Note that its answer is late."""
        _remember(self._late, (late.delivery, late.url), late)

    def due(self) -> list[Late]:
        """Return of which it is to be said now, once: they are shown, and still not answered."""
        due = []
        for key in [key for key in self._late if key[0] in self._shown]:
            late, shown = self._late.pop(key), self._shown[key[0]]
            if late.url not in shown.settled:
                shown.settled.add(late.url)
                due.append(late)
        return sorted(due)


def _remember(known: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    known[key] = value
    if len(known) > REMEMBERED:
        del known[next(iter(known))]
