"""What the commands' options are made of, and the options that several commands have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hookcli.errors import UsageError
from hookcli.grammar import moment, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

F = TypeVar("F", bound="Callable[..., Any]")


class Option(click.Option):
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

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """Read what was given; an error names this option."""
        try:
            return super().type_cast_value(ctx, value)
        except UsageError as error:
            name = max(self.opts, key=len)
            raise UsageError(f"{name}: {error.message}", error.hint) from None


def _one_of(words: Sequence[str]) -> Callable[[str], str]:
    def choose(word: str) -> str:
        if word in words:
            return word
        raise UsageError(f"there is no {word!r}", suggestion(word, words))

    return choose


class Command(click.Command):
    """A command whose help shows the options under headings, in the order of their definition."""

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


def command(name: str | None = None, **attributes: Any) -> Callable[[Callable[..., Any]], Command]:
    """Make a function a command with options in groups."""
    return click.command(name, cls=Command, **attributes)


def option(*names: str, group: str, **attributes: Any) -> Callable[[F], F]:
    """Give a command an option, under the heading `group`."""
    return click.option(*names, cls=Option, group=group, **attributes)


def past(text: str) -> datetime:
    """Read a time, where a duration is so long before now. Raises UsageError."""
    return moment(text, datetime.now(UTC))


def count(text: str) -> int:
    """Read a number from 1 on. Raises UsageError."""
    if text.isascii() and text.isdigit() and 1 <= int(text[:19]) < 1 << 63:
        return int(text[:19])
    raise UsageError(f"{text!r} is not a number from 1 on", "Give one like 20")


def event_option(group: str) -> Callable[[F], F]:
    """Let a command choose by event; the parameter is `events`, a tuple of globs."""
    return option(
        "-e",
        "--event",
        "events",
        group=group,
        multiple=True,
        metavar="GLOB",
        help="Only these events: issues, issues.opened, 'issues.*'. May be given several times.",
    )


def where_option(group: str) -> Callable[[F], F]:
    """Let a command choose by what jq says of the record; the parameter is `where`."""
    return option(
        "--where",
        group=group,
        metavar="JQ",
        help="Only those for which this is true: '.payload.action == \"opened\"'.",
    )


def store_option(function: F) -> F:
    """Let a command use another store than the default one; the parameter is `store`."""
    return option(
        "--store",
        group="Else",
        metavar="URL",
        envvar="HOOKCLI_STORE",
        help="Where deliveries are kept: sqlite:PATH or memory. Also HOOKCLI_STORE."
        " Default: a database in your data folder.",
    )(function)


def color_option(function: F) -> F:
    """Let a person overrule what NO_COLOR, FORCE_COLOR and the terminal say; `color`."""
    return option(
        "--color",
        group="Showing",
        choices=("auto", "always", "never"),
        default="auto",
        help="Colour: auto (default), always or never.",
    )(function)
