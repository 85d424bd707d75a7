"""`hookcli verify`: check a signature, and say how."""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from hookcli.checking import Terms, checked
from hookcli.errors import HookError, UsageError
from hookcli.grammar import duration, reference, suggestion
from hookcli.inputs import lines, opened
from hookcli.options import argument, color_option, command, option, past, store_option
from hookcli.reading import read, whole_body
from hookcli.reading_back import deliveries
from hookcli.references import resolve
from hookcli.screen import screen_of
from hookcli.secret_options import GROUP, HOW_TO_GIVE, secret_option, secrets_given
from hookcli.signature_lines import format_check
from hookcli.signatures.verifying import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hookcli.delivery import Delivery
    from hookcli.grammar import Reference
    from hookcli.screen import Screen, When
    from hookcli.signatures.providers import Provider
    from hookcli.stores import Reader

_UNIX = re.compile(r"[0-9]{10}(\.[0-9]{1,9})?")


def sender(name: str) -> Provider:
    """Read the name of a provider. Raises UsageError."""
    if name in BY_NAME:
        return BY_NAME[name]
    raise UsageError(f"there is no provider {name!r}", suggestion(name, BY_NAME))


def url(text: str) -> str:
    """Read the URL that a sender used, or how it begins. Raises UsageError."""
    if re.match(r"https?://[^/?#\s]", text):
        return text
    raise UsageError(f"{text!r} is not a URL", "Give the whole one: https://your.host/path")


def time(text: str) -> datetime:
    """Read a time; Unix seconds too, as signatures have them. Raises UsageError."""
    return datetime.fromtimestamp(float(text), UTC) if _UNIX.fullmatch(text) else past(text)


@command("verify")
@argument("which", metavar="[ID|FILE|-]", default="latest")
@secret_option
@option(
    "--provider",
    group=GROUP,
    type=sender,
    metavar="NAME",
    help="Who sent it, where that does not show: github.",
)
@option(
    "--public-url",
    group=GROUP,
    type=url,
    metavar="URL",
    help="Where it was sent to, for senders that sign the URL. Default: what its headers say.",
)
@option(
    "--at",
    group=GROUP,
    type=time,
    metavar="TIME",
    help="When to check it. Default: when it arrived; for a bare request now.",
)
@option(
    "--tolerance",
    group=GROUP,
    type=duration,
    metavar="DURATION",
    help="How old a signature may be. Default: what the provider's own libraries allow.",
)
@color_option
@store_option
def verify(which: str, color: When, store: str | None, **given: Any) -> None:
    """Check a signature, and say step by step how.

    ID is as in `show`, latest by default. FILE, or - for standard input, holds an HTTP request,
    or records, one on a line. Exit 0 if all are valid, 3 if not.
    """
    terms = Terms(
        secrets=secrets_given(given),
        provider=given["provider"],
        public_url=given["public_url"],
        at=given["at"],
        tolerance_s=given["tolerance"],
        now=datetime.now(UTC),
    )
    if not any(secret.second is None for secret in terms.secrets):
        raise UsageError("There is no secret to check with", HOW_TO_GIVE)
    screen = screen_of(sys.stdout, os.environ, color)
    with _found(which, store) as found:
        valid = run(found, terms, sys.stdout.write, screen)
    click.get_current_context().exit(0 if valid else 3)


def run(
    found: Iterable[Delivery], terms: Terms, say: Callable[[str], object], screen: Screen
) -> bool:
    """Check what was found, one after the other; return whether all are valid. Raises HookError."""
    codes: set[str] = set()
    for delivery in found:
        check = checked(delivery, terms)
        lines = format_check(check, screen)
        say("\n".join(["", *lines] if codes else lines) + "\n")
        codes.add(check.delivery.signature.code)
    if not codes:
        raise HookError("There is no delivery in it", "hookcli list prints records of some")
    return codes == {"valid"}


@contextmanager
def _found(which: str, store: str | None) -> Iterator[Iterable[Delivery]]:
    """Give the deliveries that are meant. Raises HookError where there are none."""
    is_file = os.path.exists(which) and not os.path.isdir(which)  # noqa: PTH110, PTH112 - never raise
    if which == "-" or is_file:
        with opened(which) as file:
            yield deliveries(lines(file))
    else:
        yield [_kept(reference(which), store)]


def _kept(meant: Reference, store: str | None) -> Delivery:
    try:
        return read(store, lambda opened: stored(opened, meant))
    except HookError as error:
        if not meant.may_be_prefix:
            raise
        hint = f"There is no such file either. {error.hint}"
        raise HookError(error.message, hint) from None


async def stored(store: Reader, meant: Reference) -> Delivery:
    """Return a delivery of the store, with all of its body. Raises HookError."""
    delivery = await resolve(store, meant)
    return delivery if delivery.held else replace(delivery, body=await whole_body(store, delivery))
