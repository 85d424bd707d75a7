"""Writes records or payloads for programs, a line each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from hookcli.delivery import Delivery
from hookcli.records import (
    attempt_record,
    body_line,
    delivery_record,
    dump,
    ready_record,
    tunnel_record,
)
from hookcli.text import escape, human_size

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from hookcli.delivery import Entry
    from hookcli.state import Ready, TunnelState


class Lines:
    """The formats `ndjson`, `body` and `records`."""

    def __init__(
        self,
        *,
        write: Callable[[bytes], object],
        body: Callable[[Delivery], Awaitable[bytes]],
        drained: Callable[[], Awaitable[None]],
        payloads: bool = False,
        everything: bool = False,
        terminal: bool = False,
    ) -> None:
        """Write `delivery` records; or `payloads` alone; or `everything`: all kinds of records.

        `body` gives a whole body; `drained` waits until there is room for the next record. On a
        `terminal` nothing received may act.
        """
        self._write = write
        self._body = body
        self._drained = drained
        self._payloads = payloads
        self._everything = everything
        self._terminal = terminal

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Write entries of the log."""
        for entry in entries:
            if isinstance(entry, Delivery):
                await self._delivery(entry)
            elif self._everything:
                self._record(attempt_record(entry))
            await self._drained()
            # A record takes a moment that the listener may need.
            await asyncio.sleep(0)

    def ready(self, ready: Ready) -> None:
        """Write that everything is up, where all kinds of records are wanted."""
        if self._everything:
            self._record(ready_record(ready))

    def tunnel(self, state: TunnelState) -> None:
        """Write how the tunnel stands, where all kinds of records are wanted."""
        if self._everything:
            self._record(tunnel_record(state))

    async def _delivery(self, delivery: Delivery) -> None:
        body = await self._body(delivery)
        if not self._payloads:
            self._record(delivery_record(delivery, body))
        elif not self._terminal:
            self._write(body_line(delivery, body))
        else:
            self._write(_harmless(delivery, body_line(delivery, body)))

    def _record(self, record: dict[str, Any]) -> None:
        line = dump(record)
        self._write(_escaped(line.decode()) if self._terminal else line)


def _harmless(delivery: Delivery, line: bytes) -> bytes:
    try:
        return _escaped(line.decode())
    except UnicodeDecodeError:
        size = human_size(delivery.size)
        return f"(binary, {size}: hookcli show {delivery.id} --format body > FILE)\n".encode()


def _escaped(text: str) -> bytes:
    return escape(text, keep_newline=True).encode()
