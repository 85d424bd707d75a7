"""A command per delivery: in order, one at a time, and what it prints cannot fool anyone."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from typing import TYPE_CHECKING, Any

from hookcli import children as module
from hookcli.children import Children
from hookcli.delivery import Delivery
from hookcli.outputs.execute import Execute, Teller, delivery_variables
from hookcli.screen import Screen
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    import pytest

LARGE = [b"x" * 1_000_000, b"y" * 1_000_000]


class Person:
    """Who runs a command on deliveries, and what is told of it."""

    def __init__(self, *words: str, chunks: Sequence[bytes] = LARGE, width: int = 80) -> None:
        self.told: list[str] = []
        self.some = asyncio.Event()
        self.heard = asyncio.Event()
        self.heard.set()
        self._chunks = chunks
        teller = Teller(
            Children(os.environ),
            notice=self.notice,
            say=self.told.extend,
            screen=lambda: Screen(width=width),
            heard=self._hear,
        )
        self.execute = Execute(words, self._body, teller=teller, notice=self.notice)

    def notice(self, message: str, hint: str | None) -> None:
        """Note what is told."""
        self.some.set()
        self.told += [f"*** {message}", *([hint] if hint else [])]

    async def _hear(self) -> None:
        await self.heard.wait()

    async def _body(self, _delivery: int) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk


def make(number: int = 42, body: bytes = b"{}", **more: Any) -> Delivery:
    return make_delivery(id=number, body=body, **more)


def large(number: int = 42) -> Delivery:
    return make(number, b"", size=sum(map(len, LARGE)))


async def test_the_command_gets_each_payload_in_order(tmp_path: Path) -> None:
    """The next one once the one before has ended; answers are none."""
    log = tmp_path / "log"
    slow = "sleep 0.0$((3 - HOOKCLI_DELIVERY_ID))"
    note = f'cat >>{log}; {slow}; echo " of $HOOKCLI_DELIVERY_ID" >>{log}'
    person = Person("sh", "-c", note)

    await person.execute.handle([make(1, b"a"), make_answer(), make(2, b"\0\xff"), make(3, b"")])

    assert log.read_bytes() == b"a of 1\n\0\xff of 2\n of 3\n"
    assert person.told == []


async def test_a_large_payload_is_streamed() -> None:
    person = Person("cksum")
    await person.execute.handle([large()])

    assert person.told[1].split()[2] == "2000000"


async def test_a_large_payload_that_is_gone_is_told() -> None:
    """The command does not take the half for the whole."""
    person = Person("sh", "-c", "cat >/dev/null; echo whole", chunks=LARGE[:1])
    await person.execute.handle([large()])

    assert person.told == [
        "*** --exec on #42 was ended: the store no longer has its whole body",
        "Was it pruned?",
    ]


def test_the_command_is_told_of_the_delivery() -> None:
    """What is not known is there as well, and empty."""
    known = make(
        provider="github",
        event="issues",
        action="opened",
        delivery_id="72d3162e",
        path="/hooks",
        query="a=1",
    )
    unknown = Delivery(method="GET", path="/", id=7)

    assert delivery_variables(known) == {
        "HOOKCLI_DELIVERY_ID": "42",
        "HOOKCLI_DELIVERY_PROVIDER": "github",
        "HOOKCLI_DELIVERY_EVENT": "issues",
        "HOOKCLI_DELIVERY_ACTION": "opened",
        "HOOKCLI_DELIVERY_PROVIDER_ID": "72d3162e",
        "HOOKCLI_DELIVERY_METHOD": "POST",
        "HOOKCLI_DELIVERY_PATH": "/hooks",
    }
    assert [name for name, value in delivery_variables(unknown).items() if not value] == [
        f"HOOKCLI_DELIVERY_{name}" for name in ("PROVIDER", "EVENT", "ACTION", "PROVIDER_ID")
    ]


async def test_a_payload_never_stands_on_a_command_line() -> None:
    """What was received is no word of the command, nor part of one."""
    words = [sys.executable, "-c", "import sys; print(sys.argv[1:])", "$HOOKCLI_DELIVERY_EVENT"]
    person = Person(*words)
    await person.execute.handle([make(event="push; rm -rf /")])

    assert person.told[1:] == ["  │ ['$HOOKCLI_DELIVERY_EVENT']"]


async def test_what_it_prints_stands_behind_the_bar() -> None:
    """It may quote the payload, so it cannot move the cursor, nor fake a line of ours."""
    person = Person("cat", width=30)
    payload = b"14:03:22 *** \x1b[31mred\x1b[0m and long enough for two\n\xe2\x80\xae"
    await person.execute.handle([make(body=payload)])

    assert person.told == [
        "*** --exec on #42 prints:",
        "  │ 14:03:22 *** \\u001b[31mre",
        "  │ d\\u001b[0m and long enoug",
        "  │ h for two",
        "  │ \\u202e",
    ]


async def test_a_flood_of_output_is_cut() -> None:
    """The beginning and the end are shown, and how much is not."""
    person = Person("seq", "100000")
    await person.execute.handle([make()])

    assert person.told[:2] == ["*** --exec on #42 prints:", "  │ 1"]
    assert person.told[100:103] == [
        "  │ 100",
        "*** --exec on #42 prints, after 589 kB not shown:",
        "  │ 99991",
    ]
    assert person.told[-1] == "  │ 100000"


async def test_a_failure_is_told_and_the_next_one_runs(tmp_path: Path) -> None:
    """With how to look into it."""
    script = f"echo $HOOKCLI_DELIVERY_ID >>{tmp_path}/log; exit 3"
    person = Person("sh", "-c", script)
    await person.execute.handle([make(1), make(2)])

    again = f"hookcli show 1 --format body | sh -c {shlex.quote(script)}"
    assert (tmp_path / "log").read_text() == "1\n2\n"
    assert person.told[:3] == [
        "*** --exec on #1 ended with exit code 3",
        f"Try it alone: {again}",
        "*** --exec on #2 ended with exit code 3",
    ]


async def test_a_program_that_is_gone_meanwhile_is_told(tmp_path: Path) -> None:
    person = Person(str(tmp_path / "gone"))
    await person.execute.handle([make()])

    assert person.told[0] == "*** --exec on #42 could not be run: No such file or directory"


async def test_it_is_ended_with_hookcli(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person learns on which delivery."""
    monkeypatch.setattr(module, "_SOON_S", 0.0)
    person = Person("sh", "-c", "echo started; sleep 600")
    running = asyncio.ensure_future(person.execute.handle([make(1), make(2)]))
    await asyncio.wait_for(person.some.wait(), 5)
    running.cancel()
    await asyncio.wait({running})

    assert running.cancelled()
    assert person.told[-2:] == [
        "*** --exec on #1 was ended, since hookcli ends",
        "Nor was it run on what came after; all of it is kept: hookcli list",
    ]


async def test_nothing_runs_while_nobody_reads_what_is_printed() -> None:
    """As on a terminal that is paused: else what waits to be shown would grow."""
    person = Person("echo", "hello")
    person.heard.clear()
    running = asyncio.ensure_future(person.execute.handle([make()]))
    done, _ = await asyncio.wait({running}, timeout=0.05)

    assert done == set()
    person.heard.set()
    await running
    assert person.told[1:] == ["  │ hello"]
