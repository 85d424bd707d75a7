"""A delivery is found by the name that a person gives it, or the candidates are listed."""

from __future__ import annotations

import pytest

from hookcli.errors import HookError
from hookcli.grammar import reference
from hookcli.references import resolve
from hookcli.stores.memory import MemoryStore
from tests.stores.builders import make_delivery


async def holding(*delivery_ids: str | None) -> MemoryStore:
    """Return a store with a delivery for each of the provider's ids."""
    store = MemoryStore()
    for delivery_id in delivery_ids:
        await store.append(make_delivery(delivery_id=delivery_id))
    return store


async def refused(store: MemoryStore, name: str) -> HookError:
    """Return the error that `name` gets."""
    with pytest.raises(HookError) as caught:
        await resolve(store, reference(name))
    return caught.value


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("1", 1),
        ("#2", 2),
        ("latest", 4),
        ("latest~0", 4),
        ("latest~3", 1),
        ("evt_first", 1),
        ("evt_fi", 1),
        ("evt_", 4),
        ("987654", 3),
    ],
)
async def test_a_delivery_is_found(name: str, number: int) -> None:
    """By number, from the end, by the provider's id, or by enough of its beginning."""
    store = await holding("evt_first", None, "987654", "evt_")

    delivery = await resolve(store, reference(name))

    assert delivery.id == number
    assert delivery.body == make_delivery().body


async def test_digits_are_our_number_first() -> None:
    """A provider that numbers its deliveries cannot hide one of ours."""
    store = await holding("2", "1")

    assert (await resolve(store, reference("2"))).id == 2


async def test_a_whole_id_wins_over_the_beginning_of_another() -> None:
    """Ids that begin alike are still told apart."""
    store = await holding("evt_abc", "evt_abcdef")

    assert (await resolve(store, reference("evt_abc"))).id == 1


@pytest.mark.parametrize("name", ["99999", "latest~3", "72d31", "123456", "9" * 30, "72d316%"])
async def test_what_names_none_is_refused_with_the_latest_ones(name: str) -> None:
    """A short beginning, or digits, is no beginning of a provider's id."""
    store = await holding("72d3162e-cc78", "12345678", None)

    error = await refused(store, name)

    assert error.exit_code == 1
    assert error.message.startswith("No delivery is ")
    assert "\n#1 " in error.hint
    assert "github issues.opened 72d3162e-cc78" in error.hint
    assert "\n#3 " in error.hint


async def test_what_names_several_is_refused_with_the_candidates() -> None:
    """At most five of them, the newest ones."""
    store = await holding(*[f"evt_abc{number}" for number in range(7)])

    error = await refused(store, "evt_abc")

    assert error.message.startswith("evt_abc names several deliveries:\n#3 ")
    assert error.message.count("\n") == 5
    assert error.message.endswith("github issues.opened evt_abc6")


async def test_a_redelivery_has_to_be_told_from_its_original() -> None:
    """Two with the very same id are two candidates."""
    store = await holding("72d3162e", "72d3162e")

    assert "several" in (await refused(store, "72d3162e")).message


async def test_an_empty_store_says_how_to_start() -> None:
    """There is no candidate to list."""
    error = await refused(await holding(), "latest")

    assert error.message == "There are no deliveries yet"
    assert "hookcli listen" in error.hint


async def test_a_candidate_cannot_fake_a_line() -> None:
    """What a sender put into the id or the path is quoted."""
    store = MemoryStore()
    fake = make_delivery(event=None, action=None, path="/\n#9", delivery_id="a\nHint: b")
    await store.append(fake)

    error = await refused(store, "nothing")

    assert error.hint.splitlines()[1].endswith(r'POST "/\n#9" "a\nHint: b"')
    assert len(error.hint.splitlines()) == 2
