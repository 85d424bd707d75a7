"""Placeholders become values that are new in each sample, and the same all over one."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hookcli.fresh import Fresh

NOW = 1_764_040_000.25


def counting(count: int) -> bytes:
    """Return bytes that are not random at all."""
    return bytes(range(count))


def filled(value: Any, **shared: Any) -> Any:
    return Fresh(now=NOW, random=counting, shared=shared).fill(value)


@pytest.mark.parametrize(
    ("placeholder", "value"),
    [
        ("<uuid>", "00010203-0405-4607-8809-0a0b0c0d0e0f"),
        ("<hex 7>", "0123456"),
        ("<token 12>", "0123456789ab"),
        ("<digits 3>", "012"),
        ("<number 3>", 101),
        ("<unix>", 1_764_040_000),
        ("<unix -60>", 1_764_039_940),
        ("<ms>", 1_764_040_000_250),
        ("<iso>", "2025-11-25T03:06:40Z"),
        ("<iso -40>", "2025-11-25T03:06:00Z"),
        ("<shared user>", {"id": 7}),
    ],
)
def test_a_placeholder_alone_becomes_its_own_kind_of_value(placeholder: str, value: Any) -> None:
    assert filled(placeholder, user={"id": 7}) == value


def test_one_in_a_text_becomes_text() -> None:
    assert filled("evt_<hex 4>?at=<unix>") == "evt_0123?at=1764040000"


def test_all_else_stays_as_it_is() -> None:
    """Also what another placeholder might look like."""
    value = {"text": "<@U012> and <b>", "number": 1.5, "list": [None, True, {}]}

    assert filled(value) == value


def test_the_same_placeholder_has_one_value_and_another_name_has_another() -> None:
    """So an id that stands in several places of a payload stays the same there."""
    pieces = iter([b"\x01" * 4, b"\x02" * 4])
    fresh = Fresh(now=NOW, random=lambda _: next(pieces))

    value = fresh.fill(["<hex 4 head>", "<hex 4 base>", "at <hex 4 head>"])

    assert value == ["1111", "2222", "at 1111"]


def test_what_is_shared_has_placeholders_too() -> None:
    value = filled(["<shared user>", "<hex 2 id>"], user={"id": "<hex 2 id>"})

    assert value == [{"id": "01"}, "01"]


def test_two_samples_have_nothing_in_common() -> None:
    from os import urandom

    values = {Fresh(now=NOW, random=urandom).fill("<token 24>") for _ in range(20)}

    assert len(values) == 20
    assert all(re.fullmatch("[0-9A-Za-z]{24}", value) for value in values)
