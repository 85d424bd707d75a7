"""`hookcli show`: one delivery whole, with its attempts."""

from __future__ import annotations

import os
import sys
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING

import click

from hookcli.delivery import HELD_BODY
from hookcli.grammar import reference
from hookcli.options import argument, color_option, command, option, store_option
from hookcli.raw import raw_head
from hookcli.reading import read, whole_body
from hookcli.records import delivery_record, dump
from hookcli.references import resolve
from hookcli.screen import screen_of
from hookcli.text import escape, human_size
from hookcli.whole import format_whole

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import BinaryIO

    from hookcli.delivery import Delivery
    from hookcli.grammar import Reference
    from hookcli.screen import Screen, When
    from hookcli.stores import Reader


@command("show")
@argument("which", metavar="[ID]", type=reference, default="latest")
@option(
    "--format",
    "form",
    group="Showing",
    choices=("pretty", "ndjson", "body", "http"),
    help="For people; a record; the exact body; the whole request. Default: pretty on a terminal,"
    " ndjson elsewhere.",
)
@option(
    "--no-pager", group="Showing", is_flag=True, help="Print also what is longer than a screen."
)
@color_option
@store_option
def show(
    which: Reference, form: str | None, no_pager: bool, color: When, store: str | None
) -> None:
    """Show one delivery whole, with the answers it got.

    ID is its number (42), latest (the default), latest~1 for the one before it, or the
    provider's delivery id, of which the first 6 characters are enough.
    """
    screen = screen_of(sys.stdout, os.environ, color)
    terminal = sys.stdout.isatty()
    if form == "pretty" or (terminal and not form):
        lines = read(store, lambda opened: pretty(opened, which, screen))
        _print(lines, paged=terminal and not no_pager and len(lines) >= screen.height)
        return
    out = sys.stdout.buffer
    seen_by = screen if terminal else None
    read(store, lambda opened: run(opened, which, form or "ndjson", out=out, screen=seen_by))


async def pretty(store: Reader, which: Reference, screen: Screen) -> list[str]:
    """Return the lines that show a person all there is."""
    delivery = await resolve(store, which)
    body = delivery.body if delivery.held else await whole_body(store, delivery, HELD_BODY)
    return format_whole(delivery, body, await store.attempts([delivery.id]), screen)


async def run(
    store: Reader, which: Reference, form: str, *, out: BinaryIO, screen: Screen | None
) -> None:
    """Write the record, the body or the request: escaped for `screen`, exact where it is None."""
    delivery = await resolve(store, which)
    pieces = _pieces(store, delivery, form, exact=screen is None)
    if screen is None:
        async for piece in pieces:
            out.write(piece)
        return
    try:
        await _write_escaped(pieces, out, screen)
    except UnicodeDecodeError:
        size = human_size(delivery.size)
        notice = f"Binary, {size}: hookcli show {delivery.id} --format {form} > FILE"
        click.echo(notice, err=True)


async def _pieces(
    store: Reader, delivery: Delivery, form: str, *, exact: bool
) -> AsyncIterator[bytes]:
    if form == "ndjson":
        yield dump(delivery_record(delivery, await whole_body(store, delivery)))
        return
    if form == "http":
        head = raw_head(delivery)
        yield head if exact else head.decode("latin-1").replace("\r\n", "\n").encode()
    async for chunk in store.body(delivery.id):
        yield chunk


async def _write_escaped(pieces: AsyncIterator[bytes], out: BinaryIO, screen: Screen) -> None:
    """Write text as a terminal may see it. Raises UnicodeDecodeError at what is no text."""
    decoder = getincrementaldecoder("utf-8")()
    text = ""
    async for piece in pieces:
        text = escape(decoder.decode(piece), keep_newline=True)
        out.write(text.encode("utf-8" if screen.utf8 else "ascii", "backslashreplace"))
    decoder.decode(b"", final=True)
    if not text.endswith("\n"):
        out.write(b"\n")


def _print(lines: list[str], *, paged: bool) -> None:
    text = "\n".join(lines) + "\n"
    if paged:
        click.echo_via_pager(text)
    else:
        sys.stdout.write(text)
