"""`list` shows what was received, newest last."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from hookcli import cli
from hookcli.commands.list import run
from hookcli.errors import HookError, UsageError
from hookcli.filters import Filters
from hookcli.screen import Screen
from hookcli.stores.memory import MemoryStore
from hookcli.stores.opening import open_store
from tests.stores.builders import NOON, make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hookcli.delivery import Delivery
    from hookcli.stores import Store

LARGE = bytes(range(256)) * 8192


async def fill(store: Store) -> None:
    """Put three deliveries into a store, of which the second one failed."""
    await store.append(make_delivery(event="push", action=None), make_answer())
    await store.append(make_delivery(), make_answer(status=500))
    await store.append(make_delivery(provider=None, event=None, action=None), make_answer())


async def listed(limit: int, screen: Screen | None) -> str:
    """Return what is written of the newest so many."""
    store = MemoryStore()
    await fill(store)
    out = BytesIO()
    await run(store, Filters(), limit, out=out, screen=screen, now=NOON + timedelta(minutes=5))
    return out.getvalue().decode()


async def test_a_terminal_gets_a_table() -> None:
    """A row each, with the latest answer."""
    heading, *rows = (await listed(2, Screen(width=80))).splitlines()

    assert heading.split()[:4] == ["ID", "AGE", "FROM", "EVENT"]
    assert [row.split()[0] for row in rows] == ["2", "3"]
    assert "500" in rows[0]
    assert "5m" in rows[1]


async def test_a_pipe_gets_whole_records() -> None:
    """One a line, with their bodies."""
    lines = (await listed(20, None)).splitlines()

    records = [orjson.loads(line) for line in lines]
    assert [record["id"] for record in records] == [1, 2, 3]
    assert records[1]["payload"] == {"action": "opened"}
    assert records[1]["body"] == make_delivery().body.decode()


async def test_a_large_body_is_read_from_the_store() -> None:
    """A record is whole, whatever the size of its body."""
    store = MemoryStore()
    await store.append(make_delivery(body=b"", size=len(LARGE)), body=BytesIO(LARGE))
    out = BytesIO()

    await run(store, Filters(), 20, out=out, screen=None, now=NOON)

    record = orjson.loads(out.getvalue())
    assert record["size"] == len(LARGE)
    assert len(record["body_base64"]) > len(LARGE)


async def test_what_is_looked_into_is_told_until_all_is_found() -> None:
    """So that a long search can say how far it is, and is silent when the table comes."""
    store = MemoryStore()
    await fill(store)
    told: list[int] = []
    out = BytesIO()

    @contextmanager
    def looking() -> Iterator[Callable[[Delivery], None]]:
        yield lambda delivery: told.append(delivery.id)
        told.append(len(out.getvalue()))

    filters = Filters(contains="x-github")
    await run(store, filters, 2, out=out, screen=None, now=NOON, looking=looking())

    assert told == [3, 2, 0]


@pytest.fixture
async def filled(tmp_path: Path) -> str:
    """Return the URL of a store on disk with three deliveries."""
    store = await open_store(f"sqlite:{tmp_path / 'hooks.db'}", create=True)
    await fill(store)
    await store.close()
    return store.url


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ([], [1, 2, 3]),
        (["-n", "1"], [3]),
        (["--provider", "github"], [1, 2]),
        (["--event", "issues.*", "-e", "nothing"], [2]),
        (["--failed"], [2]),
        (["--since", "2026-11-24T12:00:01Z"], []),
        (["--until", "2026-11-24T12:00:01Z"], [1, 2, 3]),
        (["--contains", "x-github-EVENT: iss"], [1, 2, 3]),
        (["--contains", '"opened"', "--failed", "--provider", "github"], [2]),
        (["--contains", "closed"], []),
        (["--where", '.payload.action == "opened" and .event == "push"'], [1]),
    ],
)
def test_options_choose_deliveries(
    filled: str, options: list[str], ids: list[int], capfdbinary: Any
) -> None:
    """Each of them, as its help says; no match is no error."""
    code = cli.run(["list", "--store", filled, *options])

    out, err = capfdbinary.readouterr()
    assert code == 0
    assert [orjson.loads(line)["id"] for line in out.splitlines()] == ids
    assert err == b""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("githb", b"Notice: There is no provider githb\nHint: Did you mean github?\n"),
        ("xyzzy-1", b"Notice: There is no provider xyzzy-1\nHint: The README has a table of"),
        ("zoom", b""),
    ],
)
def test_a_provider_that_is_none_is_noted(
    filled: str, name: str, said: bytes, capfdbinary: Any
) -> None:
    """It may be misspelt."""
    assert cli.run(["list", "--store", filled, "--provider", name]) == 0

    out, err = capfdbinary.readouterr()
    assert out == b""
    assert err[: len(said)] == said
    assert bool(err) == bool(said)


def test_a_record_on_which_an_expression_fails_is_noted_once(filled: str, capfdbinary: Any) -> None:
    """It is no match, and stdout stays data."""
    cli.run(["list", "--store", filled, "--where", ".payload.action | tonumber"])

    out, err = capfdbinary.readouterr()
    assert out == b""
    assert err.startswith(b"Notice: --where fails on #3")
    assert err.count(b"Notice") == 1


@pytest.mark.parametrize(
    "options", [["-n", "0"], ["-n", "x"], ["--since", "later"], ["--where", ".a ="]]
)
def test_a_wrong_value_is_wrong_usage(filled: str, options: list[str]) -> None:
    """Nothing is listed before everything is understood."""
    with pytest.raises(UsageError):
        cli.run(["list", "--store", filled, *options])


def test_without_a_store_it_says_how_to_start() -> None:
    """Looking makes no file."""
    with pytest.raises(HookError) as caught:
        cli.run(["list"])

    assert "hookcli listen" in caught.value.hint
