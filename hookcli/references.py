"""Find the delivery that a person means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookcli.errors import HookError
from hookcli.stores import Query
from hookcli.text import word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookcli.delivery import Delivery
    from hookcli.grammar import Reference
    from hookcli.stores import Reader

_CANDIDATES = 5
_LOOKED_AT = 100
"""So many deliveries with one beginning of their id are looked at."""


async def resolve(store: Reader, reference: Reference) -> Delivery:
    """Return the delivery meant, with its body if that is held.

    Raises HookError, with the candidates, where there is none or there are several.
    """
    if reference.number is not None and (found := await store.get(reference.number)):
        return found
    if reference.back is not None:
        newest = await store.query(Query(limit=reference.back + 1))
        matches = newest[:1] if len(newest) > reference.back else []
    else:
        matches = await _named(store, reference)
    if len(matches) > 1:
        raise HookError(
            f"{word(reference.text)} names several deliveries:\n{_listed(matches)}",
            "Name one by its number",
        )
    found = await store.get(matches[0].id) if matches else None
    if found is None:
        raise await _unknown(store, reference)
    return found


async def _named(store: Reader, reference: Reference) -> list[Delivery]:
    """Return those to which the provider gave this id, or else one that begins so."""
    near = await store.query(Query(delivery_id=reference.text, limit=_LOOKED_AT))
    exact = [delivery for delivery in near if delivery.delivery_id == reference.text]
    return exact or (near if reference.may_be_prefix else [])


async def _unknown(store: Reader, reference: Reference) -> HookError:
    newest = await store.query(Query(limit=_CANDIDATES))
    if not newest:
        return HookError("There are no deliveries yet", "hookcli listen 4567 receives some")
    return HookError(
        f"No delivery is {word(reference.text)}",
        f"The latest ones are these; hookcli list shows more:\n{_listed(newest)}",
    )


def _listed(deliveries: Iterable[Delivery]) -> str:
    return "\n".join(_said(delivery) for delivery in list(deliveries)[-_CANDIDATES:])


def _said(delivery: Delivery) -> str:
    event = ".".join(filter(None, (delivery.event, delivery.action)))
    what = (delivery.provider, event) if event else (delivery.method, delivery.path)
    at = delivery.received_at.astimezone()
    values = filter(None, (*what, delivery.delivery_id))
    return f"#{delivery.id} {at:%Y-%m-%d %H:%M:%S} {' '.join(map(word, values))}"
