"""Programs that are run, and what is seen of it."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from hookcli.children import Children, Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from hookcli.errors import HookError

PATIENCE_S = 5

PYTHON = (sys.executable, "-c")


class Shown:
    """What a person would be shown."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.skipped = 0
        self._some = asyncio.Event()

    def __call__(self, lines: Sequence[str], skipped: int) -> None:
        """Show this."""
        self.lines += lines
        self.skipped += skipped
        self._some.set()

    async def first(self) -> str:
        """Wait for the first line."""
        await asyncio.wait_for(self._some.wait(), PATIENCE_S)
        return self.lines[0]


async def chunks(*pieces: bytes, error: HookError | None = None) -> AsyncIterator[bytes]:
    """Yield a payload."""
    for piece in pieces:
        yield piece
    if error:
        raise error


async def run(
    words: Sequence[str],
    payload: bytes | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    variables: Mapping[str, str] | None = None,
) -> tuple[Trouble | None, list[str]]:
    """Run one command; return what came of it, and what it printed."""
    shown = Shown()
    trouble = await Children(environ).run(
        words,
        variables=variables or {},
        payload=None if payload is None else chunks(payload),
        show=shown,
    )
    return trouble, shown.lines
