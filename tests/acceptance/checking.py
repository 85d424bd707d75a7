"""Libraries of vendors that only check; each is imported when it is asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.acceptance.library import Library, lower, text

if TYPE_CHECKING:
    from hookcli.signatures.request import Request


def gidgethub() -> Library:
    """GitHub."""
    from gidgethub import ValidationFailure
    from gidgethub.sansio import Event

    return Library(
        lambda request, key: Event.from_http(lower(request), request.delivery.body, secret=key),
        ValidationFailure,
    )


def gidgetlab() -> Library:
    """GitLab's token."""
    from gidgetlab import ValidationFailure
    from gidgetlab.sansio import Event

    return Library(
        lambda request, key: Event.from_http(lower(request), request.delivery.body, secret=key),
        ValidationFailure,
    )


def resend() -> Library:
    """Resend."""
    from resend import Webhooks

    def accepts(request: Request, key: str) -> object:
        parts = ("id", "timestamp", "signature")
        headers = {part: request.header(f"svix-{part}") for part in parts}
        payload = text(request)
        return Webhooks.verify({"payload": payload, "headers": headers, "webhook_secret": key})

    return Library(accepts, ValueError)


def sendgrid() -> Library:
    """SendGrid's event webhook."""
    from sendgrid.helpers.eventwebhook import EventWebhook, EventWebhookHeader

    return Library(
        lambda request, key: EventWebhook(key).verify_signature(
            text(request),
            request.header(EventWebhookHeader.SIGNATURE),
            request.header(EventWebhookHeader.TIMESTAMP),
        )
    )


def line() -> Library:
    """LINE."""
    from linebot.v3.webhook import SignatureValidator

    return Library(
        lambda request, key: SignatureValidator(key).validate(
            text(request), request.header("x-line-signature")
        )
    )


def square() -> Library:
    """Square."""
    from square.utils.webhooks_helper import verify_signature

    return Library(
        lambda request, key: verify_signature(
            request_body=text(request),
            signature_header=request.header("x-square-hmacsha256-signature"),
            signature_key=key,
            notification_url=request.url,
        )
    )


def razorpay() -> Library:
    """Razorpay."""
    from razorpay import Client
    from razorpay.errors import SignatureVerificationError

    return Library(
        lambda request, key: Client().utility.verify_webhook_signature(
            text(request), request.header("X-Razorpay-Signature"), key
        ),
        SignatureVerificationError,
    )


def mailgun() -> Library:
    """Mailgun."""
    from mailgun.security import SecurityGuard

    return Library(
        lambda request, key: SecurityGuard.verify_webhook(
            key, **json.loads(request.delivery.body)["signature"]
        )
    )


def pywa() -> Library:
    """WhatsApp, and so all of Meta."""
    from pywa.utils import webhook_updates_validator

    return Library(
        lambda request, key: webhook_updates_validator(
            key, request.delivery.body, request.header("X-Hub-Signature-256")
        )
    )


def coinbase_commerce() -> Library:
    """Coinbase Commerce."""
    from coinbase_commerce.error import SignatureVerificationError
    from coinbase_commerce.webhook import WebhookSignature

    return Library(
        lambda request, key: WebhookSignature.verify_sig_header(
            text(request), request.header("X-CC-Webhook-Signature"), key
        ),
        SignatureVerificationError,
    )
