"""How many files and connections may be open at once, and what is said where those are too few."""

from __future__ import annotations

import errno
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from hookcli.errors import unexpected

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

_WANTED = 10_240
"""As many as macOS has at most; by itself it gives 256, and a forwarded delivery takes two."""
_SILENCE_S = 60.0
"""Seconds in which the same shortage is not told again."""
_SHORT = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def allow_many() -> None:
    """Let this process have as many open as it may have, within reason."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - Windows has none

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED if hard == resource.RLIM_INFINITY else min(hard, _WANTED)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Faults:
    """Tells of what fails where nobody waits for it; the event loop would print a traceback.

    Where connections cannot be taken it would do so a thousand times a second.
    """

    def __init__(
        self,
        notice: Callable[[str, str | None], None],
        *,
        debug: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Tell by `notice(message, hint)`; with `debug`, by the traceback as well."""
        self._notice = notice
        self._debug = debug
        self._clock = clock
        self._silent_until = 0.0

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Take what the loop has to say."""
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _SHORT:
            self._tell_of_shortage(error)
            return
        if self._debug:
            loop.default_exception_handler(context)
        what = f"{type(error).__name__}: {error}" if error else str(context.get("message"))
        said = unexpected(what)
        self._notice(said.message, said.hint)

    def _tell_of_shortage(self, error: OSError) -> None:
        now = self._clock()
        if now >= self._silent_until:
            self._silent_until = now + _SILENCE_S
            self._notice(
                f"No more connections can be taken for the moment: {error.strerror}",
                "Senders wait until others are answered; ulimit -n 10240 allows more",
            )
