"""Data on stdout, talk on stderr, in the form that suits whoever is there."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import struct
import termios
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import pytest

from hookcli.delivery import HELD_BODY
from hookcli.errors import HookError
from hookcli.outputs import sink
from hookcli.outputs.desk import Desk
from hookcli.state import Ready, TunnelState
from hookcli.stores.memory import MemoryStore
from hookcli.tunnel_lines import Total
from tests.stores.builders import NOON, make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

READY = Ready(public_url=None, local_url="http://127.0.0.1:4567", store="memory", pid=1)
ONLINE = TunnelState(state="online", public_url="https://x.test", at=NOON, reachable=True)

PATIENCE_S = 5


class Stream:
    """A terminal, a pipe or a file to write to, and what arrives there."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        if kind == "file":
            self.end = os.open(folder / "out", os.O_RDWR | os.O_CREAT)
            start = os.open(folder / "out", os.O_WRONLY)
        else:
            self.end, start = pty.openpty() if kind == "terminal" else os.pipe()
        if kind == "terminal":
            fcntl.ioctl(start, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
        self.stream: TextIO = os.fdopen(start, "w", encoding="utf-8")
        self.text = ""

    def until(self, end: str) -> str:
        """Read until this has come; return all."""
        while end not in self.text:
            piece = os.read(self.end, 65_536)
            assert piece, f"{end!r} never came after {self.text!r}"
            self.text += piece.decode().replace("\r\n", "\n")
        return self.text

    def close(self) -> None:
        """Close both ends."""
        self.stream.close()
        os.close(self.end)


class Scene:
    """A desk between two streams, and a store behind it."""

    def __init__(self, out: Stream, err: Stream, **options: Any) -> None:
        self.out, self.err = out, err
        self.store = MemoryStore()
        self.desk = Desk(
            **{
                "store": self.store,
                "form": None,
                "color": "never",
                "total": Total(),
                "stdout": out.stream,
                "stderr": err.stream,
                "environ": {},
                **options,
            }
        )

    async def receive(self, *, number: int = 42) -> None:
        """Bring every output a delivery and its answer."""
        for output in self.desk.outputs:
            await output.handle([make_delivery(id=number), make_answer(delivery=number)])

    async def shows(self, stream: Stream, end: str) -> str:
        """Wait until this has come on a stream; return all that has."""
        return await asyncio.wait_for(asyncio.to_thread(stream.until, end), PATIENCE_S)


@asynccontextmanager
async def scene(
    tmp_path: Path, out: str = "pipe", err: str = "pipe", **options: Any
) -> AsyncIterator[Scene]:
    """Set a desk up, and clear it."""
    streams = [await asyncio.to_thread(Stream, kind, tmp_path) for kind in (out, err)]
    made = Scene(*streams, **options)
    try:
        yield made
    finally:
        await made.desk.close()
        for stream in streams:
            await asyncio.to_thread(stream.close)


async def test_a_terminal_gets_what_a_person_reads(tmp_path: Path) -> None:
    """Deliveries with their payload, and all the talk, in one place or two."""
    async with scene(tmp_path, "terminal", "terminal") as made:
        await made.receive()
        made.desk.console.notice("Something", None)

        shown = await made.shows(made.out, "built in\n")
        told = await made.shows(made.err, "Something\n")

    assert "--> #42 github issues.opened" in shown
    assert '  │   "action": "opened"' in shown
    assert "#42" not in told


async def test_where_no_sender_waits_no_answer_is_too_late(tmp_path: Path) -> None:
    shown = []
    for awaited in (True, False):
        async with scene(tmp_path, "terminal", "terminal", awaited=awaited) as made:
            (output,) = made.desk.outputs
            slow = make_answer(delivery=42, duration_ms=12_000)
            await output.handle([make_delivery(id=42), slow])
            made.desk.console.notice("The end", None)
            await made.shows(made.err, "The end\n")
            shown.append(await made.shows(made.out, "built in\n"))

    assert ["Too slow" in text for text in shown] == [True, False]


async def test_a_pipe_gets_records(tmp_path: Path) -> None:
    async with scene(tmp_path) as made:
        await made.receive()
        record = json.loads(await made.shows(made.out, "\n"))

    assert (record["type"], record["id"]) == ("delivery", 42)
    assert len(made.desk.outputs) == 1


async def test_who_sends_records_to_a_file_still_sees_what_comes(tmp_path: Path) -> None:
    """A line each on the terminal, without the payload, which is in the file."""
    async with scene(tmp_path, "file", "terminal") as made:
        await made.receive()
        told = await made.shows(made.err, "built in\n")
        await made.desk.close()  # a file ends where nothing has been written yet
        record = json.loads(await made.shows(made.out, "\n"))

    assert "--> #42 github issues.opened" in told
    assert "│" not in told
    assert record["id"] == 42


@pytest.mark.parametrize(
    ("out", "err", "form"),
    [("file", "pipe", None), ("pipe", "terminal", None), ("file", "terminal", "line")],
)
async def test_nobody_else_sees_it_twice(
    tmp_path: Path, out: str, err: str, form: str | None
) -> None:
    """A pipe's reader may well print it; what is for people in a file is there already."""
    async with scene(tmp_path, out, err, form=form) as made:
        assert len(made.desk.outputs) == 1


@pytest.mark.parametrize(
    ("form", "first"),
    [
        ("pretty", ":00 --> #42 github issues.opened"),
        ("line", ":00 --> #42 github issues.opened"),
        ("ndjson", '{"type":"delivery"'),
        ("body", '{"action":"opened"}'),
        ("records", '{"type":"tunnel"'),
    ],
)
async def test_each_form_goes_to_stdout(tmp_path: Path, form: str, first: str) -> None:
    async with scene(tmp_path, form=form) as made:
        made.desk.tunnel(ONLINE)
        made.desk.ready(READY, "")
        await made.receive()
        shown = await made.shows(made.out, "\n")

    assert first in shown.splitlines()[0]


async def test_records_on_a_terminal_do_not_act(tmp_path: Path) -> None:
    async with scene(tmp_path, "terminal", form="body") as made:
        (output,) = made.desk.outputs
        await output.handle([make_delivery(body=b'"\xc2\x9b31m"')])

        assert await made.shows(made.out, "\n") == '"\\u009b31m"\n'


async def test_the_end_of_the_tunnel_is_told_to_people(tmp_path: Path) -> None:
    """Once all is ready; until then the banner speaks, through `say`."""
    async with scene(tmp_path, err="terminal") as made:
        made.desk.say(["Local  x", "Store  y"])
        made.desk.ready(READY, "ngrok")
        made.desk.tunnel(ONLINE)
        told = await made.shows(made.err, "ONLINE")
        width = made.desk.screen().width

    assert told.startswith("Local  x\nStore  y\n")
    assert width == 80


async def test_only_the_start_of_a_large_body_is_read_to_be_shown(tmp_path: Path) -> None:
    """And the whole where a program gets it; one that is gone is empty."""
    content = b'["start"' + b" " * HELD_BODY + b"]"

    async with scene(tmp_path, form="pretty") as made:
        large = make_delivery(body=b"", size=len(content))
        stored = await made.store.get(await made.store.append(large, None, BytesIO(content)))
        assert stored is not None
        (output,) = made.desk.outputs
        await output.handle([stored])
        shown = await made.shows(made.out, "start")
        whole = await made.desk.body(stored)
        gone = await made.desk._beginning(99, 10)

    assert '"start"' in shown
    assert whole == content
    assert gone == b""


async def test_a_reader_that_goes_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sink, "_LOOK_S", 0.001)
    async with scene(tmp_path) as made:
        os.close(made.out.end)
        await asyncio.wait_for(made.desk.unread(), PATIENCE_S)
        made.out.end = os.open(os.devnull, os.O_RDONLY)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
async def test_on_one_screen_what_is_said_first_stands_first(tmp_path: Path) -> None:
    """The last words are the last ones."""
    one = await asyncio.to_thread(Stream, "terminal", tmp_path)
    async with scene(tmp_path, stdout=one.stream, stderr=one.stream, form="line") as made:
        for number in range(1, 51):
            await made.receive(number=number)
            made.desk.say([f"said {number}"])
        told = await made.shows(one, "said 50\n")
    await asyncio.to_thread(one.close)

    lines = told.splitlines()
    assert [line.split()[-1] for line in lines if line.startswith("said")] == [
        line.split()[2].removeprefix("#") for line in lines if "-->" in line
    ]
    assert all("-->" in line for line in lines[::3])


async def test_the_end_waits_for_both_streams_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal that stands still has the time of one, though both lead to it."""
    both = asyncio.Barrier(2)

    async def closed(_: sink.Sink, __: float) -> None:
        await both.wait()

    async with scene(tmp_path, "pipe", "pipe") as made:
        with monkeypatch.context() as patched:
            patched.setattr(sink.Sink, "close", closed)

            await asyncio.wait_for(made.desk.close(), PATIENCE_S)


async def test_a_full_disk_ends_the_run_with_an_error(tmp_path: Path) -> None:
    with await asyncio.to_thread(Path("/dev/full").open, "w") as full:
        async with scene(tmp_path, stdout=full) as made:
            await made.receive()
            with pytest.raises(HookError, match="No space left on device") as caught:
                await asyncio.wait_for(made.desk.unread(), PATIENCE_S)

    assert "hookcli list" in caught.value.hint
