"""How each provider's requests look, whatever they tell of: a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookcli.payload import FORM

if TYPE_CHECKING:
    from hookcli.signatures.providers import Provider

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Look:
    """How a provider's requests look, whatever has happened."""

    headers: tuple[tuple[str, str], ...]
    """With placeholders; `{event}` is what happened, `{type}` the media type, and where nothing
    stands, the signature will."""
    type: str = JSON
    indented: bool = False


LOOKS = {
    "github": Look(
        (
            ("Accept", "*/*"),
            ("Content-Type", "{type}"),
            ("User-Agent", "GitHub-Hookshot/<hex 7>"),
            ("X-GitHub-Delivery", "<uuid>"),
            ("X-GitHub-Event", "{event}"),
            ("X-GitHub-Hook-ID", "<number 9 hook>"),
            ("X-GitHub-Hook-Installation-Target-ID", "518273645"),
            ("X-GitHub-Hook-Installation-Target-Type", "repository"),
            ("X-Hub-Signature", ""),
            ("X-Hub-Signature-256", ""),
        )
    ),
    "stripe": Look(
        (
            ("Accept", "*/*; q=0.5, application/xml"),
            ("Cache-Control", "no-cache"),
            ("Content-Type", "{type}"),
            ("Stripe-Signature", ""),
            ("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"),
        ),
        type=f"{JSON}; charset=utf-8",
        indented=True,
    ),
    "slack": Look(
        (
            ("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)"),
            ("Accept-Encoding", "gzip,deflate"),
            ("Accept", "*/*"),
            ("X-Slack-Signature", ""),
            ("X-Slack-Request-Timestamp", "<unix>"),
            ("Content-Type", "{type}"),
        )
    ),
    "shopify": Look(
        (
            ("User-Agent", "Shopify-Captain-Hook"),
            ("Content-Type", "{type}"),
            ("X-Shopify-API-Version", "2025-10"),
            ("X-Shopify-Event-Id", "<uuid event>"),
            ("X-Shopify-Hmac-Sha256", ""),
            ("X-Shopify-Shop-Domain", "hello-hooks.myshopify.com"),
            ("X-Shopify-Test", "true"),
            ("X-Shopify-Topic", "{event}"),
            ("X-Shopify-Triggered-At", "<iso -2>"),
            ("X-Shopify-Webhook-Id", "<uuid>"),
        )
    ),
    "gitlab": Look(
        (
            ("Content-Type", "{type}"),
            ("User-Agent", "GitLab/18.5.0-pre"),
            ("Idempotency-Key", "<uuid>"),
            ("X-Gitlab-Event", "{event}"),
            ("X-Gitlab-Webhook-UUID", "<uuid hook>"),
            ("X-Gitlab-Instance", "https://gitlab.com"),
            ("X-Gitlab-Event-UUID", "<uuid event>"),
            ("X-Gitlab-Token", ""),
        )
    ),
    "standard-webhooks": Look(
        (
            ("content-type", "{type}"),
            ("webhook-id", "msg_<token 27>"),
            ("webhook-timestamp", "<unix>"),
            ("webhook-signature", ""),
        )
    ),
    "svix": Look(
        (
            ("content-type", "{type}"),
            ("user-agent", "Svix-Webhooks/1.76.0 (+https://www.svix.com/http-sender/)"),
            ("svix-id", "msg_<token 27>"),
            ("svix-timestamp", "<unix>"),
            ("svix-signature", ""),
        )
    ),
    "linear": Look(
        (
            ("Accept-Charset", "utf-8"),
            ("Content-Type", "{type}"),
            ("Linear-Delivery", "<uuid>"),
            ("Linear-Event", "{event}"),
            ("Linear-Signature", ""),
            ("User-Agent", "Linear-Webhook"),
        ),
        type=f"{JSON}; charset=utf-8",
    ),
    "discord": Look(
        (
            ("User-Agent", "Discord-Interactions/1.0 (+https://discord.com)"),
            ("Content-Type", "{type}"),
            ("X-Signature-Ed25519", ""),
            ("X-Signature-Timestamp", "<unix>"),
        )
    ),
    "twilio": Look(
        (
            ("Accept", "*/*"),
            ("Content-Type", "{type}"),
            ("User-Agent", "TwilioProxy/1.1"),
            ("I-Twilio-Idempotency-Token", "<uuid>"),
            ("X-Home-Region", "us1"),
            ("X-Twilio-Signature", ""),
        ),
        type=f"{FORM}; charset=UTF-8",
    ),
}


def look_of(provider: Provider) -> Look:
    """Return how its requests look; those that are not in the table only as far as is needed."""
    if provider.name in LOOKS:
        return LOOKS[provider.name]
    headers = [("Content-Type", "{type}")]
    for places, value in ((provider.event, "{event}"), (provider.delivery_id, "<uuid>")):
        if places and not places[0].startswith("."):
            headers.append((places[0], value))
    return Look(tuple(headers))
