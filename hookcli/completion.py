"""Completion in the shell: says what may stand next, and not a word when that fails."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from itertools import islice
from threading import Timer
from typing import TYPE_CHECKING

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
)

from hookcli.errors import HookError
from hookcli.reading import read
from hookcli.stores import Query
from hookcli.text import cut, escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from hookcli.delivery import Delivery
    from hookcli.stores import Reader

VARIABLE = "_HOOKCLI_COMPLETE"
"""Set by a script that asks, to `bash_complete`, `zsh_complete` or `fish_complete`."""

_LONGEST_S = 2.0
"""After so long a person has typed it."""
_LOOKED_AT = 500
"""So many of the newest deliveries are looked at, and so many files of a folder."""
_MOST = 50
_SAFE = re.compile(r"[A-Za-z0-9_/@][A-Za-z0-9._~:/%+=,@-]*")
"""What a shell leaves as it is: what was received goes straight into a command line."""


class _Bash(BashComplete):
    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before, and the one to complete. Bash cuts at = and @ as well."""
        args, incomplete = super().get_completion_args()
        if args[-1:] in (["@"], ["=@"]):
            args.pop()
            incomplete = f"@{incomplete}"
        if args[-1:] == ["="]:
            args.pop()
        return args, incomplete.removeprefix("=")


class _WholeWord(ShellComplete):
    """A shell to which `--option=value` is one word, all of which it replaces."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Return what may stand there, the option and its equals sign in front."""
        items = super().get_completions(args, incomplete)
        option, equals, _ = incomplete.partition("=")
        if equals and option.startswith("--"):
            for item in items:
                item.value = f"{option}={item.value}"
        return items


class _Zsh(_WholeWord, ZshComplete):
    pass


class _Fish(_WholeWord, FishComplete):
    # A comma in a description is not the end of it.
    source_template = FishComplete.source_template.replace(
        'string split ","', 'string split --max 1 ","'
    )


SHELLS: Mapping[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


def script(shell: str, root: click.Command) -> str:
    """Return what one of `SHELLS` has to run once, so that it asks hookcli."""
    return SHELLS[shell](root, {}, "hookcli", VARIABLE).source()


def respond(root: click.Command, settings: object) -> None:
    """Print what may stand next, to the shell that asks through the environment; never fails."""
    shell = os.environ[VARIABLE].removesuffix("_complete")
    with _bounded(), suppress(Exception):
        asked = SHELLS[shell](root, {"obj": settings}, "hookcli", VARIABLE)
        click.echo(asked.complete())


@contextmanager
def _bounded() -> Iterator[None]:
    """End the process, without a word, where it takes too long."""
    timer = Timer(_LONGEST_S, os._exit, [0])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def words(choices: Iterable[str], incomplete: str) -> list[CompletionItem]:
    """Return the choices that begin so."""
    return [CompletionItem(choice) for choice in choices if choice.startswith(incomplete)]


def suggest(
    names: Iterable[str], incomplete: str, store: str | None
) -> list[CompletionItem] | None:
    """Return what a parameter may be; None where nothing is known of it.

    `names` are its key and what its help calls the value. What was received is looked up in
    `store`, as `--store` takes it. May raise HookError.
    """
    for name in names:
        if name in _SUGGESTED:
            return _SUGGESTED[name](incomplete, store)
    return None


def _ids(incomplete: str, store: str | None) -> list[CompletionItem]:
    newest = _newest(store)
    pairs = [("latest", newest[0])] if newest else []
    pairs += [(str(delivery.id), delivery) for delivery in newest]
    if incomplete:
        pairs += [(delivery.delivery_id or "", delivery) for delivery in newest]
    fitting = ((text, of) for text, of in pairs if text.startswith(incomplete) and _is_safe(text))
    return [CompletionItem(text, help=_said(of)) for text, of in islice(fitting, _MOST)]


def _ids_or_file(incomplete: str, store: str | None) -> list[CompletionItem]:
    with suppress(HookError):  # without a store there may be files
        if ids := _ids(incomplete, store):
            return ids
    return [CompletionItem(incomplete, type="file")]


def _file(incomplete: str, _: str | None) -> list[CompletionItem]:
    return [CompletionItem(incomplete, type="file")]


def _said(delivery: Delivery) -> str:
    event = ".".join(filter(None, (delivery.event, delivery.action)))
    what = (delivery.provider, event) if event else (delivery.method, delivery.path)
    return cut(escape(" ".join(filter(None, what))), 60)


def _events(incomplete: str, store: str | None) -> list[CompletionItem]:
    known: list[str] = []
    for delivery in _newest(store):
        if delivery.event:
            known.append(delivery.event)
            known += [f"{delivery.event}.{delivery.action}"] if delivery.action else []
    return _received(known, incomplete)


def _providers(incomplete: str, store: str | None) -> list[CompletionItem]:
    return _received((each.provider or "" for each in _newest(store)), incomplete)


def _senders(incomplete: str, _: str | None) -> list[CompletionItem]:
    """Return the providers of which there are samples."""
    from hookcli.sampling import SAMPLES  # noqa: PLC0415 - of `trigger` alone

    return words(dict.fromkeys(sample.provider for sample in SAMPLES), incomplete)


def _received(values: Iterable[str], incomplete: str) -> list[CompletionItem]:
    safe = sorted({*filter(_is_safe, values)})
    return words(safe, incomplete)[:_MOST]


def _is_safe(text: str) -> bool:
    return _SAFE.fullmatch(text) is not None


def _newest(store: str | None) -> Sequence[Delivery]:
    """Return the newest deliveries, newest first."""
    if store == "memory":
        return []

    async def look(opened: Reader) -> list[Delivery]:
        return await opened.query(Query(limit=_LOOKED_AT))

    return read(store, look)[::-1]


def _files(incomplete: str, _: str | None) -> list[CompletionItem]:
    """Return the files that `@FILE` may name."""
    if not incomplete.startswith("@"):
        return []
    folder, start = os.path.split(incomplete[1:])
    with os.scandir(folder or ".") as entries:
        found = [entry for entry in islice(entries, _LOOKED_AT) if entry.name.startswith(start)]
    paths = (f"@{os.path.join(folder, e.name)}{'/' * e.is_dir()}" for e in found)  # noqa: PTH118 - as typed
    return _received(paths, incomplete)


def _folder(incomplete: str, _: str | None) -> list[CompletionItem]:
    return [CompletionItem(incomplete, type="dir")]


_SUGGESTED: Mapping[str, Callable[[str, str | None], list[CompletionItem]]] = {
    "provider": _providers,
    "GLOB": _events,
    "[ID]": _ids,
    "[ID]...": _ids,
    "[ID [ID]]": _ids,
    "ID": _ids,
    "[PROVIDER]": _senders,
    "ID|TIME": _ids,
    "[ID|FILE|-]": _ids_or_file,
    "FILE|-": _file,
    "TEXT|@FILE": _files,
    "TEMPLATE": _folder,
}
