"""Who sends webhooks, and how to know them: a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One sender of webhooks. Header names are in lower case."""

    name: str
    """As in records and on the command line."""
    title: str
    """As its makers write it."""
    marker: str
    """A header that only its deliveries have."""
    user_agent: str | None = None
    """The product, before the slash, that marks its deliveries too."""
    unless: frozenset[str] = frozenset()
    """Headers of look-alikes, which send the marker as well."""
    event: str
    """The header that names the event."""
    action: str | None = None
    """The field of the payload that says more of the event."""
    delivery_id: str
    """The header that names the delivery."""
    signatures: tuple[str, ...]
    """Headers that hold its signature, strongest first."""
    deadline_s: float
    """Seconds after which it waits no longer for an answer."""
    retries: bool
    """Whether it then sends the delivery again by itself."""
    docs: str
    """Where it tells how to check them."""


GITHUB = Provider(
    name="github",
    title="GitHub",
    marker="x-github-event",
    user_agent="github-hookshot",
    unless=frozenset({"x-forgejo-event", "x-gitea-event", "x-gogs-event"}),
    event="x-github-event",
    action="action",
    delivery_id="x-github-delivery",
    signatures=("x-hub-signature-256", "x-hub-signature"),
    deadline_s=10,
    retries=False,
    docs="https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries",
)

PROVIDERS = (GITHUB,)
"""Earlier ones win where several fit."""
