"""What differs between two values of JSON, by the path to it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MISSING: Any = object()
"""The value of what is not there."""

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_NAMES = ("id", "key", "name", "uuid", "node_id", "sha", "slug", "number")
"""The members by which objects in an array are told apart, the likeliest first."""


class Change(NamedTuple):
    """One value that differs."""

    path: str
    """Where it is, like `issue.labels[id=3].name`; received, so not safe to be shown."""
    old: Any
    new: Any
    """A value of JSON, or `MISSING`."""


def changes(old: Any, new: Any, path: str = "") -> Iterator[Change]:
    """Yield what differs between two values, which are nested at most as deep as payloads are.

    Objects in arrays belong together by a member such as `id` where that is unique, else by their
    place.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_objects(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        name = _name(old, new)
        yield from _of_named(old, new, name, path) if name else _of_arrays(old, new, path)
    elif type(old) is not type(new) or old != new:
        yield Change(path, old, new)


def common_start(old: Sequence[object], new: Sequence[object]) -> int:
    """Count the items that both begin with."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(old), len(new)))


def _of_objects(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[Change]:
    for key in {**old, **new}:
        step = f".{key}" if _PLAIN.fullmatch(key) else f"[{_text(key)}]"
        inner = path + step if path else step.removeprefix(".")
        yield from _of_pair(old.get(key, MISSING), new.get(key, MISSING), inner)


def _of_arrays(old: Sequence[Any], new: Sequence[Any], path: str) -> Iterator[Change]:
    """Compare by place, but for what both begin and end with."""
    shorter = min(len(old), len(new))
    start = next((n for n in range(shorter) if not _same(old[n], new[n])), shorter)
    left = shorter - start
    end = next((n for n in range(left) if not _same(old[-1 - n], new[-1 - n])), left)
    olds, news = old[start : len(old) - end], new[start : len(new) - end]
    for place in range(max(len(olds), len(news))):
        before = olds[place] if place < len(olds) else MISSING
        after = news[place] if place < len(news) else MISSING
        yield from _of_pair(before, after, f"{path}[{start + place}]")


def _of_named(old: Sequence[Any], new: Sequence[Any], name: str, path: str) -> Iterator[Change]:
    """Compare objects of one name, wherever they are; then their order."""
    olds, news = ({each[name]: each for each in array} for array in (old, new))
    for value in {**olds, **news}:
        inner = f"{path}[{name}={_text(value)}]"
        yield from _of_pair(olds.get(value, MISSING), news.get(value, MISSING), inner)
    order_before = [value for value in olds if value in news]
    order_after = [value for value in news if value in olds]
    if order_before != order_after:
        yield Change(f"{path}[*].{name}", order_before, order_after)


def _of_pair(old: Any, new: Any, path: str) -> Iterator[Change]:
    if old is MISSING or new is MISSING:
        yield Change(path, old, new)
    else:
        yield from changes(old, new, path)


def _same(old: Any, new: Any) -> bool:
    # In Python 1 equals true and 1.0; in JSON these are three values.
    return old == new and json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def _name(old: Sequence[Any], new: Sequence[Any]) -> str | None:
    """Return the member that tells all objects of either array apart, if there is one."""
    both = (old, new)
    if not all(isinstance(each, dict) for array in both for each in array):
        return None
    return next((n for n in _NAMES if all(_tells_apart(n, array) for array in both)), None)


def _tells_apart(name: str, array: Sequence[dict[str, Any]]) -> bool:
    values = [each.get(name) for each in array]
    of_one_kind = {*map(type, values)} in ({str}, {int}, set())
    return of_one_kind and len({*values}) == len(values)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
