"""What a person gives to be read: a file, or standard input, line by line within bounds."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hookcli.errors import HookError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_LARGEST = 256 << 20
"""Bytes of a line, or of all lines that are held together."""


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """Open a file; `-` is standard input. Raises HookError where it cannot be read."""
    if path == "-":
        yield sys.stdin.buffer
        return
    with _open(path) as file:
        yield file


def lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield a file's lines as they come. Raises HookError where one is too long, or unreadable."""
    while line := _line(file):
        if len(line) > _LARGEST:
            raise HookError("A line is longer than 256 MiB", "That is neither record nor request")
        yield line


def _open(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        hint = "Give a file that can be read, or - for standard input"
        raise HookError(f"{path} cannot be read: {why}", hint) from None


def _line(file: BinaryIO) -> bytes:
    try:
        return file.readline(_LARGEST + 1)
    except OSError as error:
        raise HookError(f"It cannot be read: {error.strerror}", "Give a file") from None
