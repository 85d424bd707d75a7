"""`hookcli export`: kept deliveries as commands, as code, as tests."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING, NamedTuple

import click

from hookcli.errors import HookError, UsageError
from hookcli.exporters import EXPORTERS
from hookcli.exporting.items import Item
from hookcli.exporting.python import signer
from hookcli.exporting.shell import is_inline
from hookcli.filter_options import filter_options
from hookcli.filters import matching
from hookcli.grammar import reference
from hookcli.looking import UNSEEN, Looking
from hookcli.options import argument, command, option, store_option
from hookcli.reading import read, whole_body
from hookcli.redaction import Redactor, changed
from hookcli.references import resolve
from hookcli.routes import endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from typing import BinaryIO

    from hookcli.delivery import Delivery
    from hookcli.filters import Filters, Looked
    from hookcli.grammar import Reference
    from hookcli.routes import Endpoint
    from hookcli.stores import Reader

GROUP = "Exporting"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


class Wish(NamedTuple):
    """How deliveries are to be exported."""

    form: str
    """One of `EXPORTERS`."""
    redact: bool
    to: Endpoint | None = None
    file: Path | None = None
    """Where it is written, and beside which bodies may stand; None: to standard output."""


@command("export")
@argument("which", metavar="[ID]...", type=reference, nargs=-1)
@option(
    "--as",
    "form",
    group=GROUP,
    choices=tuple(EXPORTERS),
    required=True,
    help="What for: a command, an HTTP archive, a script, or tests.",
)
@option(
    "--redact/--no-redact",
    group=GROUP,
    default=None,
    help="Mask secrets, tokens, cookies, signatures and e-mail addresses. Default: in har and"
    " pytest.",
)
@option(
    "--to",
    group=GROUP,
    type=endpoint,
    metavar="URL",
    help="Where it is to be sent: 3000, or a URL. Default: where it was sent.",
)
@option(
    "-o",
    "--output",
    group=GROUP,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it there. Bodies that are no text are written beside it.",
)
@filter_options()
@store_option
def export(
    *,
    which: tuple[Reference, ...],
    form: str,
    redact: bool | None,
    to: Endpoint | None,
    output: Path | None,
    filters: Filters,
    store: str | None,
) -> None:
    """Write deliveries as commands, as code, as tests.

    Those with these IDs, or those that the options choose; the latest, where nothing is said.
    """
    if which and filters:
        raise UsageError("Two ways to say what is exported", "Give IDs, or options like --since")
    masks = EXPORTERS[form].redacts if redact is None else redact
    wish = Wish(form, masks, to, output)
    with _written(output) as out:
        looking = Looking(sys.stderr)
        read(
            store,
            lambda opened: run(
                opened, which, filters, wish, out=out, notice=_notice, looking=looking
            ),
        )


async def run(
    store: Reader,
    which: Sequence[Reference],
    filters: Filters,
    wish: Wish,
    *,
    out: BinaryIO,
    notice: Callable[[str, str], None],
    looking: AbstractContextManager[Looked | None] = UNSEEN,
) -> None:
    """Write what is wished for. Raises HookError where there is nothing.

    `looking` is entered while deliveries are looked for, and told of each that is looked into.
    """
    exporter = EXPORTERS[wish.form]
    with looking as looked:
        numbers, providers = await _chosen(store, which, filters, looked)
    if not numbers:
        raise HookError("There is no such delivery", "hookcli list shows what there is")
    redactor = Redactor() if wish.redact else None
    out.write(exporter.head(providers, wish.to).encode())
    notes = _Notes(wish)
    between = ""
    async for item in _items(store, numbers, wish):
        shown = _redacted(item, redactor, notice) if redactor else item
        notes.add(item.delivery, shown.delivery)
        out.write((between + exporter.write(_beside(shown, wish))).encode())
        between = exporter.between
    out.write(exporter.tail.encode())
    for message, hint in notes.said():
        notice(message, hint)


async def _chosen(
    store: Reader,
    which: Sequence[Reference],
    filters: Filters,
    looked: Looked | None,
) -> tuple[Sequence[int], set[str]]:
    """Return the numbers of what is meant, each once, and the providers that signed it."""
    numbers: dict[int, None] = {}
    providers: set[str] = set()

    def take(delivery: Delivery) -> None:
        numbers[delivery.id] = None
        if provider := signer(delivery):
            providers.add(provider)

    if filters:
        async for delivery in matching(store, filters, looked=looked):
            take(delivery)
    else:
        for each in which or [reference("latest")]:
            take(await resolve(store, each))
    return list(numbers), providers


async def _items(store: Reader, numbers: Sequence[int], wish: Wish) -> AsyncIterator[Item]:
    """Yield one delivery after the other, whole."""
    for number in numbers:
        delivery = await store.get(number)
        if delivery is None:  # removed meanwhile
            continue
        if not delivery.held:
            delivery = replace(delivery, body=await whole_body(store, delivery))
        yield Item(delivery, await store.attempts([number]), wish.to)


def _redacted(item: Item, redactor: Redactor, notice: Callable[[str, str], None]) -> Item:
    """Return it with nothing secret; tell where its body is left out."""
    before = item.delivery
    after = redactor.delivery(before)
    if before.size and not after.size:
        notice(
            f"The body of #{before.id} is left out: it is compressed, and cannot be looked into",
            "--no-redact keeps it as it came",
        )
    return item._replace(delivery=after, attempts=[*map(redactor.attempt, item.attempts)])


class _Notes:
    """What there is to say of what was exported: of many deliveries once."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._exporter = EXPORTERS[wish.form]
        self._missed: dict[str, list[int]] = {}
        self._unfit: list[int] = []

    def add(self, came: Delivery, shown: Delivery) -> None:
        """Note what cannot be sent of one as it came, and whether its signature fits."""
        if signer(came) and changed(came, shown) and not self._exporter.signs:
            self._unfit.append(came.id)
        to = self._wish.to
        target = replace(came, path=to.path) if to and to.exact else came
        if what := self._exporter.misses(target):
            self._missed.setdefault(what, []).append(came.id)

    def said(self) -> Iterator[tuple[str, str]]:
        """Yield it, each with what to do."""
        for what, numbers in self._missed.items():
            others = f" and {len(numbers) - 1:,} more" if len(numbers) > 1 else ""
            message = f"{self._wish.form} cannot send this of #{numbers[0]}{others} as it came"
            yield f"{message}: {what}", "--as curl sends every byte as it came"
        hint = "--no-redact keeps all as it came, secrets too"
        if len(self._unfit) == 1:
            yield f"The signature of #{self._unfit[0]} fits no more: parts of it are masked", hint
        elif self._unfit:
            many = f"{len(self._unfit):,} deliveries"
            yield f"The signatures of {many} fit no more: parts of them are masked", hint


def _beside(item: Item, wish: Wish) -> Item:
    """Write a body that is no text beside the file that names it, where there is one."""
    delivery, file = item.delivery, wish.file
    if file is None or not EXPORTERS[wish.form].beside or is_inline(delivery.body):
        return item
    path = file.with_name(f"{_UNSAFE.sub('_', file.name)}.{delivery.id}.body")
    with _failing(path), _replacing(path) as out:
        out.write(delivery.body)
    return item._replace(body_file=path.name)


@contextmanager
def _written(path: Path | None) -> Iterator[BinaryIO]:
    """Give what to write to; a file is there when it is whole, and not before."""
    if path is None:
        yield sys.stdout.buffer
    elif path.exists() and not path.is_file():  # a device, or a pipe
        with _failing(path), path.open("wb") as out:
            yield out
    else:
        with _failing(path), _replacing(path) as out:
            yield out


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    descriptor, name = mkstemp(dir=path.parent, prefix=f".{path.name[:100]}-")
    part = Path(name)
    try:
        with open(descriptor, "wb") as out:  # noqa: PTH123 - it is open already
            yield out
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _failing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise HookError(message, "Give another one with -o") from error


def _notice(message: str, hint: str) -> None:
    click.echo(f"Notice: {message}\nHint: {hint}", err=True)
