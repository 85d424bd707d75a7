"""What the configuration files set for a command: checked, typed, and with paths in place."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hookcli.config_files import FILE, config_files, harmless, own_path, shown
from hookcli.errors import UsageError
from hookcli.grammar import suggestion
from hookcli.text import word

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from hookcli.config_files import ConfigFile

_ONLY_OWN = {"exec", "on_ready", "host", "ngrok_config", "yes"}
"""What a file that came with a folder may not set: it would run, open or remove something."""
_TOLD = 60
"""Characters of a wrong name."""


class Key(NamedTuple):
    """What a setting takes: a text, unless it says otherwise."""

    flag: bool = False
    """True or false."""
    many: bool = False
    """A list."""
    number: bool = False
    """A number as well as a text."""
    path: str | None = None
    """What stands before a path in it, which is relative to the file; None: it has no path."""
    template: bool = False
    """The path is a template of `--save`."""
    secret: bool = False
    """A SECRET, where the name of a provider may stand before the path."""


class Given(NamedTuple):
    """A value from a file."""

    value: bool | str | tuple[str, ...]
    place: str
    """The file, the table and the key, for a person."""


class Row(NamedTuple):
    """A key of a table that stands for an option."""

    values: tuple[str, ...]
    """As the option takes them."""
    place: str
    """As in `Given`."""


_STORE = {"url": Key(path="sqlite:"), "max_age": Key(number=True), "max_size": Key(number=True)}
_ROUTE = Key(number=True)
_SECRET = Key(path="@", secret=True)


class Settings:
    """The files of one run. They are read when they are first asked for, and once."""

    def __init__(self, commands: Collection[str]) -> None:
        """`commands` may have a table each."""
        self._known = [*commands, "store", "forward", "secrets"]

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that there are, the nearest first. Raises UsageError as `of` does."""
        return tuple(tables.path for tables in self._files)

    @cached_property
    def _files(self) -> list[_Tables]:
        return [_Tables(file, self._known) for file in config_files()]

    def of(self, command: str, keys: Mapping[str, Key]) -> dict[str, Given]:
        """Return what is set of the `keys` of a command, which are its long options: `max_body`.

        Raises UsageError where a file cannot be used, or says what it must not.
        """
        given: dict[str, Given] = {}
        stores: dict[str, Given] = {}
        tables: dict[str, dict[str, Row]] = {"forward": {}, "secret": {}}
        for file in reversed(self._files):
            stores |= file.store()
            listed, routes = file.settings(command, keys), file.routes()
            rows = {
                "forward": routes if command == "listen" else {},
                "secret": file.secrets() if "secret" in keys else {},
            }
            for name, table in tables.items():
                _refuse_both(rows[name], listed.get(name), name)
                if rows[name]:
                    given.pop(name, None)
                if name in listed:
                    table.clear()
                table.update(rows[name])
            given |= listed
        if "store" in keys and "url" in stores:
            given.setdefault("store", stores["url"])
        given |= {name: _joined(found) for name, found in tables.items() if found}
        return given

    def routes(self) -> tuple[Row, ...]:
        """Return where `[forward]` leads: rows of `--forward`. Raises UsageError as `of` does."""
        found: dict[str, Row] = {}
        for file in reversed(self._files):
            found |= file.routes()
        return tuple(found.values())

    def stores(self) -> list[tuple[dict[str, Given], bool]]:
        """Return the table of the store in each file, the nearest last; and whose file it is.

        True is for one that came with a folder. Raises UsageError as `of` does.
        """
        return [(file.store(), file.found) for file in reversed(self._files)]


def _refuse_both(rows: Mapping[str, Row], listed: Given | None, name: str) -> None:
    if rows and listed is not None:
        places = f"{_joined(rows).place} and {listed.place}"
        raise UsageError(f"{places} both set --{name}", "Keep one of the two")


def _joined(rows: Mapping[str, Row]) -> Given:
    """Return the rows of a table as the option that they stand for."""
    tables = [row.place.partition("]")[0] + "]" for row in rows.values()]
    places = ", ".join(dict.fromkeys(tables))
    return Given(tuple(value for row in rows.values() for value in row.values), places)


class _Tables:
    """The tables of one file."""

    def __init__(self, file: ConfigFile, known: Collection[str]) -> None:
        """Check what the tables are. Raises UsageError for one that is not `known`."""
        self.path = file.path
        self.found = file.found
        self._tables = file.content
        for table, content in self._tables.items():
            name = f"{shown(self.path)}: {word(table[:_TOLD])}"
            if not isinstance(content, dict):
                raise UsageError(f"{name} stands in no table", "Put it below one, like [listen]")
            if table not in known:
                raise UsageError(f"{name} is no table", suggestion(table[:_TOLD], known))
        if self.found:
            self._refuse_unsafe()

    def _refuse_unsafe(self) -> None:
        for table in self._tables.keys() - {"forward", "secrets"}:
            for written in self._tables[table]:
                name = written.replace("-", "_")
                if name in _ONLY_OWN:
                    raise UsageError(
                        f"{self._place(table, written)} may not stand there: a folder that you"
                        " were given must not run, open or remove anything on your computer",
                        f"Set it in {shown(own_path())}, with --{name.replace('_', '-')}, or"
                        f" with HOOKCLI_{table.upper()}_{name.upper()}",
                    )

    def _place(self, table: str, key: str) -> str:
        return f"{shown(self.path)}: [{table}] {word(key[:_TOLD])}"

    def settings(self, table: str, keys: Mapping[str, Key]) -> dict[str, Given]:
        """Return what a table sets. Raises UsageError for what is not in `keys`."""
        given: dict[str, Given] = {}
        for written, value in self._tables.get(table, {}).items():
            name, place = written.replace("-", "_"), self._place(table, written)
            if name not in keys:
                raise UsageError(f"{place} is no key", suggestion(name[:_TOLD], keys))
            if name in given:
                raise UsageError(f"{place} is there twice, with - and with _", "Keep one of them")
            given[name] = Given(self._value(value, keys[name], place), place)
        return given

    def store(self) -> dict[str, Given]:
        """Return the table of the store."""
        return self.settings("store", _STORE)

    def routes(self) -> dict[str, Row]:
        """Return the table of where deliveries are forwarded, by path: values of `--forward`."""
        given = {}
        for path, url in self._tables.get("forward", {}).items():
            place = self._place("forward", path)
            if not path.startswith("/"):
                raise UsageError(
                    f"{place} is no path", 'A path looks like "/stripe"; "/" is for the rest'
                )
            before = "" if path == "/" else f"{path}="
            given[path] = Row((before + _text(url, _ROUTE, place),), place)
        return given

    def secrets(self) -> dict[str, Row]:
        """Return the table of secrets, by what they are for: values of `--secret`."""
        from hookcli.secret import NAMES  # noqa: PLC0415 - few runs check signatures

        given = {}
        for name, value in _flat(self._tables.get("secrets", {})):
            place = self._place("secrets", name)
            if name not in NAMES:
                raise UsageError(f"{place} is no provider", suggestion(name[:_TOLD], NAMES))
            texts = [_text(each, _SECRET, place) for each in _listed(value)]
            values = [self._in_place(f"{name}={text}", _SECRET, place) for text in texts]
            given[name] = Row(tuple(values), place)
        return given

    def _value(self, value: object, key: Key, place: str) -> bool | str | tuple[str, ...]:
        if key.flag:
            if isinstance(value, bool):
                return value
            raise UsageError(f"{place} is neither true nor false", "Write one, without quotes")
        if not key.many:
            return self._in_place(_text(value, key, place), key, place)
        if isinstance(value, list):
            return tuple(self._in_place(_text(each, key, place), key, place) for each in value)
        raise UsageError(f"{place} is no list", 'A list looks like ["one", "two"], or ["one"]')

    def _in_place(self, text: str, key: Key, place: str) -> str:
        """Return the text with the path in it made absolute."""
        if key.secret:
            name = _name(text, place)
            text = text.removeprefix(name)
            return name + (text if name == "any=" else self._moved(text, key, place))
        return self._moved(text, key, place)

    def _moved(self, text: str, key: Key, place: str) -> str:
        if key.path is None or not text.startswith(key.path) or text == key.path:
            return text
        folder, path = str(self.path.parent), text.removeprefix(key.path)
        if key.path == "sqlite:":
            path = path.removeprefix("//")
        if key.template:
            folder = folder.replace("{", "{{").replace("}", "}}")
        # Not pathlib, which would drop the slash at the end of a folder.
        path = os.path.join(folder, os.path.expanduser(path))  # noqa: PTH111, PTH118 - as said
        if self.found:
            self._refuse_outside(_furthest(path, place) if key.template else path, place)
        return key.path + path

    def _refuse_outside(self, path: str, place: str) -> None:
        with suppress(OSError, RuntimeError):  # links in a circle
            if harmless(Path(path).resolve(), self.path.parent.resolve()):
                return
        raise UsageError(
            f"{place} leads out of the folder of {FILE}, or to git's own files, where that may"
            " neither read nor write",
            f"Set it in {shown(own_path())}, with an option, or in the environment",
        )


def _furthest(template: str, place: str) -> str:
    """Return where files may get to: also to git's own, where a sender may choose `.git`."""
    from hookcli.filenames import compile_template  # noqa: PLC0415 - most files have none

    try:
        folder, parts = (compiled := compile_template(template)).folder, compiled.parts
        return f"{folder}.git" if any(part.startswith(".") for part in parts) else folder
    except UsageError as error:
        raise UsageError(f"{place}: {error.message}", error.hint) from None


def _name(secret: str, place: str) -> str:
    """Return what stands in front of a secret, with the equals sign."""
    from hookcli.secret import split  # noqa: PLC0415 - most files have none

    try:
        _, rest = split(secret)
    except UsageError as error:
        raise UsageError(f"{place}: {error.message}", error.hint) from None
    return secret[: len(secret) - len(rest)]


def _flat(table: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield keys and values; `meta.verify-token` is one key, with quotes or without."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{second}", each) for second, each in value.items())
        else:
            yield name, value


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _text(value: object, key: Key, place: str) -> str:
    if isinstance(value, str) and "\0" not in value:
        return value
    if key.number and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    taken = "neither a text nor a number" if key.number else "no text"
    raise UsageError(f"{place} is {taken}", 'A text looks like "this", in quotes')
