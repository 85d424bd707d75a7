"""`hookcli import`: records and raw HTTP requests, into the store."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from hookcli.delivery import Delivery
from hookcli.errors import HookError
from hookcli.importing import Importer
from hookcli.inputs import lines, opened
from hookcli.looking import Looking
from hookcli.options import argument, command, store_option
from hookcli.reading_back import entries
from hookcli.secret_options import secret_option, secrets_given
from hookcli.stores.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

    from hookcli.delivery import Entry


@command("import")
@argument("file", metavar="FILE|-")
@secret_option
@store_option
def import_(file: str, store: str | None, **given: Any) -> None:
    """Put records, or an HTTP request, into the store.

    FILE, or - for standard input, holds what `list`, `listen` or `show` print: records, one on a
    line, or one request. Deliveries get new numbers, and keep when they were received.
    """
    secrets = secrets_given(given)
    # What is read may be long in coming: a Ctrl+C must not wait for it, as it would in the loop.
    with opened(file) as source, asyncio.Runner() as runner:
        kept = runner.run(open_store(store, create=True))
        importer = Importer(kept, secrets, datetime.now(UTC))
        try:
            with Looking(sys.stderr, done="Imported") as looking:

                def keep(entry: Entry) -> None:
                    runner.run(importer.keep(entry))
                    if isinstance(entry, Delivery):
                        looking.at(importer.last)

                run(importer, source, keep)
        except KeyboardInterrupt:
            if importer.deliveries:
                click.echo(said(importer), err=True)
            raise
        finally:
            runner.run(kept.close())
    click.echo(said(importer), err=True)


def run(importer: Importer, source: BinaryIO, keep: Callable[[Any], object]) -> None:
    """Keep what stands in `source`, line by line. Raises HookError, which says how far it came."""
    reached = _Counted(lines(source))
    try:
        for entry in entries(reached):
            keep(entry)
    except HookError as error:
        raise _broken(error, importer, reached.count) from None
    if not importer.deliveries:
        raise HookError("There is no delivery in it", "hookcli list prints records of some")


def said(importer: Importer) -> str:
    """Return what a person is told of it."""
    what = _numbered(importer)
    if importer.attempts:
        what += f", and {_counted(importer.attempts, 'attempt')}"
    if importer.skipped:
        skipped = _counted(importer.skipped, "attempt")
        what += f"; {skipped} left out, whose deliveries are not in it"
    return f"Imported {what}"


class _Counted:
    """Lines, and how many of them were read."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        lines = iter(self._lines)
        while True:
            try:
                line = next(lines, None)
            except HookError:
                self.count += 1
                raise
            if line is None:
                return
            self.count += 1
            yield line


def _broken(error: HookError, importer: Importer, line: int) -> HookError:
    if not line:
        return HookError("There is nothing in it", error.hint)
    if not importer.deliveries:
        return HookError(f"Line {line}: {error.message}", f"Nothing was imported. {error.hint}")
    return HookError(
        f"Line {line}: {error.message}",
        f"What stands before it is imported: {_numbered(importer)}; nothing behind it is."
        f" To go on there: tail -n +{line + 1} FILE | hookcli import -",
    )


def _numbered(importer: Importer) -> str:
    first, last = importer.first, importer.last
    which = f"#{first}" if first == last else f"#{first} to #{last}"
    return f"{_counted(importer.deliveries, 'delivery')}, {which}"


def _counted(count: int, what: str) -> str:
    many = "deliveries" if what == "delivery" else f"{what}s"
    return f"{count:,} {what if count == 1 else many}"
