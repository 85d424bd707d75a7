"""The decorators that give a command its options, and the options that several have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hookcli.errors import UsageError
from hookcli.grammar import moment
from hookcli.params import Argument, Command, Option

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")


def command(name: str | None = None, **attributes: Any) -> Callable[[Callable[..., Any]], Command]:
    """Make a function a command with options in groups."""
    return click.command(name, cls=Command, **attributes)


def option(*names: str, group: str, **attributes: Any) -> Callable[[F], F]:
    """Give a command an option, under the heading `group`."""
    return click.option(*names, cls=Option, group=group, **attributes)


def argument(*names: str, **attributes: Any) -> Callable[[F], F]:
    """Give a command an argument; `key` is its name in the environment and in files."""
    return click.argument(*names, cls=Argument, **attributes)


def past(text: str) -> datetime:
    """Read a time, where a duration is so long before now. Raises UsageError."""
    return moment(text, datetime.now(UTC))


def count(text: str) -> int:
    """Read a number from 1 on. Raises UsageError."""
    if text.isascii() and text.isdigit() and 1 <= int(text[:19]) < 1 << 63:
        return int(text[:19])
    raise UsageError(f"{text!r} is not a number from 1 on", "Give one like 20")


def store(text: str) -> str:
    """Read the URL of a store. Raises UsageError where it is none of ours."""
    if text == "memory" or text.removeprefix("sqlite:") not in {"", text}:
        return text
    raise UsageError(
        f"there is no store {text!r}", "Use sqlite:PATH, as in sqlite:./hooks.db, or memory"
    )


def event(text: str) -> str:
    """Read a glob over events. Raises UsageError where it can match none."""
    if text.strip():
        return text
    raise UsageError("the name of an event is empty", "Give one like issues.opened, or 'issues.*'")


def event_option(group: str) -> Callable[[F], F]:
    """Let a command choose by event; the parameter is `events`, a tuple of globs."""
    return option(
        "-e",
        "--event",
        "events",
        group=group,
        type=event,
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
        type=store,
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
