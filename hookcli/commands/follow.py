"""`hookcli follow`: watch from elsewhere what a listener receives, and send it on."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from hookcli.errors import UsageError
from hookcli.following import FollowWish
from hookcli.following import follow as watch
from hookcli.grammar import reference
from hookcli.options import command, count, option, past, store_option
from hookcli.params import used_files
from hookcli.routes import Routes
from hookcli.watch_options import (
    forwarding_options,
    saving_options,
    showing_options,
    stopping_options,
    watch_wish,
)

if TYPE_CHECKING:
    from datetime import datetime

    from hookcli.grammar import Reference


def since(text: str) -> Reference | datetime:
    """Read a time or, where it is none, a delivery; digits are its number. Raises UsageError."""
    if not text.strip().isdecimal():
        try:
            return past(text)
        except UsageError:
            return reference(text)
    return reference(text)


@command("follow")
@option(
    "--last",
    group="From where",
    type=count,
    metavar="N",
    help="Begin with the latest N of those that are shown.",
)
@option(
    "--since",
    group="From where",
    type=since,
    metavar="ID|TIME",
    help="Begin with that delivery, or the first one since then: 42, 14:10, or 2h for two hours"
    " ago.",
)
@forwarding_options("Forwarding")
@showing_options
@saving_options
@stopping_options
@store_option
def follow(**given: Any) -> None:
    """Show deliveries of another process's store as they arrive, and send them on.

    As listen does it, in a second terminal: what comes from now on, or since some delivery.
    """
    wish = _wish(**given)
    code = asyncio.run(watch(wish, stdout=sys.stdout, stderr=sys.stderr, environ=os.environ))
    click.get_current_context().exit(code)


def _wish(**given: Any) -> FollowWish:
    if given["last"] is not None and given["since"] is not None:
        raise UsageError("--last goes without --since", "Leave one of them out")
    return FollowWish(
        last=given["last"],
        since=given["since"],
        routes=Routes(given["forward"]),
        forward_timeout_s=given["forward_timeout"],
        insecure=given["insecure"],
        watch=watch_wish(given),
        store=given["store"],
        config=used_files(),
    )
