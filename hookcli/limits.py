"""What a store is to keep: how long, and how much, as the configuration files have it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from hookcli import grammar
from hookcli.config_files import own_path, shown
from hookcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookcli.settings import Given, Settings

N = TypeVar("N", int, float)

_SHORTEST_S = 60
_SMALLEST = 1 << 20


class Limits(NamedTuple):
    """What a store is to keep; None: all of it."""

    max_age_s: float | None = None
    max_size: int | None = None
    """Bytes."""
    said: tuple[str, ...] = ()
    """As the files have it, like `max_age 30d`."""


UNLIMITED = Limits()


def store_limits(settings: Settings, store: str | None) -> Limits:
    """Return what the store that is used, as `--store` takes it, is to keep.

    A table that names a store speaks of that one, another of any. Raises UsageError for what is
    no limit, and where a file that came with a folder would remove what is not its own.
    """
    given: dict[str, Given] = {}
    for table, found in settings.stores():
        url = table.pop("url", None)
        if url is None and table and found:
            raise UsageError(
                f"{', '.join(each.place for each in table.values())}: of which store? A folder"
                " that you were given must not remove anything from yours",
                f"Set the url of its own store beside it, or set it in {shown(own_path())}",
            )
        if url is None or _same(str(url.value), store):
            given |= table
    age, size = given.get("max_age"), given.get("max_size")
    return Limits(
        max_age_s=_at_least(_SHORTEST_S, grammar.duration, age) if age else None,
        max_size=_at_least(_SMALLEST, grammar.size, size) if size else None,
        said=tuple(f"{name} {each.value}" for name, each in sorted(given.items())),
    )


def _at_least(least: int, read: Callable[[str], N], given: Given) -> N:
    try:
        amount = read(str(given.value))
    except UsageError as error:
        raise UsageError(f"{given.place}: {error.message}", error.hint) from None
    if amount < least:
        raise UsageError(f"{given.place} is too little", "Keep a minute, or 1MB, at least")
    return amount


def _same(one: str, other: str | None) -> bool:
    return other is not None and _file(one) == _file(other)


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:").removeprefix("//")).expanduser().absolute()
