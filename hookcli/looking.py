"""Says on a terminal how far a long search is, or whatever else takes one delivery at a time."""

from __future__ import annotations

from contextlib import ExitStack, nullcontext
from time import monotonic
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from hookcli.delivery import Delivery

_PATIENCE_S = 1.0
"""A search that is over by then is not spoken of."""
_OFTEN_S = 0.1

UNSEEN = nullcontext()
"""In place of a `Looking`: a search that nobody watches."""


class Looking:
    """A context in which deliveries are looked through; the line is gone when it ends."""

    def __init__(
        self,
        stream: TextIO,
        clock: Callable[[], float] = monotonic,
        *,
        done: str = "Looked through",
    ) -> None:
        """Speak on `stream` if that is a terminal; `clock` gives seconds.

        `done` says what is done with deliveries.
        """
        self._stream = stream
        self._done = done
        self._clock = clock
        self._next = clock() + _PATIENCE_S
        self._count = 0
        self._shown = ExitStack()
        self._say: Callable[[str], None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._shown.close()

    def __call__(self, delivery: Delivery) -> None:
        """Note that this one is looked at next."""
        self.at(delivery.id)

    def at(self, number: int) -> None:
        """Note that the one of this number is the next, or was the last."""
        self._count += 1
        now = self._clock()
        if now < self._next or not self._stream.isatty():
            return
        self._next = now + _OFTEN_S
        if self._say is None:
            self._say = self._begin()
        self._say(f"{self._done} {self._count:,}, now at #{number}; Ctrl+C stops")

    def _begin(self) -> Callable[[str], None]:
        from rich.console import Console  # noqa: PLC0415 - slow to load, and seldom needed
        from rich.progress import Progress, TextColumn  # noqa: PLC0415 - the same

        text = TextColumn("{task.description}", markup=False)
        progress = Progress(text, console=Console(file=self._stream), transient=True)
        task = self._shown.enter_context(progress).add_task("", total=None)
        return lambda said: progress.update(task, description=said)
