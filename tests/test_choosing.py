"""Deliveries are chosen by event and by what jq says of their record."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hookcli.choosing import Choice
from hookcli.errors import UsageError
from tests.stores.builders import make_delivery

if TYPE_CHECKING:
    from hookcli.delivery import Delivery


async def body(delivery: Delivery) -> bytes:
    """Return the whole of a body."""
    return delivery.body


async def no_body(_: Delivery) -> bytes:
    """Fail, where nobody should ask for a body."""
    raise AssertionError


async def test_without_a_wish_all_are_chosen() -> None:
    choice = Choice([], None)

    assert await choice.picks(make_delivery(event=None), no_body)
    assert choice.named == ()


@pytest.mark.parametrize(
    ("events", "expected"),
    [(["issues"], True), (["push", "issues.opened"], True), (["issue"], False), (["push"], False)],
)
async def test_chooses_by_event_without_reading_bodies(events: list[str], expected: bool) -> None:
    assert await Choice(events, None).picks(make_delivery(), no_body) is expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ('.payload.action == "opened"', True),
        (".payload.action", True),
        (".payload.other", False),
        (".size > 1000", False),
    ],
)
async def test_chooses_by_what_is_in_the_record(where: str, expected: bool) -> None:
    assert await Choice([], where).picks(make_delivery(), body) is expected


async def test_both_must_hold() -> None:
    """Whose event is not wanted is not looked into."""
    choice = Choice(["issues"], ".payload.action")

    assert await choice.picks(make_delivery(), body)
    assert not await choice.picks(make_delivery(body=b"{}"), body)
    assert not await choice.picks(make_delivery(event="push"), no_body)
    assert choice.named == ("issues", ".payload.action")


async def test_an_expression_that_fails_is_noted_once() -> None:
    """One delivery that is built differently is no reason to stop, nor to go on about it."""
    told: list[tuple[str, str]] = []
    choice = Choice([], ".payload.action.of.what")
    assert not await choice.picks(make_delivery(), body)
    again = Choice([], ".payload.action.of.what")
    again.told_to(lambda message, hint: told.append((message, hint)))

    picked = [await again.picks(make_delivery(), body) for _ in range(3)]

    assert picked == [False] * 3
    assert len(told) == 1


def test_an_expression_that_does_not_compile_is_wrong_usage() -> None:
    with pytest.raises(UsageError):
        Choice([], ".payload ==")


def test_who_chooses_nothing_does_not_pay_for_jq() -> None:
    code = "import sys, hookcli.choosing as c; c.Choice([], None); print('jq' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
