"""Every way of signing that a vendor's own library on PyPI knows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from hookcli import Delivery, Headers
from tests.acceptance import checking, signing
from tests.acceptance.keys import DISCORD, HEX, PLAIN, SENDGRID, STANDARD, Keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.acceptance.library import Library

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
EVENT = (
    '{ "id": "evt_1",\n"object": "event", "type":"paid", "name": "Grüße \\u2603 <b>" }\n'.encode()
)
FIELDS = b"MessageSid=SM1&From=%2B4930&Body=Gr%C3%BC%C3%9Fe+%26+more&SmsStatus=received"
MAIL = b'{"event-data": {"event": "opened"}}'
META = b'{"object": "page", "entry": [{"id": "1", "changes": [{"field": "feed"}]}]}'
EMAIL = b'{"type": "email.sent", "data": {}}'
PAYMENT = json.dumps(
    {
        "live": "false",
        "notificationItems": [
            {
                "NotificationRequestItem": {
                    "amount": {"currency": "EUR", "value": 1130},
                    "eventCode": "AUTHORISATION",
                    "merchantAccountCode": "Shop",
                    "merchantReference": "Order:1",
                    "pspReference": "7914073381342284",
                    "success": "true",
                }
            }
        ],
    }
).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way in which a vendor signs, and its own library."""

    provider: str
    library: Callable[[], Library]
    keys: Keys = PLAIN
    body: bytes = EVENT
    kind: str = JSON
    query: str = ""
    marks: tuple[tuple[str, str], ...] = ()
    """What the vendor sends along, and its library does not make."""
    like: tuple[tuple[str, str], ...] = ()
    """What says which of the vendor's ways hookcli shall sign in."""
    way: str = ""
    """What that is called."""

    def __str__(self) -> str:
        return f"{self.provider} {self.way}".strip()

    def unsigned(self, *more: tuple[str, str]) -> Delivery:
        """Return what is to be signed, with further headers."""
        first = (("Host", "hooks.test"), ("Content-Type", self.kind))
        return Delivery(
            method="POST",
            path="/in",
            query=self.query,
            headers=Headers([*first, *self.marks, *more]),
            body=self.body,
        )


GITHUB = (("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "72d3162e"))
GITLAB = (("X-Gitlab-Event", "Push Hook"),)
SETTINGS = ("X-Twilio-Webhooks-Signature-Settings", "key=1,algorithm=HMAC_SHA256")
HUBSPOT = ("X-HubSpot-Signature", "0")
VERSION = "X-HubSpot-Signature-Version"
HASH = f"bodySHA256={sha256(EVENT).hexdigest()}"

CHECKED = (
    Case(provider="github", library=checking.gidgethub, marks=GITHUB),
    Case(
        provider="github",
        library=checking.gidgethub,
        marks=GITHUB,
        like=(("X-Hub-Signature", "sha1=0"),),
        way="SHA-1",
    ),
    Case(
        provider="github",
        library=checking.gidgethub,
        marks=GITHUB,
        kind=FORM,
        body=b"payload=%7B%22action%22%3A+%22opened%22%7D",
        way="form",
    ),
    Case(provider="gitlab", library=checking.gidgetlab, marks=GITLAB),
    Case(provider="resend", library=checking.resend, keys=STANDARD, body=EMAIL),
    Case(provider="sendgrid", library=checking.sendgrid, keys=SENDGRID),
    Case(provider="line", library=checking.line),
    Case(provider="square", library=checking.square, query="a=1"),
    Case(provider="razorpay", library=checking.razorpay),
    Case(provider="coinbase-commerce", library=checking.coinbase_commerce),
    Case(provider="mailgun", library=checking.mailgun, body=MAIL),
    Case(provider="meta", library=checking.pywa, body=META),
)
"""Those whose libraries only check."""

SIGNED = (
    Case(provider="gitlab-signing", library=signing.standardwebhooks, keys=STANDARD, marks=GITLAB),
    Case(provider="standard-webhooks", library=signing.standardwebhooks, keys=STANDARD),
    Case(provider="svix", library=signing.svix, keys=STANDARD),
    Case(provider="clerk", library=signing.svix, keys=STANDARD, body=b'{"type": "user.created"}'),
    Case(provider="resend", library=signing.svix, keys=STANDARD, body=EMAIL, way="by svix"),
    Case(provider="stripe", library=signing.stripe),
    Case(provider="slack", library=signing.slack_sdk),
    Case(provider="slack", library=signing.slack_sdk, kind=FORM, body=FIELDS, way="form"),
    Case(provider="twilio", library=signing.twilio, kind=FORM, body=FIELDS, query="a=1&b=%20"),
    Case(provider="twilio", library=signing.twilio, query=HASH, way="JSON"),
    Case(
        provider="twilio",
        library=signing.twilio,
        kind=FORM,
        body=FIELDS,
        marks=(SETTINGS,),
        way="shared key",
    ),
    Case(provider="discord", library=signing.discord, keys=DISCORD),
    Case(provider="paddle", library=signing.paddle_billing),
    Case(provider="adyen", library=signing.adyen_items, keys=HEX, body=PAYMENT, way="items"),
    Case(provider="adyen", library=signing.adyen_payload, keys=HEX, way="header"),
    Case(provider="hubspot", library=partial(signing.hubspot, "v3"), query="a=1", way="v3"),
    Case(
        provider="hubspot",
        library=partial(signing.hubspot, "v2"),
        like=(HUBSPOT, (VERSION, "v2")),
        query="a=1",
        way="v2",
    ),
    Case(
        provider="hubspot",
        library=partial(signing.hubspot, "v1"),
        like=(HUBSPOT, (VERSION, "v1")),
        way="v1",
    ),
)
"""Those whose libraries sign as well."""
