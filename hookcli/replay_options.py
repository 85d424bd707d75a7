"""The options of `hookcli replay` that say how: where to, signed, changed, how often."""

from __future__ import annotations

import json
from functools import reduce
from tempfile import mkstemp
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hookcli.changes import setting
from hookcli.errors import HookError, UsageError
from hookcli.filenames import extension
from hookcli.grammar import header, patience
from hookcli.options import count, option
from hookcli.replaying import NOWHERE, Wish
from hookcli.routes import Routes, endpoint, route
from hookcli.secret_options import secrets_given, signing_option
from hookcli.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hookcli.delivery import Delivery
    from hookcli.routes import Route

F = TypeVar("F", bound="Callable[..., Any]")

_MOST_AT_ONCE = 100
_NOT_CHOSEN = {"host", "content-length", "transfer-encoding", "connection", "x-hookcli-replay"}
"""What the way, or hookcli, decides."""


def at_once(text: str) -> int:
    """Read how many sends may be under way. Raises UsageError."""
    if (number := count(text)) <= _MOST_AT_ONCE:
        return number
    raise UsageError(f"{text} at once are too many", f"At most {_MOST_AT_ONCE} are possible")


def own_header(text: str) -> tuple[str, str]:
    """Read `K: V`, but none that hookcli decides itself. Raises UsageError."""
    name, value = header(text)
    if name.lower() in _NOT_CHOSEN:
        raise UsageError(f"{name} is not yours to choose", "It follows from where a request goes")
    return name, value


def sending_options(function: F) -> F:
    """Let a command send again; all parameters are for `wish_of`, and for a Forwarder."""
    return reduce(lambda inner, decorate: decorate(inner), reversed(_OPTIONS), function)


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    option(
        "--to",
        group="Where to",
        type=endpoint,
        metavar="URL",
        help="Your app: 3000, localhost:3000/hooks. Default: where it was last sent, or else what"
        " [forward] says in hookcli.toml.",
    ),
    option(
        "--forward-timeout",
        group="Where to",
        type=patience,
        default="30s",
        metavar="DURATION",
        help="How long your app may take for its answer. Default: 30s.",
    ),
    option(
        "--insecure", group="Where to", is_flag=True, help="Accept any certificate of an https URL."
    ),
    option(
        "--sign/--no-sign",
        "sign",
        group="Signatures",
        default=None,
        help="With a new time and a valid signature; or as it is, though it may be changed.",
    ),
    signing_option,
    option(
        "--set",
        "settings",
        group="Changes",
        type=setting,
        multiple=True,
        metavar="PATH=TEXT",
        help="A value of the payload: issue.title=Hi, or as JSON 'commits[0].id:=7'. May be given"
        " several times.",
    ),
    option("--edit", group="Changes", is_flag=True, help="The payload, in your editor."),
    option(
        "--header",
        "headers",
        group="Changes",
        type=own_header,
        multiple=True,
        metavar="'K: V'",
        help="A header, in place of those of its name; without V, none. May be given several"
        " times.",
    ),
    option(
        "--new-delivery-id",
        group="Changes",
        is_flag=True,
        help="A fresh delivery id where its provider has it, so that it is no duplicate.",
    ),
    option(
        "--as-retry",
        group="Changes",
        is_flag=True,
        help="As a provider sends it again: the same id, and headers that say so.",
    ),
    option("--times", group="How often", type=count, default="1", metavar="N", help="N times."),
    option(
        "--concurrency",
        group="How often",
        type=at_once,
        default="1",
        metavar="N",
        help="N at a time, at most 100. Default: one after the other.",
    ),
)


def wish_of(given: Mapping[str, Any]) -> Wish:
    """Return what these options ask for. Raises UsageError."""
    if given["new_delivery_id"] and given["as_retry"]:
        raise UsageError("--as-retry goes without --new-delivery-id", "A retry has the same id")
    if given["edit"] and given["times"] > 1:
        raise UsageError("--edit goes without --times", "Leave one of them out")
    return Wish(
        to=given["to"],
        routes=NOWHERE if given["to"] else Routes(_configured()),
        secrets=secrets_given(given),
        sign=given["sign"],
        settings=given["settings"],
        edit=in_editor if given["edit"] else None,
        headers=given["headers"],
        new_delivery_id=given["new_delivery_id"],
        as_retry=given["as_retry"],
        times=given["times"],
        concurrency=given["concurrency"],
    )


def _configured() -> Iterator[Route]:
    """Yield where `[forward]` leads. Raises UsageError."""
    settings = click.get_current_context().find_object(Settings)
    for row in settings.routes() if settings else ():
        for text in row.values:
            try:
                yield route(text)
            except UsageError as error:
                raise UsageError(f"{row.place}: {error.message}", error.hint) from None


def in_editor(text: str, delivery: Delivery) -> str:
    """Return a payload as a person's editor leaves it. Raises HookError where that fails."""
    # Bytes, as click would change the breaks of lines in a text.
    content = text.encode()
    try:
        left = click.edit(content, extension=extension(delivery.headers, content))
    except click.ClickException as error:
        raise HookError(
            f"The editor failed, and nothing is sent: {error.format_message()}",
            "VISUAL or EDITOR names the one to use",
        ) from None
    try:
        new = text if left is None else left.decode()
    except UnicodeDecodeError:
        raise HookError("What the editor left is no UTF-8", "Nothing is sent") from None
    if (why := _not_json(new)) and not _not_json(text):
        kept = _keep(new, extension(delivery.headers, content))
        hint = f"Nothing is sent; what you wrote is in {kept}"
        raise HookError(f"What the editor left is no JSON: {why}", hint)
    return new


def _not_json(text: str) -> str:
    """Return why a text is no JSON; empty where it is."""
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        return str(error)
    return ""


def _keep(text: str, suffix: str) -> str:
    """Return the name of a file, for the person alone, with this text."""
    descriptor, name = mkstemp(prefix="hookcli-edit-", suffix=suffix)
    with open(descriptor, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - it is open
        file.write(text)
    return name
