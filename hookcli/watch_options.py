"""The options of the commands that watch what comes: showing, saving, stopping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from hookcli.children import command_words
from hookcli.choosing import Choice
from hookcli.filenames import compile_template
from hookcli.grammar import duration, patience
from hookcli.options import color_option, count, event_option, option, where_option
from hookcli.routes import route
from hookcli.watching import WatchWish

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

F = TypeVar("F", bound="Callable[..., Any]")


def showing_options(function: F) -> F:
    """Let a command choose what is shown, and how: `form`, `where`, `events`, `color`."""
    form = option(
        "--format",
        "form",
        group="Showing",
        choices=("pretty", "line", "ndjson", "body", "records"),
        help="For people: pretty, line. For programs: ndjson, a record per delivery; body, the"
        " payload alone; records, all that happens. Default: pretty on a terminal, else ndjson.",
    )
    return form(where_option("Showing")(event_option("Showing")(color_option(function))))


def saving_options(function: F) -> F:
    """Let a command do something with each delivery: `save`, `exec`."""
    save = option(
        "--save",
        group="Saving",
        metavar="TEMPLATE",
        help="A file per payload: a folder, or a name like 'hooks/{event}-{id}{ext}'. Fields:"
        " provider event action id delivery_id date time method ext. With .http at the end: the"
        " whole request.",
    )
    execute = option(
        "--exec",
        group="Saving",
        type=command_words,
        metavar="COMMAND",
        help="A command per delivery, with the payload on its standard input and"
        " HOOKCLI_DELIVERY_EVENT and others in its environment. One at a time, for 60 s at most;"
        " no shell.",
    )
    return save(execute(function))


def stopping_options(function: F) -> F:
    """Let a command end by itself: `count`, `timeout`, `check`."""
    number = option(
        "-n",
        "--count",
        group="Stopping",
        type=count,
        metavar="N",
        help="Stop after so many deliveries; exit 3 if fewer came.",
    )
    timeout = option(
        "--timeout",
        group="Stopping",
        type=duration,
        metavar="DURATION",
        help="Stop after so long: 90, 90s, 2m.",
    )
    check = option(
        "--check",
        group="Stopping",
        is_flag=True,
        help="Exit 3 if a signature was bad, or an answer outside 2xx.",
    )
    return number(timeout(check(function)))


def forwarding_options(group: str) -> Callable[[F], F]:
    """Let a command send deliveries on: `forward`, `insecure`, `forward_timeout`."""
    forward = option(
        "-f",
        "--forward",
        "--forward-to",
        "forward",
        group=group,
        type=route,
        multiple=True,
        metavar="[PATH=]URL",
        help="Send each delivery on to your app: 3000, localhost:3000/hooks, /stripe=3000."
        " May be given several times, each for the deliveries under a PATH.",
    )
    timeout = option(
        "--forward-timeout",
        group=group,
        type=patience,
        default="30s",
        metavar="DURATION",
        help="How long your app may take for its answer. Default: 30s.",
    )
    insecure = option(
        "--insecure",
        group=group,
        is_flag=True,
        help="Accept any certificate of an https URL to forward to.",
    )
    return lambda function: forward(timeout(insecure(function)))


def watch_wish(given: Mapping[str, Any]) -> WatchWish:
    """Return what these options ask for. Raises UsageError."""
    return WatchWish(
        form=given["form"],
        color=given["color"],
        choice=Choice(given["events"], given["where"]),
        save=compile_template(given["save"]) if given["save"] is not None else None,
        execute=given["exec"],
        count=given["count"],
        timeout_s=given["timeout"],
        check=given["check"],
    )
