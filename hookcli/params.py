"""Options, arguments and commands: what they read, from where, and how their help looks."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource
from click.types import FuncParamType

from hookcli.config_files import shown
from hookcli.errors import UsageError
from hookcli.grammar import suggestion
from hookcli.settings import Key, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from hookcli.limits import Limits
    from hookcli.settings import Given

_PATHS = {"FILE": "", "TEMPLATE": "", "TEXT|@FILE": "@", "SECRET": "@"}
"""What stands before a path, by what the help calls the value."""
_CONFIGURED = "hookcli.configured"
"""Where a context holds what the files set."""


class _Settable(click.Parameter):
    """What the environment and the configuration files may set as well."""

    key: str | None = None
    """Its name there; None: it is on the command line only."""
    choices: Sequence[str] = ()

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """Return what the environment says; HOOKCLI_LISTEN_STORE before HOOKCLI_STORE."""
        own = os.environ.get(_variable(ctx, self.key)) if self.key else None
        return own or super().resolve_envvar_value(ctx)

    def value_from_envvar(self, ctx: click.Context) -> Any:
        """Return what the environment says; several values are on a line each."""
        if not self.multiple:
            return super().value_from_envvar(ctx)
        text = self.resolve_envvar_value(ctx)
        return text and [line.strip() for line in text.splitlines() if line.strip()]

    def consume_value(
        self, ctx: click.Context, opts: Mapping[str, Any]
    ) -> tuple[Any, ParameterSource]:
        """Return what was given on the command line, else in the environment, else in a file."""
        value, source = super().consume_value(ctx, opts)
        if self.key and source is ParameterSource.DEFAULT:
            given = _configured(ctx).get(self.key)
            return (given.value, ParameterSource.DEFAULT_MAP) if given else (value, source)
        return value, source

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """Read what was given; an error names where that was."""
        try:
            return super().type_cast_value(ctx, value)
        except UsageError as error:
            message, hint = error.message, error.hint
        except click.BadParameter as error:
            message, hint = error.message.rstrip("."), f"{ctx.command_path} --help shows more"
        raise UsageError(": ".join(filter(None, (self.origin(ctx), message))), hint)

    def origin(self, ctx: click.Context) -> str:
        """Return where its value was given, for a person; an argument speaks for itself."""
        source = ctx.get_parameter_source(str(self.name))
        if self.key and source is ParameterSource.DEFAULT_MAP:
            return _configured(ctx)[self.key].place
        if self.key and source is ParameterSource.ENVIRONMENT:
            own = _variable(ctx, self.key)
            return own if os.environ.get(own) else str(self.envvar)
        return _longest_name(self) if isinstance(self, click.Option) else ""

    def kind(self) -> Key:
        """Return what it takes in a file."""
        path = "sqlite:" if self.key == "store" else _PATHS.get(str(self.metavar))
        return Key(
            flag=getattr(self, "is_flag", False),
            many=self.multiple,
            number=isinstance(self.type, FuncParamType),
            path=path,
            template=self.metavar == "TEMPLATE",
            secret=self.metavar == "SECRET",
        )

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what may stand in place of what is `incomplete`."""
        from hookcli.completion import suggest, words  # noqa: PLC0415 - for completion only

        if self.choices:
            return words(self.choices, incomplete)
        names = (str(self.key), str(self.metavar))
        suggested = suggest(names, incomplete, ctx.params.get("store"))
        return super().shell_complete(ctx, incomplete) if suggested is None else suggested


class Option(_Settable, click.Option):
    """An option that stands under a heading of its command's help.

    Its `type` may be a function that raises UsageError; `choices` are the words it takes.
    """

    def __init__(
        self, *args: Any, group: str, choices: Sequence[str] = (), **attributes: Any
    ) -> None:
        if choices:
            attributes |= {"type": _one_of(choices), "metavar": "|".join(choices)}
        super().__init__(*args, **attributes)
        self.group = group
        self.choices = choices
        self.key = _longest_name(self).lstrip("-").replace("-", "_")


class Argument(_Settable, click.Argument):
    """An argument; where it has a `key`, it may be set elsewhere too."""

    def __init__(
        self, *args: Any, key: str | None = None, choices: Sequence[str] = (), **attributes: Any
    ) -> None:
        if choices:
            attributes |= {"type": _one_of(choices)}
        super().__init__(*args, **attributes)
        self.key = key
        self.choices = choices


def _longest_name(option: click.Option) -> str:
    """Return the name that stands for an option: the first of its long ones."""
    return next((name for name in option.opts if name.startswith("--")), option.opts[0])


def _variable(ctx: click.Context, key: str) -> str:
    return f"HOOKCLI_{ctx.command.name}_{key}".upper()


def _configured(ctx: click.Context) -> Mapping[str, Given]:
    """Return what the files set for the command, read once; checks its variables as well."""
    if _CONFIGURED not in ctx.meta:
        try:
            ctx.meta[_CONFIGURED] = _read(ctx)
        except UsageError:
            if not ctx.resilient_parsing and not getattr(ctx.command, "forgiving", False):
                raise
            ctx.meta[_CONFIGURED] = {}
    found: Mapping[str, Given] = ctx.meta[_CONFIGURED]
    return found


def _read(ctx: click.Context) -> Mapping[str, Given]:
    params = [param for param in ctx.command.params if isinstance(param, _Settable)]
    keys = {param.key: param.kind() for param in params if param.key}
    known = [_variable(ctx, key) for key in keys]
    for name in os.environ:
        if name.startswith(_variable(ctx, "")) and name not in known:
            raise UsageError(f"{name} sets nothing", suggestion(name, known))
    settings = ctx.find_object(Settings)
    return settings.of(str(ctx.command.name), keys) if settings else {}


def used_files() -> tuple[str, ...]:
    """Return the configuration files of the command that runs, as a person writes their paths."""
    context = click.get_current_context(silent=True)
    settings = context and context.find_object(Settings)
    return tuple(map(shown, settings.paths)) if settings else ()


def checked_files(ctx: click.Context) -> tuple[Path, ...]:
    """Return the configuration files, once what they set for each command has been read.

    Raises UsageError for the first mistake, also in the variables of a command.
    """
    root = ctx.find_root()
    if isinstance(root.command, click.Group):
        for name in root.command.list_commands(root):
            if command := root.command.get_command(root, name):
                _read(click.Context(command, parent=root, info_name=name))
    settings = ctx.find_object(Settings)
    return settings.paths if settings else ()


def used_limits(store: str | None) -> Limits:
    """Return what the files let a store keep, by its URL. Raises UsageError for a wrong limit."""
    from hookcli.limits import UNLIMITED, store_limits  # noqa: PLC0415 - for who removes something

    context = click.get_current_context(silent=True)
    settings = context and context.find_object(Settings)
    return store_limits(settings, store) if settings else UNLIMITED


def _one_of(words: Sequence[str]) -> Callable[[str], str]:
    def choose(word: str) -> str:
        if word in words:
            return word
        raise UsageError(f"there is no {word!r}", suggestion(word, words))

    return choose


class Command(click.Command):
    """A command whose help shows the options under headings, in the order of their definition."""

    def __init__(self, *args: Any, forgiving: bool = False, **attributes: Any) -> None:
        """Make one; a `forgiving` one runs also where what the files set for it cannot be used."""
        super().__init__(*args, **attributes)
        self.forgiving = forgiving

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; an error about an option that was set elsewhere says where."""
        try:
            return super().invoke(ctx)
        except UsageError as error:
            named = set(re.findall(r"--[a-z-]+", error.message))
            params = [param for param in self.params if isinstance(param, Option)]
            places = [param.origin(ctx) for param in params if named & {*param.opts}]
            places = [place for place in places if not place.startswith("-")]
            if not places:
                raise
            message = f"{', '.join(places)}: {error.message}"
            raise UsageError(message, error.hint) from error

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the options that begin so, with the first sentence of their help."""
        items = super().shell_complete(ctx, incomplete)
        for item in items:
            item.help = item.help and item.help.split(". ")[0].rstrip(".")
        return items

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options; those without a heading are in the last group, `Else`."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            if isinstance(param, click.Option) and (record := param.get_help_record(ctx)):
                groups.setdefault(getattr(param, "group", "Else"), []).append(record)
        groups["Else"] = groups.pop("Else", [])
        for title, records in groups.items():
            with formatter.section(title):
                formatter.write_dl(records)
