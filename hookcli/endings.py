"""How a run that goes on until it is stopped comes to its end."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Ending = Literal["count", "timeout", "signal", "unread"]


class Stop:
    """Waits for the first reason to stop."""

    def __init__(self) -> None:
        self.ending: Ending | None = None
        self.at_once: list[Callable[[], object]] = []
        """What is still to be done where a second Ctrl+C allows for nothing else."""
        self._asked = asyncio.Event()

    def ask(self, ending: Ending) -> None:
        """Stop for this reason, unless there was one before."""
        self.ending = self.ending or ending
        self._asked.set()

    async def wait(self, timeout_s: float | None) -> Ending:
        """Return the first reason; `timeout` if none came in so many seconds."""
        try:
            await asyncio.wait_for(self._asked.wait(), timeout_s)
        except TimeoutError:
            self.ask("timeout")
        return self.ending or "timeout"


@contextmanager
def signals(stop: Stop) -> Iterator[None]:
    """Let Ctrl+C, SIGTERM and SIGHUP ask to stop, in order; a second Ctrl+C stops at once."""
    loop = asyncio.get_running_loop()

    def come(number: int) -> None:
        if number == signal.SIGINT and stop.ending is not None:
            for act in stop.at_once:
                act()
            # The agent of a tunnel ends by its watchdog.
            os._exit(130)
        stop.ask("signal")

    def come_from_elsewhere(number: int, _: object) -> None:
        loop.call_soon_threadsafe(come, number)

    before = {number: signal.getsignal(number) for number in _heard()}
    for number in before:
        try:
            loop.add_signal_handler(number, come, number)
        except NotImplementedError:  # Windows
            signal.signal(number, come_from_elsewhere)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _heard() -> list[signal.Signals]:
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [signal.Signals[name] for name in names if hasattr(signal, name)]
    # nohup has said that the end of the terminal is not the end.
    if signal.getsignal(numbers[-1]) == signal.SIG_IGN:
        numbers.pop()
    return numbers
