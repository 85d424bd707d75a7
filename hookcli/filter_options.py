"""The options that choose among kept deliveries, as one value."""

from __future__ import annotations

from functools import reduce, wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from hookcli.filters import Filters
from hookcli.options import event_option, option, past, where_option
from hookcli.stores import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = Callable[..., Any]


def filter_options(group: str = "Which deliveries") -> Callable[[Function], Function]:
    """Let a command choose among what is kept; the parameter is `filters`, of `Filters`."""
    provider = option("--provider", group=group, metavar="NAME", help="Only from this one: github.")
    since = option(
        "--since",
        group=group,
        type=past,
        metavar="TIME",
        help="Only from then on: 14:10, 2026-11-24, or 2h for two hours ago.",
    )
    until = option("--until", group=group, type=past, metavar="TIME", help="Only before then.")
    failed = option(
        "--failed",
        group=group,
        is_flag=True,
        help="Only with a bad signature, or an attempt that got no whole answer, or 400 or more.",
    )
    contains = option(
        "--contains",
        group=group,
        metavar="TEXT",
        help="Only with this text in a header or the body, in upper or lower case.",
    )
    options = (
        provider,
        event_option(group),
        since,
        until,
        failed,
        contains,
        where_option(group),
    )

    def decorate(function: Function) -> Function:
        @wraps(function)
        def choosing(
            *,
            provider: str | None,
            events: tuple[str, ...],
            since: Any,
            until: Any,
            failed: bool,
            contains: str | None,
            where: str | None,
            **given: Any,
        ) -> Any:
            query = Query(provider=provider, events=events, since=since, until=until, failed=failed)
            matches = _compiled(where) if where else None
            filters = Filters(query=query, contains=contains or "", where=matches)
            return function(filters=filters, **given)

        return reduce(lambda inner, decorator: decorator(inner), reversed(options), choosing)

    return decorate


def _compiled(expression: str) -> Callable[[dict[str, Any]], bool]:
    # jq costs a seventh of the start: only who gives an expression pays it.
    compiled: Callable[[dict[str, Any]], bool] = import_module("hookcli.where").compile_where(
        expression, _notice
    )
    return compiled


def _notice(message: str, hint: str) -> None:
    click.echo(f"Notice: {message}\nHint: {hint}", err=True)
