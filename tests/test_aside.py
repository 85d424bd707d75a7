"""Blocking work beside the event loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from hookcli.aside import aside


async def test_what_it_returns_comes_back() -> None:
    """From another thread, while the loop goes on."""
    here = threading.get_ident()

    there = await aside(threading.get_ident)

    assert there != here


async def test_what_it_raises_comes_back() -> None:
    """Where it is awaited."""
    with pytest.raises(ValueError, match="invalid literal"):
        await aside(int, "x")


async def test_whoever_waits_may_give_up() -> None:
    """The work ends later, and nobody minds."""
    go, gone = threading.Event(), threading.Event()

    def work() -> None:
        go.wait(5)
        gone.set()

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(aside(work), 0.01)
    go.set()

    assert await aside(gone.wait, 5)


def test_it_does_not_hold_up_the_end_of_the_loop() -> None:
    """Work that never ends dies with the program."""
    never = threading.Event()

    async def main() -> None:
        async with asyncio.timeout(0.01):
            await aside(never.wait)

    with pytest.raises(TimeoutError):
        asyncio.run(main())
    never.set()
