"""Libraries of vendors that check, and sign as well; each is imported when it is asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from tests.acceptance.library import Library, lower, text, with_headers

if TYPE_CHECKING:
    from hookcli.delivery import Delivery
    from hookcli.signatures.request import Request


def stripe() -> Library:
    """Stripe."""
    from stripe import SignatureVerificationError, Webhook, WebhookSignature

    def sign(request: Request, key: str) -> Delivery:
        make = WebhookSignature.generate_signature_header
        return with_headers(request, Stripe_Signature=make(text(request), key, int(request.now)))

    return Library(
        lambda request, key: Webhook.construct_event(
            request.delivery.body, request.header("Stripe-Signature"), key
        ),
        SignatureVerificationError,
        sign,
    )


def standardwebhooks() -> Library:
    """Whoever follows the Standard Webhooks."""
    from standardwebhooks.webhooks import Webhook, WebhookVerificationError

    def sign(request: Request, key: str) -> Delivery:
        at = datetime.fromtimestamp(request.now, UTC)
        return with_headers(
            request,
            webhook_id="msg_1",
            webhook_timestamp=str(int(request.now)),
            webhook_signature=Webhook(key).sign("msg_1", at, text(request)),
        )

    return Library(
        lambda request, key: Webhook(key).verify(request.delivery.body, lower(request)),
        WebhookVerificationError,
        sign,
    )


def svix() -> Library:
    """Svix, and those who send through it; its `verify` says nothing when it accepts."""
    from svix.webhooks import Webhook, WebhookVerificationError

    def accepts(request: Request, key: str) -> bool:
        Webhook(key).verify(request.delivery.body, lower(request))
        return True

    def sign(request: Request, key: str) -> Delivery:
        at = datetime.fromtimestamp(request.now, UTC)
        return with_headers(
            request,
            svix_id="msg_1",
            svix_timestamp=str(int(request.now)),
            svix_signature=Webhook(key).sign("msg_1", at, text(request)),
        )

    return Library(accepts, WebhookVerificationError, sign)


def slack_sdk() -> Library:
    """Slack."""
    from slack_sdk.signature import SignatureVerifier

    def sign(request: Request, key: str) -> Delivery:
        at, body = str(int(request.now)), request.delivery.body
        return with_headers(
            request,
            X_Slack_Request_Timestamp=at,
            X_Slack_Signature=SignatureVerifier(key).generate_signature(timestamp=at, body=body),
        )

    return Library(
        lambda request, key: SignatureVerifier(key).is_valid_request(
            request.delivery.body, dict(request.delivery.headers)
        ),
        sign=sign,
    )


def twilio() -> Library:
    """Twilio, with an auth token, or with a shared key where the settings' header says so."""
    from twilio.request_validator import RequestValidator, get_signature_algorithm

    def content(request: Request) -> str | dict[str, str]:
        is_form = "urlencoded" in (request.header("Content-Type") or "")
        return dict(parse_qsl(text(request))) if is_form else text(request)

    def algorithm(request: Request) -> str:
        header = request.header("X-Twilio-Webhooks-Signature-Settings")
        return str(get_signature_algorithm(header))

    def accepts(request: Request, key: str) -> object:
        signature = request.header("X-Twilio-Signature")
        how = algorithm(request)
        return RequestValidator(key).validate(request.url, content(request), signature, how)

    def sign(request: Request, key: str) -> Delivery:
        body = content(request)
        fields = {} if isinstance(body, str) else body
        made = RequestValidator(key).compute_signature(request.url, fields, algorithm(request))
        return with_headers(request, X_Twilio_Signature=made)

    return Library(accepts, sign=sign)


def discord() -> Library:
    """Discord: its own library checks, and the one that this stands on signs."""
    from discord_interactions import verify_key
    from nacl.signing import SigningKey

    def sign(request: Request, key: str) -> Delivery:
        at = str(int(request.now))
        signed = SigningKey(bytes.fromhex(key)).sign(at.encode() + request.delivery.body)
        return with_headers(
            request, X_Signature_Timestamp=at, X_Signature_Ed25519=signed.signature.hex()
        )

    return Library(
        lambda request, key: verify_key(
            request.delivery.body,
            request.header("X-Signature-Ed25519"),
            request.header("X-Signature-Timestamp"),
            key,
        ),
        sign=sign,
    )


def paddle_billing() -> Library:
    """Paddle."""
    from paddle_billing.Notifications import PaddleSignature, Secret, Verifier

    def accepts(request: Request, key: str) -> object:
        received = SimpleNamespace(
            headers=dict(request.delivery.headers), body=request.delivery.body
        )
        return Verifier().verify(received, Secret(key))

    def sign(request: Request, key: str) -> Delivery:
        at = int(request.now)
        made = PaddleSignature.calculate_hmac(key, f"{at}:".encode() + request.delivery.body)
        return with_headers(request, Paddle_Signature=f"ts={at};h1={made.hexdigest()}")

    return Library(accepts, sign=sign)


def hubspot(version: str) -> Library:
    """HubSpot, in one of its three versions."""
    from hubspot.utils.signature import Signature

    header = "X-HubSpot-Signature-v3" if version == "v3" else "X-HubSpot-Signature"

    def accepts(request: Request, key: str) -> object:
        return Signature.is_valid(
            request.header(header),
            key,
            text(request),
            request.url,
            request.delivery.method,
            version,
            request.header("X-HubSpot-Request-Timestamp"),
        )

    def sign(request: Request, key: str) -> Delivery:
        at, method = str(int(request.now * 1000)), request.delivery.method
        made = Signature.get_signature(key, text(request), version, request.url, method, at)
        signed = {header: made, "X-HubSpot-Signature-Version": version}
        return with_headers(request, **signed, X_HubSpot_Request_Timestamp=at)

    return Library(accepts, sign=sign)


def adyen_items() -> Library:
    """Adyen's payments, signed inside of each item."""
    from Adyen.util import generate_notification_sig, is_valid_hmac_notification

    def sign(request: Request, key: str) -> Delivery:
        notification = json.loads(request.delivery.body)
        for each in notification["notificationItems"]:
            item = each["NotificationRequestItem"]
            made = generate_notification_sig(item, key).decode()
            item["additionalData"] = {"hmacSignature": made}
        return request.with_body(json.dumps(notification).encode()).delivery

    return Library(
        lambda request, key: is_valid_hmac_notification(json.loads(request.delivery.body), key),
        sign=sign,
    )


def adyen_payload() -> Library:
    """Adyen's platforms, signed in a header."""
    from Adyen.util import generate_payload_sig, is_valid_hmac_payload

    def sign(request: Request, key: str) -> Delivery:
        made = generate_payload_sig(request.delivery.body, key).decode()
        return with_headers(request, HmacSignature=made, Protocol="HmacSHA256")

    return Library(
        lambda request, key: is_valid_hmac_payload(
            request.header("HmacSignature"), key, request.delivery.body
        ),
        sign=sign,
    )
