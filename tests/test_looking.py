"""A search that takes longer says on a terminal how far it is."""

from __future__ import annotations

import asyncio
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from hookcli import cli
from hookcli.looking import Looking
from hookcli.stores.opening import open_store
from tests.stores.builders import make_delivery

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Terminal(StringIO):
    """Keeps what a terminal is told."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


def said(stream: StringIO, seconds: Iterable[float]) -> str:
    """Return what is written of deliveries that are looked at after so many seconds."""
    times = iter([0.0, *seconds])
    with Looking(stream, lambda: next(times)) as looking:
        for number, _ in enumerate(seconds):
            looking(make_delivery(id=9_000 - number))
    return stream.getvalue()


def test_a_quick_search_says_nothing() -> None:
    """A second is soon over."""
    assert said(Terminal(), [0.1, 0.5, 0.99]) == ""


def test_a_long_one_says_where_it_is() -> None:
    """How many it has seen, and which is next."""
    text = said(Terminal(), [0.5, 1.2])

    assert "Looked through 2, now at #8999" in text


def test_it_does_not_speak_more_often_than_anybody_reads() -> None:
    """Speaking must not hold up the search."""
    text = said(Terminal(), [1.2, *[1.21] * 50, 1.4])

    assert "through 52," in text
    assert "through 2," not in text


def test_elsewhere_than_on_a_terminal_nothing_is_said() -> None:
    """A log is not to be filled with it."""
    assert said(StringIO(), [5, 10]) == ""


def test_it_says_what_is_done() -> None:
    """As in importing."""
    terminal, times = Terminal(), iter([0.0, 1.5])

    with Looking(terminal, lambda: next(times), done="Imported") as looking:
        looking.at(42)

    assert "Imported 1, now at #42" in terminal.getvalue()


@pytest.mark.parametrize(
    "command",
    [
        ["list"],
        ["export", "--as", "curl"],
        ["replay", "--to", "127.0.0.1:1", "--yes"],
        ["prune", "--yes"],
    ],
    ids=lambda command: command[0],
)
async def test_whatever_looks_through_the_store_says_so(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:{tmp_path}/hooks.db"
    store = await open_store(url, create=True)
    for _ in range(3):
        await store.append(make_delivery(body=b"hello"))
    await store.close()
    seen: list[int] = []
    monkeypatch.setattr(Looking, "__call__", lambda _, delivery: seen.append(delivery.id))

    await asyncio.to_thread(cli.run, [*command, "--contains", "hello", "--store", url])

    assert sorted(seen) == [1, 2, 3]
