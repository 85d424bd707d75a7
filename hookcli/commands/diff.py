"""`hookcli diff`: what differs between two deliveries."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from hookcli.diff_lines import format_difference
from hookcli.diffing import difference
from hookcli.errors import HookError, UsageError
from hookcli.filters import Filters, matching
from hookcli.grammar import reference
from hookcli.options import argument, color_option, command, store_option
from hookcli.reading import read, whole_body
from hookcli.references import resolve
from hookcli.screen import screen_of
from hookcli.stores import Query
from hookcli.text import word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookcli.delivery import Delivery
    from hookcli.grammar import Reference
    from hookcli.screen import Screen, When
    from hookcli.stores import Reader


@command("diff")
@argument("which", metavar="[ID [ID]]", type=reference, nargs=-1)
@color_option
@store_option
def diff(which: Sequence[Reference], color: When, store: str | None) -> None:
    """Show what differs between two deliveries, field by field.

    IDs are as in `show`, the older one first. Of one, or of the latest where there is none, it
    is what differs from the one before it of the same event. Exit 0 if nothing does, 3 if
    something does; not for headers such as Date and signatures, which differ each time.
    """
    if len(which) > 2:
        raise UsageError("These are more than two deliveries", "Name two: hookcli diff 41 42")
    screen = screen_of(sys.stdout, os.environ, color)
    same = read(store, lambda opened: run(opened, which, sys.stdout.write, screen))
    click.get_current_context().exit(0 if same else 3)


async def run(
    store: Reader, which: Sequence[Reference], say: Callable[[str], object], screen: Screen
) -> bool:
    """Say what differs; return whether nothing does. Raises HookError."""
    *first, last = which or [reference("latest")]
    new = await resolve(store, last)
    old = await resolve(store, first[0]) if first else await _before(store, new)
    found = difference(await _whole(store, old), await _whole(store, new))
    say("\n".join(format_difference(old, new, found, screen)) + "\n")
    return not found


async def _before(store: Reader, delivery: Delivery) -> Delivery:
    """Return the one before it of the same event; where none is known, of the same request."""
    events = (re.sub(r"[*?[]", r"[\g<0>]", delivery.event),) if delivery.event else ()
    earlier = Query(provider=delivery.provider, events=events, before=delivery.id)
    async for other in matching(store, Filters(query=earlier), newest_first=True):
        if _kind(other) == _kind(delivery) and (found := await store.get(other.id)):
            return found
    kind = " ".join(word(part) for part in _kind(delivery) if part)
    raise HookError(
        f"There is no {kind} before #{delivery.id}", "Name two of any kind: hookcli diff ID ID"
    )


def _kind(delivery: Delivery) -> tuple[str | None, ...]:
    if delivery.event:
        return delivery.provider, delivery.event
    return delivery.provider, delivery.method, delivery.path


async def _whole(store: Reader, delivery: Delivery) -> Delivery:
    return delivery if delivery.held else replace(delivery, body=await whole_body(store, delivery))
