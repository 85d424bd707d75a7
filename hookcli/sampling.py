"""Deliveries as providers send them, made anew each time: what there is, and how each looks."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import orjson

from hookcli.delivery import Delivery, Headers
from hookcli.errors import UsageError
from hookcli.fresh import Fresh
from hookcli.grammar import suggestion
from hookcli.looks import JSON, look_of
from hookcli.payload import FORM
from hookcli.remaking import sendable, with_fresh_id
from hookcli.signatures.verifying import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hookcli.signatures.providers import Provider


class Sample(NamedTuple):
    """An event of which there is a sample."""

    provider: str
    name: str
    """As on the command line."""
    happened: str
    """What it tells of, for a person."""
    title: str = ""
    """What the provider itself, and so a record, calls it, where that is not `name`."""
    form: bool = False
    """Whether it is a form where the provider's others are JSON."""

    @property
    def event(self) -> str:
        """Event and action, as in a record."""
        return self.title or self.name


_ON_THE_WAY = re.compile("(?i)host|forwarded|x-forwarded-.*|x-real-ip|via|x-hookcli-.*")
"""Headers by whoever passed it on, and by where it arrived."""

SAMPLES = (
    Sample("github", "push", "two commits were pushed"),
    Sample("github", "ping", "the webhook was set up"),
    Sample("github", "pull_request.opened", "a pull request was opened"),
    Sample("github", "pull_request.closed", "a pull request was merged"),
    Sample("github", "issues.opened", "an issue was opened"),
    Sample("github", "issue_comment.created", "an issue was commented on"),
    Sample("github", "release.published", "a release was published"),
    Sample("github", "workflow_run.completed", "a workflow succeeded"),
    Sample("github", "check_run.completed", "a check succeeded"),
    Sample("github", "star.created", "somebody added a star"),
    Sample("stripe", "checkout.session.completed", "a checkout was paid"),
    Sample("stripe", "invoice.paid", "a subscription was renewed"),
    Sample("stripe", "payment_intent.succeeded", "a payment succeeded"),
    Sample("stripe", "customer.subscription.updated", "a subscription will end"),
    Sample("slack", "app_mention", "somebody mentioned the app"),
    Sample("slack", "slash_command", "somebody typed /deploy", title="/deploy", form=True),
    Sample("slack", "url_verification", "the URL has to answer"),
    Sample("shopify", "orders/create", "a customer placed an order"),
    Sample("gitlab", "push", "two commits were pushed", title="Push Hook"),
    Sample("gitlab", "merge_request", "a merge request was opened", title="Merge Request Hook"),
    Sample("standard-webhooks", "user.created", "somebody signed up"),
    Sample("svix", "user.created", "somebody signed up"),
    Sample("linear", "Issue.create", "an issue was created"),
    Sample("discord", "ping", "the URL has to answer", title="1"),
    Sample("twilio", "sms", "a text message came in", title="received"),
)
"""All there are, the most usual first."""


def samples_of(provider: str) -> Iterator[Sample]:
    """Yield what there is of a provider; of most there is nothing."""
    return (sample for sample in SAMPLES if sample.provider == provider)


def find(provider: str, event: str | None) -> Sample | None:
    """Return the sample by its name, or by what the provider calls it; in any case.

    None stands for the most usual event, and is returned where there is no such sample.
    """
    for sample in samples_of(provider):
        names = {sample.name.casefold(), sample.event.casefold()}
        if event is None or event.casefold() in names:
            return sample
    return None


def unknown(provider: Provider, event: str | None) -> UsageError:
    """Return the error that says that there is no sample of an event, and what there is."""
    names = [sample.name for sample in samples_of(provider.name)]
    if event is None or not names:
        others = ", ".join(dict.fromkeys(sample.provider for sample in SAMPLES))
        return UsageError(
            f"There are no samples of {provider.title}",
            f"Give its payload: --payload FILE, or --like ID; there are samples of {others}",
        )
    return UsageError(
        f"There is no sample {event!r} of {provider.title}",
        f"{suggestion(event, names)}; for any other: --payload FILE",
    )


def made(sample: Sample, *, now: float, random: Callable[[int], bytes]) -> Delivery:
    """Return a delivery, not signed yet, with ids and times of its own.

    `now` is in Unix seconds; `random` gives so many bytes.
    """
    provider = BY_NAME[sample.provider]
    look = look_of(provider)
    fresh = Fresh(now=now, random=random, shared=_read(sample.provider, "shared"))
    value = fresh.fill(_read(sample.provider, sample.name))
    kind = FORM if sample.form else look.type
    if kind.startswith(FORM):
        payload = urlencode(value).encode()
    else:
        payload = orjson.dumps(value, option=orjson.OPT_INDENT_2 if look.indented else None)
    return _delivery(payload, provider, sample.event, kind, fresh)


def around(
    payload: bytes, provider: Provider, event: str, *, now: float, random: Callable[[int], bytes]
) -> Delivery:
    """Return a delivery, not signed yet, of any event of any provider, that has this payload.

    Raises UsageError where the provider names events in a header, and none is given.
    """
    look = look_of(provider)
    if not event and any("{event}" in value for _, value in look.headers):
        raise UsageError(
            f"{provider.title} names the event in a header",
            f"Say which one it is: hookcli trigger {provider.name} EVENT --payload FILE",
        )
    sample = find(provider.name, event)
    kind = JSON if payload.lstrip()[:1] in {b"{", b"["} else FORM
    kind = look.type if look.type.startswith(kind) else kind
    fresh = Fresh(now=now, random=random)
    return _delivery(payload, provider, sample.event if sample else event, kind, fresh)


def _delivery(payload: bytes, provider: Provider, event: str, kind: str, fresh: Fresh) -> Delivery:
    # Where the payload has an action, the header names the event alone.
    header = event.partition(".")[0] if provider.action else event
    headers = [
        (name, fresh.text(value.format(event=header, type=kind)))
        for name, value in look_of(provider).headers
    ]
    return Delivery(
        method="POST",
        path=f"/{provider.name}",
        headers=Headers(headers),
        body=payload,
        provider=provider.name,
    )


def _read(provider: str, name: str) -> Any:
    file = files("hookcli") / "samples" / provider / f"{name.replace('/', '_')}.json"
    return orjson.loads(file.read_bytes()) if file.is_file() else None


def alike(delivery: Delivery) -> Delivery:
    """Return what was received, whole, as if it came for the first time, straight from its sender.

    It has another id of the provider's. Raises HookError where that stands in a body that cannot
    be changed.
    """
    came = [pair for pair in delivery.headers if not _ON_THE_WAY.fullmatch(pair[0])]
    new = sendable(
        Delivery(
            method=delivery.method,
            path=delivery.path,
            query=delivery.query,
            headers=Headers(came),
            body=delivery.body,
            provider=delivery.provider,
        )
    )
    provider = BY_NAME.get(delivery.provider or "")
    return with_fresh_id(new, provider) if provider else new
