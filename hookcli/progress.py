"""A bar on a terminal, for what takes longer than a second."""

from __future__ import annotations

from threading import Lock, Timer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

    from rich.progress import Progress

_PATIENCE_S = 1.0


class Bar:
    """How far something has come; a context manager."""

    def __init__(self, total: int, stream: TextIO, environ: Mapping[str, str]) -> None:
        """Draw on `stream` if that is a terminal which can, and there is more than one step."""
        self._total = total
        self._stream = stream
        self._done = 0
        self._shown: Progress | None = None
        self._print: Callable[[str], None] | None = None
        self._over = total < 2 or not stream.isatty() or environ.get("TERM") == "dumb"
        self._changing = Lock()
        # In a thread: what draws it is slow to load.
        self._timer = Timer(_PATIENCE_S, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if not self._over:
            self._timer.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._timer.cancel()
        with self._changing:
            self._over = True
            shown, self._shown = self._shown, None
        if shown is not None:
            shown.stop()

    def advance(self) -> None:
        """Count one step."""
        self._done += 1
        if (shown := self._shown) is not None:
            shown.update(shown.task_ids[0], completed=self._done)

    def write(self, text: str, stream: TextIO) -> None:
        """Write whole lines, above the bar where there is one, else to `stream`."""
        if self._shown is not None and self._print is not None:
            self._print(text)
        else:
            stream.write(text)
            stream.flush()

    def _show(self) -> None:
        from rich.console import Console  # noqa: PLC0415 - slow to load
        from rich.progress import (  # noqa: PLC0415 - slow to load
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TimeRemainingColumn,
        )
        from rich.text import Text  # noqa: PLC0415 - slow to load

        console = Console(file=self._stream)
        shown = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        shown.add_task("", total=self._total, completed=self._done)
        with self._changing:
            if not self._over:
                shown.start()
                self._print = lambda text: console.print(
                    Text.from_ansi(text), soft_wrap=True, end=""
                )
                self._shown = shown
