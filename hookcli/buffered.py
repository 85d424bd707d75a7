"""aiohttp's protocol, with one buffer for all that comes in."""

from __future__ import annotations

import asyncio

from aiohttp.base_protocol import BaseProtocol

_SIZE = 64 * 1024
"""Bytes that are taken from a socket at once."""


def new_buffer() -> memoryview:
    """Return what any number of protocols may share: each takes out at once what was put in."""
    return memoryview(bytearray(_SIZE))


class BufferedProtocol(BaseProtocol, asyncio.BufferedProtocol):
    """Takes bytes from the socket, and gives them to `data_received`.

    By itself asyncio gets a quarter of a MiB from the system for each piece, and gives it back
    with the piece: pages that are mapped and unmapped in every thread cost an eighth of receiving.
    """

    incoming: memoryview
    """Where the next bytes go; set by who makes one."""

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - as asyncio calls it
        """Return where the next bytes go."""
        return self.incoming

    def buffer_updated(self, nbytes: int) -> None:
        """Take them out."""
        self.data_received(bytes(self.incoming[:nbytes]))

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Read on, where that was paused: aiohttp asks for it with every piece of every body."""
        if self._reading_paused:
            super().resume_reading(resume_parser)
