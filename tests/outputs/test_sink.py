"""Nobody waits for a stream that is slow, and one whose reader has gone is noticed."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import pytest

from hookcli.outputs import sink as module
from hookcli.outputs.sink import Sink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

MUCH = b"x" * (1 << 20)
"""Far more than a pipe holds."""


class Pipe:
    """A pipe to write to, and its reader."""

    def __init__(self) -> None:
        self.end, start = os.pipe()
        self.stream = os.fdopen(start, "w", encoding="utf-8")

    async def read(self, size: int) -> bytes:
        """Read so many bytes."""

        def whole() -> bytes:
            data = b""
            while len(data) < size and (piece := os.read(self.end, size - len(data))):
                data += piece
            return data

        return await asyncio.wait_for(asyncio.to_thread(whole), 5)

    def leave(self) -> None:
        """Read no more."""
        os.close(self.end)
        self.end = -1


@contextmanager
def pipe() -> Iterator[Pipe]:
    """Make a pipe for a test."""
    made = Pipe()
    with made.stream:
        yield made
        if made.end >= 0:
            made.leave()


@asynccontextmanager
async def sinking(stream: TextIO) -> AsyncIterator[Sink]:
    """Write to a stream; at the end, when nobody has to be waited for, the thread ends too."""
    sink = Sink(stream)
    yield sink
    await sink.close(5)


async def test_writes_all_in_order() -> None:
    with pipe() as made:
        async with sinking(made.stream) as sink:
            for number in range(100):
                sink.write(f"{number}\n")
            sink.write(b"")

        assert await made.read(290) == b"".join(b"%d\n" % number for number in range(100))


async def test_what_the_stream_cannot_spell_is_escaped() -> None:
    """An ASCII terminal gets no error and no question mark."""
    with pipe() as made:
        made.stream.reconfigure(encoding="ascii")
        async with sinking(made.stream) as sink:
            sink.write("é\udce9")
            sink.write("é".encode())

        assert await made.read(12) == b"\\xe9\\udce9" + "é".encode()


async def test_a_slow_reader_is_waited_for_by_whoever_wants_to() -> None:
    """Writing never waits; `drained` does, until there is room again."""
    with pipe() as made:
        async with sinking(made.stream) as sink:
            await asyncio.wait_for(sink.drained(), 5)
            sink.write(MUCH)
            await asyncio.wait_for(sink.drained(), 5)
            sink.write(MUCH)
            waiting = asyncio.ensure_future(sink.drained())
            await asyncio.sleep(0)
            assert not waiting.done()

            assert len(await made.read(2 * len(MUCH))) == 2 * len(MUCH)
            await asyncio.wait_for(waiting, 5)


async def test_a_blocked_reader_does_not_hold_up_the_end() -> None:
    """What it has not taken by then is given up."""
    with pipe() as made:
        async with sinking(made.stream) as sink:
            sink.write(MUCH)

            await asyncio.wait_for(sink.close(0.01), 1)

            assert sink.gone.is_set()
            made.leave()


async def test_a_reader_that_goes_is_noticed_though_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`| head -1` has its line, and hookcli need not wait for another delivery."""
    monkeypatch.setattr(module, "_LOOK_S", 0.001)

    with pipe() as made:
        async with sinking(made.stream) as sink:
            watching = asyncio.ensure_future(sink.watch())
            await asyncio.sleep(0.005)
            assert not watching.done()
            made.leave()

            await asyncio.wait_for(watching, 5)
            assert sink.error is None
            sink.write("to nobody")
            await asyncio.wait_for(sink.drained(), 5)


async def test_the_other_end_of_a_socket_may_go_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK_S", 0.001)
    ours, theirs = socket.socketpair()

    with ours, ours.makefile("w") as stream:
        async with sinking(stream) as sink:
            theirs.close()

            await asyncio.wait_for(sink.watch(), 5)


async def test_a_write_to_nobody_tells_it_too() -> None:
    """Where the system cannot tell beforehand."""
    with pipe() as made:
        async with sinking(made.stream) as sink:
            made.leave()
            sink.write(MUCH * 2)

            await asyncio.wait_for(sink.gone.wait(), 5)
            await asyncio.wait_for(sink.drained(), 5)
            assert sink.error is None


async def test_watching_may_be_given_up() -> None:
    with pipe() as made:
        async with sinking(made.stream) as sink:
            watching = asyncio.ensure_future(sink.watch())
            await asyncio.sleep(0)
            watching.cancel()

            with pytest.raises(asyncio.CancelledError):
                await watching


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
async def test_a_full_disk_is_an_error_and_not_a_reader_that_went() -> None:
    with await asyncio.to_thread(Path("/dev/full").open, "w") as stream:
        async with sinking(stream) as sink:
            sink.write("a record")
            await asyncio.wait_for(sink.watch(), 5)

            assert sink.error is not None
            assert sink.error.strerror == "No space left on device"


async def test_a_terminal_that_does_not_block_is_waited_for() -> None:
    """Another program may have made it so: it is the same terminal."""
    with pipe() as made:
        os.set_blocking(made.stream.fileno(), False)
        async with sinking(made.stream) as sink:
            sink.write(MUCH)

            assert await made.read(len(MUCH)) == MUCH
            assert sink.error is None


def test_nobody_is_there_to_be_told_when_the_loop_has_ended() -> None:
    """A reader that wakes up after the end meets no traceback."""
    with pipe() as made:

        async def blocked() -> None:
            sink = Sink(made.stream)
            sink.write(MUCH)
            await sink.close(0)

        asyncio.run(blocked())
        (thread,) = (each for each in threading.enumerate() if each.name == "hookcli-sink")
        made.leave()
        thread.join(5)

        assert not thread.is_alive()
