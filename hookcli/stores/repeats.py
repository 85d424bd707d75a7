"""Tells which deliveries repeat recent ones: their provider gave both the same id."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from hookcli.delivery import Delivery

Named = tuple[str | None, str | None, int]
"""A provider, its id of a delivery if it has one, and the number that the store gave that."""
_Name = tuple[str | None, str]

RECENT = 1024
"""Deliveries that a store looks back at when it is opened."""

_REMEMBERED = 4096
"""At least so many are remembered, and at most twice as many."""
_LONGEST = 200
"""Characters of an id; what is longer is not remembered."""


class Repeats:
    """The numbers of recent deliveries, by provider and its id of the delivery."""

    def __init__(self, named: Iterable[Named] = ()) -> None:
        """Know `named`, earlier ones first."""
        self._recent: dict[_Name, int] = {}
        self._older: dict[_Name, int] = {}
        self._coming: dict[_Name, asyncio.Event | None] = {}
        self.learn(named)

    def learn(self, named: Iterable[Named]) -> None:
        """Remember deliveries, of several with one id the first."""
        for provider, delivery_id, number in named:
            if delivery_id is not None:
                name = (provider, delivery_id)
                self._remember(name, self._known(name) or number)

    async def append(self, delivery: Delivery, append: Callable[[Delivery], Awaitable[int]]) -> int:
        """Append a delivery by `append`, with what it repeats filled in; return its number.

        One that comes while another of its id is being appended waits until that has a number.
        """
        if delivery.delivery_id is None:
            return await append(delivery)
        name = (delivery.provider, delivery.delivery_id)
        if name in self._coming:
            appended = self._coming[name] = self._coming[name] or asyncio.Event()
            await appended.wait()
        if first := self._known(name):
            self._remember(name, first)
            return await append(replace(delivery, repeats=first))
        self._coming[name] = None
        try:
            number = await append(delivery)
            self._remember(name, number)
        finally:
            if waited_for := self._coming.pop(name, None):
                waited_for.set()
        return number

    def _known(self, name: _Name) -> int | None:
        return self._recent.get(name) or self._older.get(name)

    def _remember(self, name: _Name, number: int) -> None:
        if len(name[1]) > _LONGEST:
            return
        if len(self._recent) >= _REMEMBERED:
            self._older, self._recent = self._recent, {}
        self._recent[name] = number
