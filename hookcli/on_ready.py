"""Runs a command once hookcli can be reached, and again when its public URL has changed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookcli.outputs.execute import Teller

_END_S = 5.0
"""Seconds that a command has to come to its end in when hookcli does."""


class OnReady:
    """Runs a command beside all else, one at a time."""

    def __init__(self, words: Sequence[str] | None, teller: Teller) -> None:
        """Run `words`; None: nothing."""
        self._words = words
        self._teller = teller
        self._urls = "", ""
        self._due = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def reachable(self, public_url: str | None, local_url: str) -> None:
        """Let the command be run, with the URLs as they are now."""
        if self._words is not None:
            self._urls = public_url or "", local_url
            self._idle.clear()
            self._due.set()

    async def run(self) -> None:
        """Run the command whenever it is due, until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            await self._run(*self._urls)
            if not self._due.is_set():
                self._idle.set()

    async def _run(self, public_url: str, local_url: str) -> None:
        await self._teller.run(
            "--on-ready",
            self._words or (),
            variables={"HOOKCLI_PUBLIC_URL": public_url, "HOOKCLI_LOCAL_URL": local_url},
            hint="hookcli goes on, but what the command was to bring about may never come",
        )

    async def finish(self) -> None:
        """Let a command that runs come to its end, for a while."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), _END_S)
