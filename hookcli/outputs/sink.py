"""Writes to a stream that may be slow, blocked or gone, without anyone having to wait for it."""

from __future__ import annotations

import asyncio
import os
import queue
import select
import stat
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

_QUEUED = 1 << 20
"""Bytes that may wait to be written before `drained` waits."""
_LOOK_S = 0.2
"""Seconds between looks whether somebody still reads."""


class Sink:
    """A queue in front of a stream, and the thread that empties it."""

    def __init__(self, stream: TextIO) -> None:
        """Write to the file behind `stream`. Needs a running event loop."""
        stream.flush()
        self._file = stream.fileno()
        self._encoding = stream.encoding
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._waiting = 0
        self._room = asyncio.Event()
        self._room.set()
        self.gone = asyncio.Event()
        """Set once nobody reads any more; from then on all that is written is dropped."""
        self.error: OSError | None = None
        """Why nothing can be written any more, where it is not that."""
        self._done = asyncio.Event()
        # A daemon: a reader that is asleep must not keep the process from ending.
        threading.Thread(target=self._work, name="hookcli-sink", daemon=True).start()

    def write(self, data: bytes | str) -> None:
        """Queue what is to be written."""
        if isinstance(data, str):
            data = data.encode(self._encoding, "backslashreplace")
        if not data or self.gone.is_set():
            return
        self._waiting += len(data)
        if self._waiting > _QUEUED:
            self._room.clear()
        self._queue.put(data)

    async def drained(self) -> None:
        """Wait until there is room for more."""
        await self._room.wait()

    async def watch(self) -> None:
        """Return when nobody reads any more: a pipe tells, without being written to."""
        looking = asyncio.ensure_future(self._look()) if _is_pipe(self._file) else None
        try:
            await self.gone.wait()
        finally:
            if looking is not None:
                looking.cancel()

    async def close(self, timeout_s: float) -> None:
        """Write what is queued, but wait no longer than this."""
        self._queue.put(None)
        try:
            await asyncio.wait_for(self._done.wait(), timeout_s)
        except TimeoutError:
            self.gone.set()

    async def _look(self) -> None:
        poll = select.poll()
        poll.register(self._file, 0)
        while not self.gone.is_set():
            if any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0)):
                self._lost(None)
            await asyncio.sleep(_LOOK_S)

    def _work(self) -> None:
        while (data := self._queue.get()) is not None:
            try:
                _write_all(self._file, data)
            except OSError as error:
                self._tell(self._lost, None if isinstance(error, BrokenPipeError) else error)
                break
            self._tell(self._written, len(data))
        self._tell(self._done.set)

    def _written(self, size: int) -> None:
        self._waiting -= size
        if self._waiting <= _QUEUED:
            self._room.set()

    def _lost(self, error: OSError | None) -> None:
        self.error = error
        self._room.set()
        self.gone.set()

    def _tell(self, call: Callable[..., object], *arguments: object) -> None:
        # Where the loop has ended, nobody is there to be told.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *arguments)


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(file, view) :]
        except BlockingIOError:
            # A terminal is shared, and another program has set it so.
            select.select((), (file,), ())


def _is_pipe(file: int) -> bool:
    mode = os.fstat(file).st_mode
    return hasattr(select, "poll") and (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode))
