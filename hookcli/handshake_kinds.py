"""All set-up requests that are known: a table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookcli.handshake_replies import (
    TOKEN,
    Reply,
    dropbox_sign,
    echo,
    empty,
    in_header,
    in_json,
    meta,
    signed,
    sns,
    strava,
    twitter,
    words,
    zoom,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_GIVEN = re.compile("[ -~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of set-up request."""

    name: str
    title: str
    """What was answered: it stands behind `answered` or `refused`."""
    method: str = "POST"
    when: Mapping[str, object]
    """What it is known by: facts as in `Asked`, and their values or patterns; `.` is the number
    of fields in the payload."""
    value: str = ""
    """Which fact is to be given back, if one is."""
    reply: Reply = empty
    say: str = ""
    """What the person is told then; `{}` is the value."""
    hint: str | None = None
    """What the person should do then."""


KINDS = (
    Kind(
        name="slack_challenge",
        title="Slack's challenge",
        when={".type": "url_verification"},
        value=".challenge",
        reply=echo,
    ),
    Kind(
        name="strava_verification",
        title="Strava's verification",
        method="GET",
        when={"?hub.mode": "subscribe"},
        value="?hub.challenge",
        reply=strava,
    ),
    Kind(
        name="meta_verification",
        title="Meta's verification",
        method="GET",
        when={"?hub.mode": "subscribe"},
        value="?hub.challenge",
        reply=meta,
    ),
    Kind(
        name="twitch_challenge",
        title="Twitch's challenge",
        when={"twitch-eventsub-message-type:": "webhook_callback_verification"},
        value=".challenge",
        reply=echo,
    ),
    Kind(
        name="zoom_validation",
        title="Zoom's validation",
        when={".event": "endpoint.url_validation"},
        reply=zoom,
    ),
    Kind(
        name="graph_validation",
        title="Microsoft Graph's validation",
        when={},
        value="?validationToken",
        reply=echo,
    ),
    Kind(
        name="dropbox_challenge",
        title="Dropbox's challenge",
        method="GET",
        when={"user-agent:": re.compile("DropboxWebhooks/.*")},
        value="?challenge",
        reply=echo,
    ),
    Kind(
        name="nylas_challenge",
        title="a challenge, as Nylas sends it",
        method="GET",
        when={},
        value="?challenge",
        reply=echo,
    ),
    Kind(
        name="discord_ping",
        title="Discord's ping",
        when={"x-signature-ed25519:": _GIVEN, ".type": 1},
        reply=signed(200, {"type": 1}),
    ),
    Kind(
        name="discord_event_ping",
        title="Discord's ping",
        when={"x-signature-ed25519:": _GIVEN, ".type": 0},
        reply=signed(204),
    ),
    Kind(
        name="twitter_crc",
        title="X's challenge",
        method="GET",
        when={},
        value="?crc_token",
        reply=twitter,
    ),
    Kind(
        name="okta_verification",
        title="Okta's verification",
        method="GET",
        when={"x-okta-verification-challenge:": _GIVEN},
        value="x-okta-verification-challenge:",
        reply=in_json("verification"),
    ),
    Kind(
        name="asana_secret",
        title="Asana's handshake",
        when={},
        value="x-hook-secret:",
        reply=in_header("X-Hook-Secret"),
        say="Asana signs what this webhook sends with the secret {}",
        hint="Give it to your app, and to hookcli: --secret asana=SECRET",
    ),
    Kind(
        name="monday_challenge",
        title="monday.com's challenge",
        when={".": 1},
        value=".challenge",
        reply=in_json("challenge"),
    ),
    Kind(
        name="head_check",
        title="a HEAD request, as Trello and Intercom send it",
        method="HEAD",
        when={},
    ),
    Kind(
        name="mailchimp_check",
        title="Mailchimp's check",
        method="GET",
        when={"user-agent:": re.compile("(?i)mailchimp.*")},
    ),
    Kind(
        name="smartsheet_challenge",
        title="Smartsheet's challenge",
        when={},
        value="smartsheet-hook-challenge:",
        reply=in_header("Smartsheet-Hook-Response"),
    ),
    Kind(
        name="onfleet_check",
        title="Onfleet's check",
        method="GET",
        when={},
        value="?check",
        reply=echo,
    ),
    Kind(
        name="notion_token",
        title="Notion's verification",
        when={".": 1, ".verification_token": TOKEN},
        value=".verification_token",
        say="Notion wants you to paste this token into the settings of the webhook: {}",
        hint="It is its secret from then on, for your app and hookcli: --secret notion=TOKEN",
    ),
    Kind(
        name="sns_confirmation",
        title="SNS's confirmation",
        when={"x-amz-sns-message-type:": "SubscriptionConfirmation"},
        value=".SubscribeURL",
        reply=sns,
    ),
    Kind(
        name="xero_intent",
        title="Xero's intent to receive",
        when={"x-xero-signature:": _GIVEN, ".events": []},
        reply=signed(200),
    ),
    Kind(
        name="line_check",
        title="LINE's check",
        when={".": 2, ".destination": _GIVEN, ".events": []},
    ),
    Kind(
        name="adyen_check",
        title="Adyen's check",
        when={".notificationItems": []},
        reply=words("[accepted]"),
    ),
    Kind(
        name="dropbox_sign_check",
        title="Dropbox Sign's check",
        when={"content-type:": re.compile("(?i)multipart/form-data.*")},
        reply=dropbox_sign,
        say="Dropbox Sign wants each of its events to be answered so",
        hint="hookcli answers all so with --respond-body 'Hello API Event Received'",
    ),
    Kind(
        name="woocommerce_ping",
        title="WooCommerce's ping",
        when={".": 1, ".webhook_id": re.compile("[0-9]{1,20}")},
    ),
)
"""Earlier ones win where several fit."""
