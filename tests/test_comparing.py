"""Values of JSON are compared by the paths to what differs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.comparing import MISSING, Change, changes, common_start

DEEP = 200

values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(0, 2) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b", "id", "é ["]), inner, max_size=3)
    ),
    max_leaves=12,
)


def told(old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    """Return what differs, with `-` for what is not there."""
    return [
        (path, "-" if before is MISSING else before, "-" if after is MISSING else after)
        for path, before, after in changes(old, new)
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (1, 2, [("", 1, 2)]),
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": {"b-c": "x"}}, {"a": {"b-c": "y"}}, [("a.b-c", "x", "y")]),
        ({"a": 1, "b": 2}, {"b": 2, "c": None}, [("a", 1, "-"), ("c", "-", None)]),
        ({"a b": 1}, {"a b": 2}, [('["a b"]', 1, 2)]),
        ({"a": {"": 1}}, {"a": {"": 2}}, [('a[""]', 1, 2)]),
        ({"a": [1]}, {"a": {"b": 1}}, [("a", [1], {"b": 1})]),
        ([1, 2, 3], [1, 5, 3], [("[1]", 2, 5)]),
        (["a", "b", "c"], ["b", "c"], [("[0]", "a", "-")]),
        (["a", "c"], ["a", "b", "c"], [("[1]", "-", "b")]),
        ([[1, 2], [3]], [[1], [3]], [("[0][1]", 2, "-")]),
    ],
)
def test_a_value_that_differs_is_told_by_its_path(
    old: Any, new: Any, expected: list[tuple[str, Any, Any]]
) -> None:
    """Keys that are no plain words are quoted, and what both begin and end with is passed over."""
    assert told(old, new) == expected


@pytest.mark.parametrize("values", [(1, True), (0, False), (1, 1.0), (1, "1"), (None, False)])
def test_what_json_tells_apart_differs(values: tuple[Any, Any]) -> None:
    """Though Python takes some of them for equal."""
    old, new = values

    assert told({"a": old}, {"a": new}) == [("a", old, new)]
    assert told([old, "x"], [new, "x"]) == [("[0]", old, new)]


def test_objects_belong_together_by_what_names_them() -> None:
    """Wherever in the array they are."""
    old = {"labels": [{"id": 1, "name": "bug"}, {"id": 2, "name": "red"}]}
    new = {"labels": [{"id": 3, "name": "new"}, {"id": 2, "name": "blue"}]}

    assert told(old, new) == [
        ("labels[id=1]", {"id": 1, "name": "bug"}, "-"),
        ("labels[id=2].name", "red", "blue"),
        ("labels[id=3]", "-", {"id": 3, "name": "new"}),
    ]


def test_names_that_are_not_unique_name_nothing() -> None:
    """The next member that is one tells them apart; without any it is their place."""
    old = [{"id": 1, "key": "a", "n": 1}, {"id": 1, "key": "b", "n": 1}]
    new = [{"id": 1, "key": "b", "n": 2}, {"id": 1, "key": "a", "n": 1}]

    assert told(old, new) == [
        ('[key="b"].n', 1, 2),
        ("[*].key", ["a", "b"], ["b", "a"]),
    ]
    assert told([{"n": 1}, {"n": 2}], [{"n": 1}, {"n": 3}]) == [("[1].n", 2, 3)]
    assert told([{"id": [1]}], [{"id": [2]}]) == [("[0].id[0]", 1, 2)]
    assert told([{"id": True}], [{"id": 1}]) == [("[0].id", True, 1)]


def test_an_array_may_be_empty() -> None:
    """All of the other one is new then."""
    assert told([], [{"id": 1}]) == [("[id=1]", "-", {"id": 1})]
    assert told([1], []) == [("[0]", 1, "-")]


@pytest.mark.parametrize("around", [lambda value: [value], lambda value: {"a": value}])
def test_deep_values_are_compared_in_no_time(around: Any) -> None:
    """As deep as a payload may be."""
    old, new = 1, 2
    for _ in range(DEEP):
        old, new = around(old), around(new)

    (change,) = changes(old, new)

    assert change[1:] == (1, 2)


@given(value=values, other=values)
def test_what_differs_is_told_and_what_does_not_is_not(value: Any, other: Any) -> None:
    """A value never differs from itself; both ways as much differs."""
    assert told(value, value) == []

    there, back = list(changes(value, other)), list(changes(other, value))

    assert len(there) == len(back)
    assert bool(there) == (written(value) != written(other))


def written(value: Any) -> str:
    """Return a value so that those are equal that JSON takes for equal."""
    if isinstance(value, dict):
        return f"{{{sorted((key, written(each)) for key, each in value.items())}}}"
    return f"[{[written(each) for each in value]}]" if isinstance(value, list) else repr(value)


@pytest.mark.parametrize(("old", "new", "count"), [("", "a", 0), ("ab", "ac", 1), ("ab", "ab", 2)])
def test_counts_what_both_begin_with(old: str, new: str, count: int) -> None:
    """Of texts, bytes and lists."""
    assert common_start(old, new) == count
    assert common_start([*old], [*new]) == count


def test_a_change_names_its_parts() -> None:
    """For those who show it."""
    assert next(changes([1], [2])) == Change(path="[0]", old=1, new=2)
