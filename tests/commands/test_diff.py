"""`diff` says what differs between two deliveries, and by its exit code whether anything does."""

from __future__ import annotations

from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

import click
import pytest

from hookcli import cli
from hookcli.commands.diff import run
from hookcli.errors import HookError, UsageError
from hookcli.grammar import reference
from hookcli.screen import Screen
from hookcli.stores.memory import MemoryStore
from hookcli.stores.opening import open_store
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from pathlib import Path

LARGE = b'{"a":"' + b"x" * (3 << 20) + b'"}'


async def holding(*deliveries: dict[str, Any]) -> MemoryStore:
    """Return a store with deliveries of these fields."""
    store = MemoryStore()
    for number, fields in enumerate(deliveries):
        await store.append(make_delivery(delivery_id=f"id-{number}", **fields), make_answer())
    return store


async def compared(store: MemoryStore, *which: str) -> tuple[str, bool]:
    """Return what is said, and whether nothing differs."""
    out = StringIO()
    same = await run(store, [reference(each) for each in which], out.write, Screen())
    return out.getvalue(), same


async def test_two_are_compared_the_older_one_first() -> None:
    """As they are named."""
    store = await holding({"body": b'{"n":1}'}, {"body": b'{"n":2}'}, {"body": b'{"n":1}'})

    there, same = await compared(store, "1", "2")
    back, _ = await compared(store, "2", "1")

    assert not same
    assert "~ n: 1 -> 2" in there
    assert "~ n: 2 -> 1" in back
    assert (await compared(store, "1", "3"))[1]


async def test_without_ids_it_is_the_latest_and_the_one_before_it_of_its_event() -> None:
    """Of the same provider; whatever came between."""
    store = await holding(
        {"event": "push"},
        {"event": "issues"},
        {"event": "push", "provider": "gitea"},
        {"event": "push2"},
        {"event": "push", "action": "other", "body": b"{}"},
    )

    text, same = await compared(store)

    assert not same
    assert [line.split()[2] for line in text.splitlines()[:2]] == ["#1", "#5"]


async def test_one_id_is_compared_with_the_one_before_it() -> None:
    """Of the same request where no event is known."""
    unknown = {"provider": None, "event": None, "action": None}
    store = await holding(unknown, {**unknown, "path": "/x"}, {**unknown, "method": "PUT"}, unknown)

    text, same = await compared(store, "latest")

    assert same
    assert [line.split()[2] for line in text.splitlines()[:2]] == ["#1", "#4"]


@pytest.mark.parametrize("event", ["a*", "[a]", "?", "[!a]"])
async def test_the_name_of_an_event_is_no_pattern(event: str) -> None:
    """A sender may have put anything there."""
    store = await holding({"event": event}, {"event": "ab"}, {"event": "b"}, {"event": event})

    text, _ = await compared(store)

    assert "--> #1 " in text


async def test_where_there_is_none_before_it_says_so() -> None:
    """And what to do."""
    store = await holding({"event": "push"}, {"event": "a b"})

    with pytest.raises(HookError, match='There is no github "a b" before #2') as caught:
        await compared(store)

    assert "hookcli diff ID ID" in caught.value.hint


async def test_large_bodies_are_compared_whole() -> None:
    """Though they do not travel with their deliveries."""
    store = MemoryStore()
    for body in (LARGE, LARGE[:-2] + b'y"}'):
        await store.append(make_delivery(body=b"", size=len(body)), body=BytesIO(body))

    text, same = await compared(store)

    assert not same
    assert '+ …xxxxxxxxxxxxy"' in text


@pytest.fixture
async def filled(tmp_path: Path) -> str:
    """Return the URL of a store on disk with three deliveries, of which two are the same."""
    store = await open_store(f"sqlite:{tmp_path / 'hooks.db'}", create=True)
    for path in ("/a", "/a", "/b"):
        await store.append(make_delivery(path=path, event="a[b]"), make_answer())
    await store.close()
    return store.url


@pytest.mark.parametrize(
    ("ids", "code"), [([], 3), (["1", "2"], 0), (["2"], 0), (["72d3162e", "3"], 1), (["9"], 1)]
)
def test_the_exit_code_says_whether_anything_differs(
    filled: str, ids: list[str], code: int, capsys: Any
) -> None:
    """3 if something does, as an expectation is not met."""
    try:
        found = cli.run(["diff", *ids, "--store", filled])
    except HookError as error:
        found = error.exit_code

    assert found == code
    assert bool(capsys.readouterr().out) is (code != 1)


def test_three_are_wrong_usage(filled: str) -> None:
    with pytest.raises(UsageError, match="more than two"):
        cli.run(["diff", "1", "2", "3", "--store", filled])


def test_help_names_the_exit_codes() -> None:
    """A script wants to know."""
    command = cli.root.get_command(click.Context(cli.root), "diff")

    assert command is not None
    assert "Exit 0 if nothing does" in str(command.help)
