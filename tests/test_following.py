"""A whole run over a store that somebody else fills: what is seen, and how it ends."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

import pytest

from hookcli import following as module
from hookcli.choosing import Choice
from hookcli.delivery import EPOCH
from hookcli.errors import HookError, UsageError
from hookcli.following import follow
from hookcli.grammar import reference
from tests.followers import bench, make_wish
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from pathlib import Path


async def test_shows_what_comes_until_it_is_stopped(tmp_path: Path) -> None:
    """Not what was there before; the last words sum up."""
    async with bench(tmp_path) as one:
        await one.keep("push")
        await one.follow(config=["./hookcli.toml"])
        await one.keep("issues", "ping")
        await one.until(lambda: len(one.notes) == 4)
        signal.raise_signal(signal.SIGINT)

        assert await one.ends() == 0
    assert one.notes == ["#2", "answer 2", "#3", "answer 3"]
    assert "Config     ./hookcli.toml\nFollows    what comes from now on\n" in one.said
    assert "Stopped. 2 deliveries, #2-#3" in one.said


@pytest.mark.parametrize(
    "where", [{"last": 1}, {"since": reference("2")}, {"since": make_delivery().received_at}]
)
async def test_begins_where_it_is_told(tmp_path: Path, where: dict[str, Any]) -> None:
    """With the last so many that are shown, at a delivery, or at a time."""
    async with bench(tmp_path) as one:
        await one.store.append(make_delivery(event="push", received_at=EPOCH), make_answer())
        await one.keep("push", "ping")
        await one.follow(**where, choice=Choice(["push"], None), count=2)
        await one.keep("push")

        assert await one.ends() == 0
    assert one.notes == ["#2", "answer 2", "#4", "answer 4"]
    assert "Follows    from #2 on" in one.said
    assert "Shown      only push; all are kept and answered" in one.said


async def test_an_answer_that_never_came_is_not_awaited_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The listener was killed before it: what counts is there, but for `--check`."""
    monkeypatch.setattr(module, "_PATIENCE_S", 0.01)
    async with bench(tmp_path) as one:
        await one.keep("push", answered=False)
        await one.follow(since=reference("1"), count=1)
        assert await one.ends() == 0
        await one.follow(since=reference("1"), count=1, check=True)
        assert await one.ends() == 3


async def test_a_missing_answer_does_not_hold_up_the_end(tmp_path: Path) -> None:
    """It is somebody else who answers."""
    async with bench(tmp_path) as one:
        await one.keep("push", answered=False)
        await one.follow(since=reference("1"))
        await one.until(lambda: one.notes)
        signal.raise_signal(signal.SIGTERM)

        assert await asyncio.wait_for(one.code, 1) == 0


async def test_a_store_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    wish = make_wish(f"sqlite:{tmp_path / 'none.db'}")
    with (tmp_path / "out").open("w") as out, pytest.raises(HookError) as caught:
        await follow(wish, stdout=out, stderr=out, environ={})

    assert "Nothing is kept in" in caught.value.message
    assert "hookcli listen" in caught.value.hint


async def test_a_store_in_memory_is_nobody_elses(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as out, pytest.raises(UsageError) as caught:
        await follow(make_wish("memory"), stdout=out, stderr=out, environ={})

    assert "nobody but the process that has it" in caught.value.message
