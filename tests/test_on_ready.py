"""A command is run when hookcli can be reached, and does not hold it up."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from hookcli import on_ready as module
from hookcli.children import Children
from hookcli.on_ready import OnReady
from hookcli.outputs.execute import Teller
from hookcli.screen import Screen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

LOCAL = "http://127.0.0.1:4567"
PUBLIC = "https://brave-otter.test"


class Told(list[str]):
    """What a person is told."""

    def notice(self, message: str, hint: str | None) -> None:
        """Note it."""
        self.append(f"*** {message} | {hint}")


@asynccontextmanager
async def running(told: Told, words: list[str] | None) -> AsyncIterator[OnReady]:
    """Let a command be run whenever it is due."""

    async def heard() -> None:
        return None

    teller = Teller(
        Children(os.environ), notice=told.notice, say=told.extend, screen=Screen, heard=heard
    )
    on_ready = OnReady(words, teller)
    task = asyncio.ensure_future(on_ready.run())
    try:
        yield on_ready
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_the_command_is_told_where_hookcli_is(tmp_path: Path) -> None:
    """Again where the URL has changed; one that is not there is empty."""
    note = f"echo $HOOKCLI_LOCAL_URL [$HOOKCLI_PUBLIC_URL] >>{tmp_path}/log"
    told = Told()

    async with running(told, ["sh", "-c", note]) as on_ready:
        for url in (None, PUBLIC):
            on_ready.reachable(url, LOCAL)
            await on_ready.finish()

    log = (tmp_path / "log").read_text().splitlines()
    assert log == [f"{LOCAL} []", f"{LOCAL} [{PUBLIC}]"]
    assert told == []


async def test_a_url_that_changes_meanwhile_has_its_turn_afterwards(tmp_path: Path) -> None:
    """Only the last one: the others are gone."""
    note = f"echo $HOOKCLI_PUBLIC_URL >>{tmp_path}/log; sleep 0.1"

    async with running(Told(), ["sh", "-c", note]) as on_ready:
        on_ready.reachable("https://1.test", LOCAL)
        while not (tmp_path / "log").exists():  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.001)
        on_ready.reachable("https://2.test", LOCAL)
        on_ready.reachable("https://3.test", LOCAL)
        await on_ready.finish()

    assert (tmp_path / "log").read_text().split() == ["https://1.test", "https://3.test"]


async def test_a_failure_is_told() -> None:
    """And what it may mean."""
    told = Told()

    async with running(told, ["sh", "-c", "echo no such workflow; exit 1"]) as on_ready:
        on_ready.reachable(None, LOCAL)
        await on_ready.finish()

    hint = "hookcli goes on, but what the command was to bring about may never come"
    assert told == [
        "*** --on-ready prints: | None",
        "  │ no such workflow",
        f"*** --on-ready ended with exit code 1 | {hint}",
    ]


async def test_without_a_command_nothing_is_run() -> None:
    told = Told()

    async with running(told, None) as on_ready:
        on_ready.reachable(PUBLIC, LOCAL)
        await on_ready.finish()

    assert told == []


async def test_a_command_that_takes_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended with all else."""
    monkeypatch.setattr(module, "_END_S", 0.05)
    told = Told()

    async with running(told, ["sleep", "600"]) as on_ready:
        on_ready.reachable(PUBLIC, LOCAL)
        await on_ready.finish()

    assert told == []
