"""`prune` removes what it is told to, after it has asked, and nothing else."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from hookcli import cli
from hookcli.commands.prune import Chosen, named, older, run
from hookcli.errors import HookError, UsageError
from hookcli.filters import Filters
from hookcli.grammar import reference
from hookcli.reading import read
from hookcli.stores import Query
from hookcli.stores.memory import MemoryStore
from hookcli.stores.opening import open_store
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from pathlib import Path

    from hookcli.stores import Store

NOW = datetime.now(UTC)


class Typing(io.StringIO):
    """A person at a terminal, who types this."""

    def isatty(self) -> bool:
        """Say that this is a terminal."""
        return True


async def fill(store: Store) -> None:
    """Keep six deliveries of the last six days, the last of each two from Stripe."""
    for days in range(6, 0, -1):
        provider = "github" if days % 2 == 0 else "stripe"
        at = NOW - timedelta(days=days)
        delivery = make_delivery(provider=provider, received_at=at, delivery_id=f"delivery-{days}")
        await store.append(delivery, make_answer())


@pytest.fixture
async def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Fill the store that is used by default."""
    url = f"sqlite:{tmp_path / 'hooks.db'}"
    monkeypatch.setenv("HOOKCLI_STORE", url)
    store = await open_store(url, create=True)
    await fill(store)
    await store.close()
    return url


def kept(url: str) -> list[int]:
    """Return the numbers of the deliveries that are there."""
    return [delivery.id for delivery in read(url, lambda store: store.query(Query()))]


def test_an_id_removes_one(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And says how much that was, and what is left; stdout is for data."""
    code = cli.run(["prune", "3", "--yes"])

    out, err = capsys.readouterr()
    assert (code, out) == (0, "")
    assert err.startswith("Removed 1 delivery, which freed ")
    assert "there are 5 deliveries left" in err
    assert kept(url) == [1, 2, 4, 5, 6]


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["latest", "latest~1", "delivery-6", "6"], [2, 3, 4]),
        (["--all"], []),
        (["--older-than", "60h"], [5, 6]),
        (["--keep-last", "2"], [5, 6]),
        (["--keep-last", "7"], [1, 2, 3, 4, 5, 6]),
        (["--provider", "github"], [2, 4, 6]),
        (["--provider", "github", "--keep-last", "1"], [2, 4, 5, 6]),
        (["--provider", "github", "--older-than", "84h"], [2, 4, 5, 6]),
        (["--older-than", "12h", "--until", "132h", "--keep-last", "1"], [1, 2, 3, 4, 5, 6]),
        (["--older-than", "12h", "--until", "84h", "--keep-last", "1"], [3, 4, 5, 6]),
        (["--where", '.provider == "stripe"'], [1, 3, 5]),
        (["--failed"], [1, 2, 3, 4, 5, 6]),
    ],
)
def test_what_goes_is_chosen_as_in_list(url: str, options: list[str], left: list[int]) -> None:
    """All options have to hold; the newest of those that they choose may stay."""
    cli.run(["prune", *options, "--yes"])

    assert kept(url) == left


@pytest.mark.parametrize(("answer", "left"), [("y", 0), ("YES", 0), ("n", 6), ("", 6), ("all", 6)])
def test_it_asks_before_it_removes(
    url: str,
    answer: str,
    left: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With how many they are, which, and how large; anything but a yes is a no."""
    monkeypatch.setattr(sys, "stdin", Typing(f"{answer}\n"))

    code = cli.run(["prune", "--all"])

    out, err = capsys.readouterr()
    assert (code, out) == (0, "")
    asked = "Remove 6 deliveries, #1 to #6, with 138 B of payload, for good? [y/N] "
    assert err.startswith(asked)
    assert ("Nothing was removed" in err) == bool(left)
    assert len(kept(url)) == left


def test_where_nobody_can_be_asked_it_is_an_error(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script that means it says so."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))

    with pytest.raises(UsageError, match="Nobody is there to ask whether to remove #6, with") as e:
        cli.run(["prune", "latest"])
    assert "--yes" in e.value.hint
    assert len(kept(url)) == 6


@pytest.mark.parametrize(
    "options", [["--provider", "nobody"], ["--older-than", "30d"], ["--keep-last", "6"]]
)
def test_where_nothing_is_chosen_nothing_is_asked(
    url: str, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """It is no error either: a job that tidies up every night has nothing to do today."""
    code = cli.run(["prune", *options])

    assert code == 0
    assert capsys.readouterr().err == "There is nothing to remove\n"
    assert len(kept(url)) == 6


@pytest.mark.parametrize(
    "options",
    [[], ["1", "--all"], ["1", "--failed"], ["--all", "--keep-last", "1"], ["--all", "-e", "x"]],
)
def test_it_has_to_be_clear_what_goes(url: str, options: list[str]) -> None:
    """Nothing, or too much, is wrong usage."""
    with pytest.raises(UsageError, match="what is to go") as caught:
        cli.run(["prune", *options, "--yes"])
    assert "--all" in caught.value.hint
    assert len(kept(url)) == 6


@pytest.mark.parametrize("options", [["--older-than", "999999999d"], ["--keep-last", "0"], ["x"]])
def test_what_cannot_be_is_an_error(url: str, options: list[str]) -> None:
    """A time before all times, no number, an ID of nothing."""
    with pytest.raises(HookError):
        cli.run(["prune", *options, "--yes"])
    assert len(kept(url)) == 6


def test_one_id_of_nothing_removes_none_of_the_others(url: str) -> None:
    """All are found first."""
    with pytest.raises(HookError, match="No delivery is 99"):
        cli.run(["prune", "1", "99", "--yes"])
    assert len(kept(url)) == 6


async def test_what_is_chosen_can_be_told() -> None:
    """In the order of their numbers, each once."""
    store = MemoryStore()
    await fill(store)

    some = await named(store, [reference(text) for text in ("4", "2", "latest", "2")])
    said = await run(store, some)
    rest = await older(store, Filters())

    assert some == Chosen([2, 4, 6], 69)
    assert said == "Removed 3 deliveries, which freed 69 B; there are 3 deliveries left, 69 B"
    assert rest == Chosen([1, 3, 5], 69)
