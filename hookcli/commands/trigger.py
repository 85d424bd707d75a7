"""`hookcli trigger`: send a sample of what a provider sends, signed as it signs."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from secrets import token_bytes
from typing import TYPE_CHECKING, Any

import click

from hookcli.errors import UsageError
from hookcli.grammar import header, reference, suggestion
from hookcli.options import argument, color_option, command, option, store_option
from hookcli.reading import read, whole_body
from hookcli.references import resolve
from hookcli.remaking import with_headers, with_settings
from hookcli.routes import endpoint
from hookcli.sample_lines import format_samples
from hookcli.sampling import SAMPLES, alike, around, find, made, unknown
from hookcli.screen import screen_of
from hookcli.secret_options import secrets_given, signing_option
from hookcli.signatures.verifying import BY_NAME
from hookcli.signing import Signing, signed
from hookcli.text import escape
from hookcli.triggering import Goal, goal_of, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

    from hookcli.delivery import Delivery
    from hookcli.grammar import Reference
    from hookcli.screen import When
    from hookcli.signatures.providers import Provider
    from hookcli.stores import Reader

_LARGEST = 256 << 20
"""Bytes of a payload."""


def sender(name: str) -> Provider:
    """Read the name of a provider. Raises UsageError."""
    if name in BY_NAME:
        return BY_NAME[name]
    of = [sample.provider for sample in SAMPLES if sample.name.casefold() == name.casefold()]
    hint = f"Did you mean hookcli trigger {of[0]} {name}?" if of else suggestion(name, BY_NAME)
    raise UsageError(f"there is no provider {name!r}", hint)


def content(path: str) -> bytes:
    """Read a payload from a file, or from standard input. Raises UsageError."""
    try:
        with nullcontext(sys.stdin.buffer) if path == "-" else open(path, "rb") as file:  # noqa: PTH123 - may be a pipe
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path!r} cannot be read: {error.strerror}", "Name a file") from None
    if len(data) > _LARGEST:
        raise UsageError(f"{path!r} is larger than 256 MiB", "No provider sends as much")
    return data


def _events(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from hookcli.completion import words  # noqa: PLC0415 - for completion only

    given = ctx.params.get("provider")
    names = [sample.name for sample in SAMPLES if given and sample.provider == given.name]
    return words(names, incomplete)


@command("trigger")
@argument("provider", metavar="[PROVIDER]", type=sender, required=False)
@argument("event", metavar="[EVENT]", required=False, shell_complete=_events)
@option(
    "--to",
    group="Sending",
    type=endpoint,
    metavar="URL",
    help="Where to: 3000, localhost:3000/hooks. Default: the running listener, else port 4567.",
)
@option(
    "--insecure",
    group="Sending",
    is_flag=True,
    help="Accept any certificate of an https URL.",
)
@option(
    "--payload",
    group="What is sent",
    type=content,
    metavar="FILE",
    help="Send this payload, byte for byte, in place of the sample's: for any provider and any"
    " event. - is standard input.",
)
@option(
    "--like",
    group="What is sent",
    type=reference,
    metavar="ID",
    help="Send one like this delivery of the store, with an id of its own, signed anew.",
)
@option(
    "--set",
    "sets",
    group="What is sent",
    multiple=True,
    metavar="PATH=TEXT",
    help="Change a field of the payload: issue.title=Hello, or PATH:=JSON as in amount:=100."
    " May be given several times.",
)
@option(
    "--header",
    "headers",
    group="What is sent",
    type=header,
    multiple=True,
    metavar="'K: V'",
    help="Set a header. May be given several times.",
)
@signing_option
@color_option
@store_option
def trigger(
    provider: Provider | None, event: str | None, color: When, store: str | None, **given: Any
) -> None:
    """Send a sample of what PROVIDER sends, with ids and times of its own, and signed.

    Without arguments it lists what there is; without EVENT it sends the first of the provider's.
    Nothing is kept, but by a listener that gets it. Exit 3 where the answer is not 2xx.
    """
    screen = screen_of(sys.stdout, os.environ, color)

    def say(lines: Sequence[str]) -> None:
        click.echo("\n".join(lines))

    payload, like = given["payload"], given["like"]
    if like is not None:
        if provider is not None:
            raise UsageError("--like says what to send", "Leave PROVIDER and EVENT out")
        delivery = _like(like, payload, store)
    elif provider is not None:
        delivery = _asked(provider, event, payload)
    elif payload is not None or any(given[name] for name in ("to", "sets", "headers")):
        raise UsageError("Say what to send", "hookcli trigger alone lists what there is")
    else:
        say(format_samples(SAMPLES, screen))
        return
    if given["sets"]:
        delivery = with_settings(delivery, given["sets"])
    goal = goal_of(given["to"])
    signing = _signed(delivery, goal, given)
    _notice(signing)
    job = run(signing.delivery, goal, say=say, screen=screen, insecure=given["insecure"])
    click.get_current_context().exit(0 if asyncio.run(job) else 3)


def _asked(provider: Provider, event: str | None, payload: bytes | None) -> Delivery:
    """Return what is to be sent, not signed yet. Raises UsageError where it is not known."""
    now = datetime.now(UTC).timestamp()
    if payload is not None:
        return around(payload, provider, event or "", now=now, random=token_bytes)
    sample = find(provider.name, event)
    if sample is None:
        raise unknown(provider, event)
    return made(sample, now=now, random=token_bytes)


def _like(meant: Reference, payload: bytes | None, store: str | None) -> Delivery:
    """Return one like what is kept, not signed yet. Raises HookError where that is not there."""
    delivery = alike(read(store, lambda opened: _kept(opened, meant)))
    return delivery if payload is None else replace(delivery, body=payload, size=-1)


async def _kept(store: Reader, meant: Reference) -> Delivery:
    delivery = await resolve(store, meant)
    return delivery if delivery.held else replace(delivery, body=await whole_body(store, delivery))


def _signed(delivery: Delivery, goal: Goal, given: dict[str, Any]) -> Signing:
    """Sign it; a header that was asked for is as it was asked for, be it the signature."""
    delivery = with_headers(delivery, given["headers"])
    if goal.endpoint.scheme == "https":
        delivery = with_headers(delivery, [("X-Forwarded-Proto", "https")])
    provider = BY_NAME.get(delivery.provider or "")
    if provider is None:
        return Signing(delivery)
    signing = signed(
        delivery,
        provider,
        secrets_given(given),
        url=goal.url(delivery),
        now=datetime.now(UTC).timestamp(),
    )
    return signing._replace(delivery=with_headers(signing.delivery, given["headers"]))


def _notice(signing: Signing) -> None:
    """Say, beside what is sent, what a person has to do about its signature."""
    delivery, pair = signing
    name = delivery.provider
    if pair is not None:
        said = f"It is signed with a new key; the public one to check it is {pair.public}"
        hint = f"To sign with the same key again: --secret {name}={pair.private}"
    elif name in BY_NAME and delivery.signature.code == "unsigned":
        said = delivery.signature.message
        hint = f"Give one: --secret {name}=env:NAME, HOOKCLI_SECRET, or [secrets] in hookcli.toml"
    else:
        return
    click.echo(escape(f"Notice: {said}\nHint: {hint}", keep_newline=True), err=True)
