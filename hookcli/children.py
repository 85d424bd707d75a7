"""Runs commands of the user's: bounded in time and in output, and never left behind."""

from __future__ import annotations

import asyncio
import errno
import os
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from hookcli.errors import UsageError
from hookcli.printed import Printed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

LIMIT_S = 60.0
"""Seconds that a command has."""
_GRACE_S = 5.0
"""Seconds to end in, once it has been asked to."""
_LAST_GRACE_S = 1.0
"""The same, where hookcli is about to end."""
_LOOK_S = 0.02
"""Seconds between looks whether what a command started still runs."""
_LAST_WORDS_S = 0.5
"""Seconds in which the end of a pipe is awaited that is held open by what runs elsewhere."""
_SOON_S = 1.0
"""Seconds after which output is shown at the latest."""
_PAUSE_S = 0.002
"""Seconds between reads of a flood: others have work to do."""
_VALUE = 1 << 14
"""Characters of a variable's value; the system takes no more than 128 KiB for all of one."""
_SHELL = {"|", "||", "&", "&&", ";", "<", ">", ">>", "2>", "2>&1"}
"""Words that only a shell understands."""
_KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL


class Trouble(NamedTuple):
    """How a command failed."""

    what: str
    """Said of the command: `ended with exit code 1`."""
    hint: str | None
    """What to do, where that can be told from here."""


def command_words(text: str) -> tuple[str, ...]:
    """Split a command into its words, as a shell would. Raises UsageError where none can run."""
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"{text!r} is no command: {error}", "Close the quotes") from None
    if not words:
        raise UsageError("there is no command", "Give a program, with its arguments")
    if shutil.which(words[0]) is None:
        if Path(words[0]).is_file():
            raise UsageError(f"{words[0]} is not executable", f"chmod +x {shlex.quote(words[0])}")
        raise UsageError(
            f"there is no program {words[0]!r}",
            "A shell's own words and operators need a shell: sh -c '…'",
        )
    return words


class Children:
    """Commands that run, each in a group of its own that ends with it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Let commands have `environ`, without what is hookcli's own or secret."""
        self._environ = {
            name: value
            for name, value in environ.items()
            if not name.startswith("HOOKCLI_") and name != "NGROK_AUTHTOKEN"
        }
        self._running: set[_Child] = set()

    async def run(
        self,
        words: Sequence[str],
        *,
        variables: Mapping[str, str],
        payload: AsyncIterator[bytes] | None = None,
        show: Callable[[Sequence[str], int], None],
    ) -> Trouble | None:
        """Run a command, and all that it starts, to the end; return what went wrong.

        It gets `payload` on its standard input; `show(lines, skipped)` gets what it prints, after
        so many bytes left out. It is ended after `LIMIT_S`, when `payload` raises, and when this
        is cancelled.
        """
        child = _Child(show)
        try:
            await child.start(words, self._environ | _encodable(variables), fed=payload is not None)
        except OSError as error:
            return Trouble(f"could not be run: {error.strerror}", _why_not(error))
        self._running.add(child)
        grace_s = _LAST_GRACE_S
        try:
            async with asyncio.timeout(LIMIT_S):
                if payload is not None:
                    await child.feed(payload)
                await child.over()
        except TimeoutError:
            grace_s = _GRACE_S
            return Trouble(
                f"still ran after {LIMIT_S:g} s, so it was ended",
                "Let it start what takes longer in a session of its own: setsid",
            )
        finally:
            await child.end(grace_s)
            self._running.discard(child)
        return _trouble(child.code, words)

    def kill(self) -> None:
        """End at once whatever still runs."""
        for child in self._running:
            child.send(_KILL)


class _Child(asyncio.SubprocessProtocol):
    """One run of a command."""

    def __init__(self, show: Callable[[Sequence[str], int], None]) -> None:
        self._show = show
        self._printed = Printed()
        self._soon: asyncio.TimerHandle | None = None
        self._ended = asyncio.Event()
        self._silent = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._deaf = False
        self._let_go = asyncio.Event()

    async def start(self, words: Sequence[str], environ: Mapping[str, str], *, fed: bool) -> None:
        """Start it, with a standard input if it is to be `fed`. Raises OSError."""
        await asyncio.get_running_loop().subprocess_exec(
            lambda: self,
            *words,
            stdin=subprocess.PIPE if fed else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environ,
            # A Ctrl+C is hookcli's to hear, and all that the command starts ends with it.
            start_new_session=True,
        )

    async def feed(self, payload: AsyncIterator[bytes]) -> None:
        """Give it all that it takes; it need not read. Raises what `payload` does."""
        stdin = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(0))
        async for chunk in payload:
            await self._room.wait()
            if self._deaf:
                return
            stdin.write(chunk)
        # Only now: half a payload must not pass for a whole one.
        stdin.close()

    async def over(self) -> None:
        """Wait until it has ended, and nothing that it started prints any more."""
        await self._ended.wait()
        lives = True
        while lives and not self._silent.is_set():
            lives = self._group_lives()
            with suppress(TimeoutError):
                seconds = _LOOK_S if lives else _LAST_WORDS_S
                await asyncio.wait_for(self._silent.wait(), seconds)

    async def end(self, grace_s: float) -> None:
        """End what still runs: asked first, made to after `grace_s` seconds."""
        try:
            if not self._is_over():
                self.send(signal.SIGTERM)
                await self._over_within(grace_s)
                self.send(_KILL)
                await self._over_within(grace_s)
        finally:
            self._transport.close()
            await self._drop_input()
            lines, skipped = self._printed.end()
            self._show_beginning()
            if lines or skipped:
                self._show(lines, skipped)

    async def _drop_input(self) -> None:
        """Let go of what nobody reads any more: it may be held open by what runs elsewhere."""
        stdin = cast("asyncio.WriteTransport | None", self._transport.get_pipe_transport(0))
        if stdin is None:
            return
        try:
            await asyncio.wait_for(self._let_go.wait(), _LAST_WORDS_S)
        except TimeoutError:
            stdin.abort()

    async def _over_within(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.over(), seconds)

    def _is_over(self) -> bool:
        return self._ended.is_set() and (self._silent.is_set() or not self._group_lives())

    @property
    def code(self) -> int | None:
        """Its exit code, once it is over; negative where a signal ended it."""
        return self._transport.get_returncode()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it and to all that it started."""
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._transport.terminate()
            else:
                os.killpg(self._transport.get_pid(), number)

    def _group_lives(self) -> bool:
        if sys.platform == "win32":
            return False
        try:
            os.killpg(self._transport.get_pid(), 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Know it, from before it prints anything."""
        self._transport = cast("asyncio.SubprocessTransport", transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take what it prints."""
        self._printed.take(data)
        loop = asyncio.get_running_loop()
        if self._soon is None:
            self._soon = loop.call_later(_SOON_S, self._show_beginning)
        if self._printed.floods:
            pipe = cast("asyncio.ReadTransport", self._transport.get_pipe_transport(fd))
            pipe.pause_reading()
            loop.call_later(_PAUSE_S, pipe.resume_reading)

    def pipe_connection_lost(self, fd: int, _exc: Exception | None) -> None:
        """Note that it has closed its input or its output."""
        if fd == 0:
            self._stop_feeding()
            self._let_go.set()
        else:
            self._silent.set()

    def process_exited(self) -> None:
        """Note its end; others may hold its pipes still."""
        self._stop_feeding()
        self._ended.set()

    def pause_writing(self) -> None:
        """Wait: it reads slowly."""
        self._room.clear()

    def resume_writing(self) -> None:
        """Go on."""
        self._room.set()

    def _show_beginning(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        if lines := self._printed.beginning():
            self._show(lines, 0)

    def _stop_feeding(self) -> None:
        self._deaf = True
        self._room.set()


def _encodable(variables: Mapping[str, str]) -> dict[str, str]:
    """Return variables as the system takes them, whatever a sender has put into them."""
    return {
        name: os.fsdecode(value[:_VALUE].replace("\0", "\ufffd").encode("utf-8", "replace"))
        for name, value in variables.items()
    }


def _why_not(error: OSError) -> str | None:
    if error.errno == errno.ENOEXEC:
        return "A script needs a first line such as #!/bin/sh"
    return None


def _trouble(code: int | None, words: Sequence[str]) -> Trouble | None:
    if code == 0:
        return None
    hint = "There is no shell here; for one: sh -c '…'" if _SHELL.intersection(words) else None
    if code is None or code >= 0:
        return Trouble(f"ended with exit code {code}", hint)
    names = {number.value: number.name for number in signal.Signals}
    return Trouble(f"was ended by {names.get(-code, f'signal {-code}')}", hint)
