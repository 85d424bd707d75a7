"""A delivery that came before is known again, and nothing else is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hookcli.stores import repeats
from hookcli.stores.repeats import Repeats
from tests.stores.builders import make_delivery

if TYPE_CHECKING:
    import pytest

    from hookcli.delivery import Delivery


class Log:
    """Numbers deliveries one after the other, and keeps what it was told of each."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, int | None]] = []

    async def append(self, delivery: Delivery) -> int:
        """Take a while, as a disk does."""
        await asyncio.sleep(0)
        self.kept.append((len(self.kept) + 1, delivery.repeats))
        return len(self.kept)


async def told(known: Repeats, *deliveries: Delivery) -> list[int | None]:
    """Return what each delivery is said to repeat."""
    log = Log()
    for delivery in deliveries:
        await known.append(delivery, log.append)
    return [first for _, first in log.kept]


def named(delivery_id: str | None, provider: str | None = "github") -> Delivery:
    """Return a delivery that its provider gave an id."""
    return make_delivery(provider=provider, delivery_id=delivery_id)


async def test_each_one_sent_again_repeats_the_first() -> None:
    assert await told(Repeats(), *[named("a"), named("b")] * 3) == [None, None, 1, 2, 1, 2]


async def test_an_id_of_another_provider_is_another_id() -> None:
    deliveries = named("a"), named("a", "gitlab"), named("a", None)

    assert await told(Repeats(), *deliveries) == [None, None, None]


async def test_what_has_no_id_repeats_nothing() -> None:
    assert await told(Repeats(), named(None), named(None)) == [None, None]


async def test_of_two_at_once_the_second_waits_for_the_number_of_the_first() -> None:
    """Some providers send to two addresses at the same moment."""
    log, known = Log(), Repeats()

    await asyncio.gather(*(known.append(named("a"), log.append) for _ in range(3)))

    assert log.kept == [(1, None), (2, 1), (3, 1)]


async def test_what_could_not_be_kept_is_not_repeated() -> None:
    """Those that waited for it go on without it."""
    log, known = Log(), Repeats()

    async def fails(_: Delivery) -> int:
        await asyncio.sleep(0)
        raise OSError(28, "No space left on device")

    first, *rest = await asyncio.gather(
        known.append(named("a"), fails),
        *(known.append(named("a"), log.append) for _ in range(2)),
        return_exceptions=True,
    )

    assert isinstance(first, OSError)
    assert rest == [1, 2]
    assert await told(known, named("a")) != [None]


async def test_knows_what_a_store_holds_already() -> None:
    """Of several with one id the first."""
    known = Repeats([("github", "a", 41), ("github", None, 42), ("github", "a", 43)])

    assert await told(known, named("a"), named("b")) == [41, None]


async def test_forgets_what_was_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """But not what still comes again and again."""
    monkeypatch.setattr(repeats, "_REMEMBERED", 2)
    deliveries = [named("a"), *(named(each) for other in "bcdef" for each in ("a", other))]

    found = await told(Repeats(), *deliveries, named("b"), named("f"))

    assert found == [None, *[1, None] * 5, None, 11]


async def test_does_not_remember_ids_without_bound() -> None:
    assert await told(Repeats(), named("a" * 1000), named("a" * 1000)) == [None, None]
