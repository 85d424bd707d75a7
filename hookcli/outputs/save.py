"""Writes a file per delivery: its body, or the whole request."""

from __future__ import annotations

import asyncio
import errno
import os
from functools import cached_property
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, BinaryIO

from hookcli.delivery import Delivery
from hookcli.errors import HookError
from hookcli.filenames import numbered
from hookcli.raw import raw_head

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from hookcli.delivery import Entry
    from hookcli.filenames import Template

_REMEMBERED = 1_000
"""Names of which it is known how many files have them, so that not all are tried again."""


class Save:
    """Writes each delivery to its own file, whole or not at all, and never over another one."""

    def __init__(
        self,
        template: Template,
        body: Callable[[int], AsyncIterator[bytes]],
        notice: Callable[[str, str], None],
    ) -> None:
        """Save by `template`; `body` is the store's, `notice(message, hint)` tells a person."""
        self._template = template
        self._body = body
        self._notice = notice
        self._numbers: dict[Path, int] = {}
        self._missed = 0
        self._cause = ""
        self.failed = False
        """Whether one was not saved."""

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Write the deliveries among the entries; one that fails becomes a notice."""
        for entry in entries:
            if not isinstance(entry, Delivery):
                continue
            try:
                if entry.held:
                    await _to_its_end(self._write, entry)
                else:
                    await self._stream(entry)
            except (OSError, HookError) as error:
                self._failed(entry, error)
            else:
                self._worked()

    def _write(self, delivery: Delivery) -> None:
        file = self._part(delivery, delivery.body)
        try:
            file.write(self._head(delivery) + delivery.body)
            self._publish(file)
        finally:
            file.close()

    async def _stream(self, delivery: Delivery) -> None:
        """Write a body that is too large to be held, a chunk at a time."""
        file: _Part | None = None
        missing = delivery.size
        try:
            async for chunk in self._body(delivery.id):
                if file is None:
                    file = self._part(delivery, chunk)
                    await _to_its_end(file.write, self._head(delivery))
                await _to_its_end(file.write, chunk)
                missing -= len(chunk)
            if file is None or missing:
                raise HookError("the store no longer has its whole body", "Was it pruned?")
            await _to_its_end(self._publish, file)
        finally:
            if file is not None:
                await _to_its_end(file.close)

    def _part(self, delivery: Delivery, start: bytes) -> _Part:
        return _Part(Path(self._template.folder), self._template.names(delivery, start))

    def _head(self, delivery: Delivery) -> bytes:
        return raw_head(delivery) if self._template.whole_request else b""

    def _publish(self, file: _Part) -> None:
        """Give a whole file the first name that is free."""
        wanted = file.folder / file.name
        for number in count(self._numbers.pop(wanted, 0) + 1):
            try:
                file.publish(numbered(file.name, number))
            except FileExistsError:
                continue
            if len(self._numbers) >= _REMEMBERED:
                self._numbers.clear()
            self._numbers[wanted] = number
            return

    def _failed(self, delivery: Delivery, error: OSError | HookError) -> None:
        """Tell of a failure, once for as long as the cause stays the same."""
        self._missed += 1
        self.failed = True
        cause = error.message if isinstance(error, HookError) else error.strerror or str(error)
        if cause != self._cause:
            self._cause = cause
            self._notice(
                f"#{delivery.id} was not saved: {cause}",
                f"It is kept all the same: hookcli show {delivery.id} --format body",
            )

    def _worked(self) -> None:
        if self._missed > 1:
            self._notice(
                f"Saving works again; {self._missed} deliveries were not saved",
                "They are kept all the same: hookcli list",
            )
        self._missed = 0
        self._cause = ""


async def _to_its_end(work: Callable[..., None], *args: object) -> None:
    """Run in a thread, and wait for it when cancelled too, since it goes on writing."""
    running = asyncio.ensure_future(asyncio.to_thread(work, *args))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


class _Part:
    """A file that has no name of its own until it is whole."""

    def __init__(self, root: Path, names: Sequence[str]) -> None:
        *self._folders, self.name = names
        self._root = root
        self._file: BinaryIO | None = None

    @cached_property
    def folder(self) -> Path:
        return _make_folder(self._root.expanduser(), self._folders)

    @cached_property
    def _path(self) -> Path:
        return self.folder / f".hookcli-{token_hex(8)}.part"

    def write(self, data: bytes) -> None:
        if self._file is None:
            self._file = self._path.open("xb")
        self._file.write(data)

    def publish(self, name: str) -> None:
        """Give the file its name. Raises FileExistsError where that is taken."""
        if self._file is not None:
            self._file.close()  # what does not fit on the disk shows here at the latest
        target = self.folder / name
        try:
            os.link(self._path, target)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            _claim(self._path, target)

    def close(self) -> None:
        """Let go of what is not whole, and of the name that it had meanwhile."""
        if self._file is not None:
            try:
                self._file.close()
            finally:
                self._path.unlink(missing_ok=True)


def _claim(path: Path, target: Path) -> None:
    """Rename without overwriting: the name is taken by an empty file first."""
    target.open("xb").close()
    try:
        path.replace(target)
    except OSError:
        target.unlink()
        raise


def _make_folder(root: Path, names: Sequence[str]) -> Path:
    """Return the folder below `root`, made if need be.

    Raises HookError where that cannot be, and where a link leads out.
    """
    _make(root)
    root = folder = root.resolve()
    for name in names:
        folder = folder / name
        _make(folder)
        folder = folder.resolve()
        if not folder.is_relative_to(root):
            raise HookError(f"{root / name} is a link that leads out of {root}", "Remove the link")
    return folder


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "it is no folder" if error.errno == errno.EEXIST else error.strerror
        raise HookError(f"{folder} cannot be written to: {why}", "Name another folder") from error
