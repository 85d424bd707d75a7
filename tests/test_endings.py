"""A run ends for the first reason there is, and once."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from hookcli.endings import Stop, signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

PROGRAM = """
import asyncio, os, signal
from hookcli.endings import Stop, signals

async def main():
    stop = Stop()
    stop.at_once.append(lambda: print("at once", flush=True))
    with signals(stop):
        os.kill(os.getpid(), signal.SIGINT)
        print(await stop.wait(5), flush=True)
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(5)

asyncio.run(main())
"""
"""A program that is interrupted, and again while it ends."""


async def test_the_first_reason_counts() -> None:
    stop = Stop()

    stop.ask("count")
    stop.ask("signal")

    assert await stop.wait(5) == "count"
    assert stop.ending == "count"


async def test_nothing_within_the_time_is_a_reason_too() -> None:
    stop = Stop()

    assert await stop.wait(0.001) == "timeout"
    stop.ask("signal")
    assert stop.ending == "timeout"


async def test_waits_for_as_long_as_it_takes() -> None:
    stop = Stop()
    waiting = asyncio.ensure_future(stop.wait(None))
    await asyncio.sleep(0)

    stop.ask("unread")

    assert await waiting == "unread"


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
async def test_the_usual_signals_are_a_reason(name: str) -> None:
    stop = Stop()

    with handled(signal.Signals[name], signal.default_int_handler), signals(stop):
        signal.raise_signal(signal.Signals[name])
        ending = await stop.wait(5)

    assert ending == "signal"


async def test_signals_mean_afterwards_what_they_meant_before() -> None:
    def own(number: int, _: object) -> None:
        raise AssertionError(number)

    with handled(signal.SIGTERM, own):
        with signals(Stop()):
            assert signal.getsignal(signal.SIGTERM) is not own
        assert signal.getsignal(signal.SIGTERM) is own


async def test_who_was_started_with_nohup_outlives_the_terminal() -> None:
    with handled(signal.SIGHUP, signal.SIG_IGN), signals(Stop()):
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


async def test_signals_come_in_where_the_loop_knows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows they arrive between two lines of Python."""

    def unknown(*_: object) -> None:
        raise NotImplementedError

    stop = Stop()
    monkeypatch.setattr(asyncio.get_running_loop(), "add_signal_handler", unknown)

    with handled(signal.SIGTERM, signal.SIG_DFL), signals(stop):
        signal.raise_signal(signal.SIGTERM)
        ending = await stop.wait(5)

    assert ending == "signal"


def test_a_second_ctrl_c_ends_it_at_once() -> None:
    """Only what must not be left behind is ended before."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=10, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (130, "signal\nat once\n", "")


@contextmanager
def handled(
    number: signal.Signals, handler: Callable[[int, FrameType | None], Any] | signal.Handlers
) -> Iterator[None]:
    """Let a signal be handled like this, for a while."""
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)
