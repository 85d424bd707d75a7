"""What goes to stdout and to stderr, by format and by what these are."""

from __future__ import annotations

import asyncio
import os
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TextIO

from hookcli.errors import HookError
from hookcli.outputs.console import Console, Pane
from hookcli.outputs.lines import Lines
from hookcli.outputs.sink import Sink
from hookcli.reading import whole_body
from hookcli.screen import screen_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookcli.delivery import Delivery, Entry
    from hookcli.pipeline import Output
    from hookcli.screen import Screen, When
    from hookcli.state import Ready, TunnelState
    from hookcli.stores import Store
    from hookcli.tunnel_lines import Total

Form = Literal["pretty", "line", "ndjson", "body", "records"]

_END_S = 5.0
"""Seconds that a slow reader has, at the end, to take what is still to be written."""


class Desk:
    """The two streams of a run: data on stdout, talk on stderr."""

    def __init__(
        self,
        *,
        store: Store,
        form: Form | None,
        color: When,
        total: Total,
        stdout: TextIO,
        stderr: TextIO,
        environ: Mapping[str, str],
        awaited: bool = True,
    ) -> None:
        """Show what is in `store`; `form` None: what suits stdout. Needs a running event loop.

        `awaited` says that senders wait for what comes of their deliveries here.
        """
        self._store = store
        # On one screen, or in one file, what is said first stands first.
        self._out = Sink(stdout)
        self._err = self._out if _file(stdout) == _file(stderr) else Sink(stderr)
        terminal = stdout.isatty()
        self._stderr_is_terminal = stderr.isatty()
        form = form or ("pretty" if terminal else "ndjson")
        for_people = form in {"pretty", "line"}
        # Whoever sends the data to a file would see nothing of it.
        watched = not for_people and self._stderr_is_terminal and _is_file(stdout)

        def out_screen() -> Screen:
            return screen_of(stdout, environ, color)

        def err_screen() -> Screen:
            return screen_of(stderr, environ, color)

        self.screen = err_screen
        notices = Pane(self._err.write, err_screen)
        self.console = Console(
            deliveries=Pane(self._out.write, out_screen) if for_people else notices,
            notices=notices,
            clock=lambda: datetime.now(UTC),
            body=self._beginning,
            payloads=form == "pretty",
            may_skip=watched or terminal,
            total=total,
            awaited=awaited,
        )
        self._lines = Lines(
            write=self._out.write,
            body=self.body,
            drained=self._out.drained,
            payloads=form == "body",
            everything=form == "records",
            terminal=terminal,
        )
        people = _Drained(self.console, self._out if for_people else self._err)
        self.outputs: list[Output] = [people] if for_people else [self._lines]
        """Each has to be brought the log."""
        if watched:
            self.outputs.append(people)

    async def body(self, delivery: Delivery) -> bytes:
        """Return the whole body of a stored delivery."""
        return delivery.body if delivery.held else await whole_body(self._store, delivery)

    async def _beginning(self, delivery: int, limit: int) -> bytes:
        async for chunk in self._store.body(delivery):
            return chunk[:limit]
        return b""

    def say(self, lines: Sequence[str]) -> None:
        """Write lines to stderr."""
        self._err.write("".join(f"{line}\n" for line in lines))

    async def heard(self) -> None:
        """Wait until stderr has room for more lines."""
        await self._err.drained()

    def cover_echo(self) -> None:
        """Write the next line over the `^C` that a terminal shows when it is typed."""
        if self._stderr_is_terminal:
            self._err.write("\r")

    def tunnel(self, state: TunnelState) -> None:
        """Tell of a change of the tunnel."""
        self._lines.tunnel(state)
        self.console.tunnel(state)

    def ready(self, ready: Ready, label: str) -> None:
        """Tell that everything is up; `label` names the tunnel."""
        self._lines.ready(ready)
        self.console.ready(label)

    async def unread(self) -> None:
        """Return when nobody reads stdout any more. Raises HookError where it cannot be written."""
        await self._out.watch()
        if self._out.error is not None:
            raise HookError(
                f"Standard output cannot be written: {self._out.error.strerror}",
                "Nothing is lost: hookcli list shows what was received",
            )

    async def close(self) -> None:
        """Write what is left, as far as the readers let it."""
        async with asyncio.TaskGroup() as tasks:
            for stream in {self._out, self._err}:
                tasks.create_task(stream.close(_END_S))


class _Drained:
    """An output that waits, after each page, until its stream has room again."""

    def __init__(self, output: Output, sink: Sink) -> None:
        self._output = output
        self._sink = sink

    async def handle(self, entries: Sequence[Entry]) -> None:
        await self._output.handle(entries)
        await self._sink.drained()


def _file(stream: TextIO) -> tuple[int, int]:
    status = os.fstat(stream.fileno())
    return status.st_dev, status.st_ino


def _is_file(stream: TextIO) -> bool:
    return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
