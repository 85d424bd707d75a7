"""Who sends webhooks, how to know them, and how they sign: a table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from hookcli.signatures.canonical import Contentful, Hook0
from hookcli.signatures.clocks import Clock
from hookcli.signatures.fields import AdyenItems, Mailgun
from hookcli.signatures.hmacs import Hmac, PlainHash
from hookcli.signatures.jwts import Monday, Netlify
from hookcli.signatures.keys import PublicKey
from hookcli.signatures.sns import Sns
from hookcli.signatures.tokens import ClientState, QueryToken, Token
from hookcli.signatures.urls import Twilio, inner_json, sorted_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookcli.signatures.request import Request, Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One sender of webhooks."""

    name: str
    """As in records and on the command line."""
    title: str
    """As its makers write it."""
    kin: tuple[str, ...] = ()
    """Others whose secrets may be meant for this one as well."""
    markers: tuple[str, ...] = ()
    """Headers, in lower case, any of which its deliveries have; see `detection` for more."""
    user_agent: str | None = None
    """The product, before the slash and in lower case, that marks its deliveries too."""
    event: tuple[str, ...] = ()
    """Where its events are named: the first of these places that says something.

    A place is a header in lower case, or a path in the payload as jq writes it: `.event.type`,
    `.[0].event`. Several with spaces between make one name of all their parts."""
    action: str | None = None
    """The place in the payload that says more of the event."""
    delivery_id: tuple[str, ...] = ()
    """Where it names the delivery: the first of these places that does."""
    schemes: tuple[Scheme, ...]
    """How it signs, strongest first: the first that a request has something of is checked."""
    deadline_s: float
    """Seconds after which it waits no longer for an answer."""
    retries: bool
    """Whether it then sends the delivery again by itself."""
    docs: str
    """Where it tells how to check them."""

    @property
    def signatures(self) -> tuple[str, ...]:
        """Headers that hold its signature, in lower case, strongest first."""
        return tuple(header for scheme in self.schemes for header in scheme.headers)

    def scheme(self, request: Request, key: str) -> Scheme:
        """Return what checks this request with this secret: the strongest that both fit."""
        present: Iterator[Scheme] = (each for each in self.schemes if each.present(request))
        first = next(present, None)
        if first is None:
            present, first = iter(self.schemes[1:]), self.schemes[0]
        return next((each for each in chain((first,), present) if not each.fits(key)), first)


FIVE_MINUTES = Clock(tolerance=300)
PAST_FIVE_MINUTES = Clock(tolerance=300, future=False)

HUB_256 = Hmac(header="X-Hub-Signature-256", prefix="sha256=")
HUB_SHA1 = Hmac(header="X-Hub-Signature", prefix="sha1=", algorithm="sha1")
HUB_SHA256 = Hmac(header="X-Hub-Signature", prefix="sha256=")
"""Atlassian's: the header's name is that of SHA-1 elsewhere."""


def standard(family: str) -> Hmac:
    """Return the scheme of Standard Webhooks, by how its headers begin."""
    return Hmac(
        header=f"{family}-signature",
        signed="{id}.{timestamp}.{body}",
        prefix="v1,",
        separator=" ",
        encoding="base64",
        key="whsec",
        id=f"{family}-id",
        timestamp=f"{family}-timestamp",
        clock=FIVE_MINUTES,
    )


STANDARD = standard("webhook")
SVIX = (standard("svix"), STANDARD)


def forge(header: str, prefix: str = "") -> Hmac:
    """Return the scheme of Gitea and its kin, who sign the JSON inside a form."""
    return Hmac(header=header, prefix=prefix, content=inner_json, empty_is_unsigned=True)


GITEA = (forge("X-Gitea-Signature"), forge("X-Hub-Signature-256", "sha256="))

STANDARD_ASYMMETRIC = PublicKey(
    header="webhook-signature",
    signed="{id}.{timestamp}.{body}",
    prefix="v1a,",
    separator=" ",
    encoding="base64",
    cipher="Ed25519",
    key="base64",
    public="whpk_",
    private="whsk_",
    id="webhook-id",
    timestamp="webhook-timestamp",
    clock=FIVE_MINUTES,
)
DISCORD = PublicKey(
    header="X-Signature-Ed25519",
    signed="{timestamp}{body}",
    cipher="Ed25519",
    key="hex",
    timestamp="X-Signature-Timestamp",
)
SENDGRID = PublicKey(
    header="X-Twilio-Email-Event-Webhook-Signature",
    signed="{timestamp}{body}",
    encoding="base64",
    cipher="ECDSA P-256",
    key="base64",
    timestamp="X-Twilio-Email-Event-Webhook-Timestamp",
)
TWILIO = Twilio(
    header="X-Twilio-Signature",
    signed="{url}{body}",
    algorithm="sha1",
    encoding="base64",
    content=sorted_fields,
    content_is="the sorted fields of the form",
)
TWILIO_SHA256 = replace(
    TWILIO,
    algorithm="sha256",
    when=("X-Twilio-Webhooks-Signature-Settings", "algorithm=HMAC_SHA256"),
)
CONTENTFUL = Contentful(
    header="X-Contentful-Signature",
    id="X-Contentful-Signed-Headers",
    timestamp="X-Contentful-Timestamp",
    clock=Clock(unit="milliseconds", tolerance=30, future=False),
    content_is="the method, the path, the signed headers and the raw body",
)
HOOK0_V0 = Hmac(
    header="X-Hook0-Signature",
    signed="{timestamp}.{body}",
    prefix="v0=",
    separator=",",
    timestamp="t=",
    clock=FIVE_MINUTES,
)
HOOK0 = Hook0(
    header="X-Hook0-Signature",
    prefix="v1=",
    separator=",",
    timestamp="t=",
    clock=FIVE_MINUTES,
    content_is="the time, the signed headers and the raw body",
)

ADYEN_ITEM = ".notificationItems[0].NotificationRequestItem"

GITHUB = Provider(
    name="github",
    title="GitHub",
    markers=("x-github-event",),
    user_agent="github-hookshot",
    event=("x-github-event",),
    action=".action",
    delivery_id=("x-github-delivery",),
    schemes=(HUB_256, HUB_SHA1),
    deadline_s=10,
    retries=False,
    docs="https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries",
)

PROVIDERS = (
    Provider(
        name="forgejo",
        title="Forgejo",
        markers=("x-forgejo-event",),
        event=("x-forgejo-event",),
        action=".action",
        delivery_id=("x-forgejo-delivery", "x-gitea-delivery"),
        schemes=(forge("X-Forgejo-Signature"), *GITEA),
        deadline_s=5,
        retries=False,
        docs="https://forgejo.org/docs/latest/user/webhooks/",
    ),
    Provider(
        name="gitea",
        title="Gitea",
        markers=("x-gitea-event",),
        event=("x-gitea-event",),
        action=".action",
        delivery_id=("x-gitea-delivery",),
        schemes=GITEA,
        deadline_s=5,
        retries=False,
        docs="https://docs.gitea.com/usage/webhooks",
    ),
    Provider(
        name="gogs",
        title="Gogs",
        markers=("x-gogs-event",),
        event=("x-gogs-event",),
        action=".action",
        delivery_id=("x-gogs-delivery",),
        schemes=(forge("X-Gogs-Signature"),),
        deadline_s=5,
        retries=False,
        docs="https://gogs.io/docs/features/webhook",
    ),
    GITHUB,
    Provider(
        name="gitlab",
        title="GitLab",
        markers=(
            "x-gitlab-event",
            "x-gitlab-token",
        ),
        event=("x-gitlab-event", ".object_kind"),
        delivery_id=("idempotency-key", "x-gitlab-event-uuid"),
        schemes=(STANDARD, Token(header="X-Gitlab-Token")),
        deadline_s=10,
        retries=False,
        docs="https://docs.gitlab.com/user/project/integrations/webhooks/",
    ),
    Provider(
        name="gitlab-signing",
        title="GitLab",
        kin=("gitlab",),
        markers=("x-gitlab-event", "x-gitlab-token"),
        event=("x-gitlab-event", ".object_kind"),
        delivery_id=("idempotency-key", "webhook-id", "x-gitlab-event-uuid"),
        schemes=(STANDARD, Token(header="X-Gitlab-Token")),
        deadline_s=10,
        retries=False,
        docs="https://docs.gitlab.com/user/project/integrations/webhooks/",
    ),
    Provider(
        name="stripe",
        title="Stripe",
        markers=("stripe-signature",),
        event=(".type",),
        delivery_id=(".id",),
        schemes=(
            Hmac(
                header="Stripe-Signature",
                signed="{timestamp}.{body}",
                prefix="v1=",
                separator=",",
                timestamp="t=",
                clock=PAST_FIVE_MINUTES,
            ),
        ),
        deadline_s=10,
        retries=True,
        docs="https://docs.stripe.com/webhooks#verify-official-libraries",
    ),
    Provider(
        name="slack",
        title="Slack",
        markers=("x-slack-signature",),
        event=(".event.type", ".type", ".command"),
        delivery_id=(".event_id",),
        schemes=(
            Hmac(
                header="X-Slack-Signature",
                signed="v0:{timestamp}:{body}",
                prefix="v0=",
                timestamp="X-Slack-Request-Timestamp",
                clock=FIVE_MINUTES,
            ),
        ),
        deadline_s=3,
        retries=True,
        docs="https://docs.slack.dev/authentication/verifying-requests-from-slack",
    ),
    Provider(
        name="zoom",
        title="Zoom",
        markers=("x-zm-signature",),
        event=(".event",),
        delivery_id=("x-zm-trackingid",),
        schemes=(
            Hmac(
                header="x-zm-signature",
                signed="v0:{timestamp}:{body}",
                prefix="v0=",
                timestamp="x-zm-request-timestamp",
                clock=FIVE_MINUTES,
            ),
        ),
        deadline_s=3,
        retries=True,
        docs="https://developers.zoom.us/docs/api/webhooks/#verify-webhook-events",
    ),
    Provider(
        name="shopify",
        title="Shopify",
        markers=(
            "x-shopify-hmac-sha256",
            "shopify-hmac-sha256",
            "x-shopify-topic",
        ),
        event=("x-shopify-topic",),
        delivery_id=("x-shopify-webhook-id", "x-shopify-event-id"),
        schemes=(
            Hmac(header="X-Shopify-Hmac-Sha256", encoding="base64"),
            Hmac(header="shopify-hmac-sha256", encoding="base64"),
        ),
        deadline_s=5,
        retries=True,
        docs="https://shopify.dev/docs/apps/build/webhooks/subscribe/https#step-2-validate-the-origin-of-your-webhook-to-ensure-its-coming-from-shopify",
    ),
    Provider(
        name="twilio",
        title="Twilio",
        markers=("x-twilio-signature",),
        event=(".SmsStatus", ".MessageStatus", ".CallStatus"),
        delivery_id=("i-twilio-idempotency-token", ".MessageSid", ".CallSid"),
        schemes=(TWILIO_SHA256, TWILIO),
        deadline_s=15,
        retries=False,
        docs="https://www.twilio.com/docs/usage/webhooks/webhooks-security",
    ),
    Provider(
        name="sendgrid",
        title="SendGrid",
        markers=("x-twilio-email-event-webhook-signature",),
        event=(".[0].event",),
        delivery_id=(".[0].sg_event_id",),
        schemes=(SENDGRID,),
        deadline_s=10,
        retries=True,
        docs="https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features",
    ),
    Provider(
        name="discord",
        title="Discord",
        markers=("x-signature-ed25519",),
        event=(".event.type", ".type"),
        delivery_id=(".id",),
        schemes=(DISCORD,),
        deadline_s=3,
        retries=False,
        docs="https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint-validating-security-request-headers",
    ),
    Provider(
        name="twitch",
        title="Twitch",
        markers=(
            "twitch-eventsub-message-id",
            "twitch-eventsub-message-signature",
        ),
        event=("twitch-eventsub-subscription-type", "twitch-eventsub-message-type"),
        delivery_id=("twitch-eventsub-message-id",),
        schemes=(
            Hmac(
                header="Twitch-Eventsub-Message-Signature",
                signed="{id}{timestamp}{body}",
                prefix="sha256=",
                id="Twitch-Eventsub-Message-Id",
                timestamp="Twitch-Eventsub-Message-Timestamp",
                clock=Clock(unit="ISO 8601", tolerance=600, future=False),
            ),
        ),
        deadline_s=10,
        retries=True,
        docs="https://dev.twitch.tv/docs/eventsub/handling-webhook-events#verifying-the-event-message",
    ),
    Provider(
        name="linear",
        title="Linear",
        markers=(
            "linear-signature",
            "linear-event",
        ),
        event=("linear-event", ".type"),
        action=".action",
        delivery_id=("linear-delivery",),
        schemes=(
            Hmac(
                header="Linear-Signature",
                timestamp=".webhookTimestamp",
                clock=Clock(unit="milliseconds", tolerance=60),
            ),
        ),
        deadline_s=5,
        retries=True,
        docs="https://linear.app/developers/webhooks#securing-webhooks",
    ),
    Provider(
        name="pagerduty",
        title="PagerDuty",
        markers=("x-pagerduty-signature",),
        event=(".event.event_type",),
        delivery_id=(".event.id", "x-webhook-id"),
        schemes=(Hmac(header="X-PagerDuty-Signature", prefix="v1=", separator=","),),
        deadline_s=5,
        retries=True,
        docs="https://developer.pagerduty.com/docs/verifying-webhook-signatures",
    ),
    Provider(
        name="line",
        title="LINE",
        markers=("x-line-signature",),
        event=(".events[0].type",),
        delivery_id=(".events[0].webhookEventId",),
        schemes=(Hmac(header="x-line-signature", encoding="base64"),),
        deadline_s=2,
        retries=False,
        docs="https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/",
    ),
    Provider(
        name="square",
        title="Square",
        markers=("x-square-hmacsha256-signature",),
        event=(".type",),
        delivery_id=(".event_id",),
        schemes=(
            Hmac(header="x-square-hmacsha256-signature", signed="{url}{body}", encoding="base64"),
        ),
        deadline_s=10,
        retries=True,
        docs="https://developer.squareup.com/docs/webhooks/step3validate",
    ),
    Provider(
        name="paddle",
        title="Paddle",
        markers=("paddle-signature",),
        event=(".event_type",),
        delivery_id=(".event_id", ".notification_id"),
        schemes=(
            Hmac(
                header="Paddle-Signature",
                signed="{timestamp}:{body}",
                prefix="h1=",
                separator=";",
                timestamp="ts=",
                clock=Clock(tolerance=5),
            ),
        ),
        deadline_s=5,
        retries=True,
        docs="https://developer.paddle.com/webhooks/signature-verification",
    ),
    Provider(
        name="hubspot",
        title="HubSpot",
        markers=(
            "x-hubspot-signature-v3",
            "x-hubspot-signature",
        ),
        event=(".[0].subscriptionType",),
        delivery_id=(".[0].eventId",),
        schemes=(
            Hmac(
                header="X-HubSpot-Signature-v3",
                signed="{method}{url}{body}{timestamp}",
                encoding="base64",
                timestamp="X-HubSpot-Request-Timestamp",
                clock=Clock(unit="milliseconds", tolerance=300, future=False),
            ),
            PlainHash(
                header="X-HubSpot-Signature",
                signed="{method}{url}{body}",
                when=("X-HubSpot-Signature-Version", "v2"),
            ),
            PlainHash(header="X-HubSpot-Signature"),
        ),
        deadline_s=5,
        retries=True,
        docs="https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation",
    ),
    Provider(
        name="zendesk",
        title="Zendesk",
        markers=("x-zendesk-webhook-signature",),
        event=(".type",),
        delivery_id=("x-zendesk-webhook-invocation-id",),
        schemes=(
            Hmac(
                header="X-Zendesk-Webhook-Signature",
                signed="{timestamp}{body}",
                encoding="base64",
                timestamp="X-Zendesk-Webhook-Signature-Timestamp",
                clock=Clock(unit="ISO 8601"),
            ),
        ),
        deadline_s=12,
        retries=True,
        docs="https://developer.zendesk.com/documentation/webhooks/verifying/",
    ),
    Provider(
        name="circleci",
        title="CircleCI",
        markers=(
            "circleci-signature",
            "circleci-event-type",
        ),
        event=("circleci-event-type", ".type"),
        delivery_id=(".id",),
        schemes=(Hmac(header="circleci-signature", prefix="v1=", separator=","),),
        deadline_s=10,
        retries=True,
        docs="https://circleci.com/docs/guides/integration/outbound-webhooks/#validate-webhooks",
    ),
    Provider(
        name="vercel",
        title="Vercel",
        markers=("x-vercel-signature",),
        event=(".type",),
        delivery_id=(".id",),
        schemes=(Hmac(header="x-vercel-signature", algorithm="sha1"),),
        deadline_s=30,
        retries=True,
        docs="https://vercel.com/docs/webhooks/webhooks-api#securing-webhooks",
    ),
    Provider(
        name="docusign",
        title="DocuSign",
        markers=("x-docusign-signature-1",),
        event=(".event",),
        schemes=(Hmac(header="X-DocuSign-Signature-", encoding="base64", numbered=True),),
        deadline_s=100,
        retries=True,
        docs="https://developers.docusign.com/platform/webhooks/connect/validate/",
    ),
    Provider(
        name="dropbox",
        title="Dropbox",
        markers=("x-dropbox-signature",),
        schemes=(Hmac(header="X-Dropbox-Signature"),),
        deadline_s=10,
        retries=True,
        docs="https://www.dropbox.com/developers/reference/webhooks#notifications",
    ),
    Provider(
        name="calendly",
        title="Calendly",
        markers=("calendly-webhook-signature",),
        event=(".event",),
        schemes=(
            Hmac(
                header="Calendly-Webhook-Signature",
                signed="{timestamp}.{body}",
                prefix="v1=",
                separator=",",
                timestamp="t=",
                clock=FIVE_MINUTES,
            ),
        ),
        deadline_s=10,
        retries=True,
        docs="https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures",
    ),
    Provider(
        name="typeform",
        title="Typeform",
        markers=("typeform-signature",),
        event=(".event_type",),
        delivery_id=(".event_id",),
        schemes=(Hmac(header="Typeform-Signature", prefix="sha256=", encoding="base64"),),
        deadline_s=30,
        retries=True,
        docs="https://www.typeform.com/developers/webhooks/secure-your-webhooks/",
    ),
    Provider(
        name="telegram",
        title="Telegram",
        markers=("x-telegram-bot-api-secret-token",),
        delivery_id=(".update_id",),
        schemes=(Token(header="X-Telegram-Bot-Api-Secret-Token"),),
        deadline_s=60,
        retries=True,
        docs="https://core.telegram.org/bots/api#setwebhook",
    ),
    Provider(
        name="sns",
        title="AWS SNS",
        markers=("x-amz-sns-message-type",),
        event=("x-amz-sns-message-type", ".Type"),
        delivery_id=("x-amz-sns-message-id", ".MessageId"),
        schemes=(Sns(),),
        deadline_s=15,
        retries=True,
        docs="https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html",
    ),
    Provider(
        name="sentry",
        title="Sentry",
        markers=(
            "sentry-hook-resource",
            "sentry-hook-signature",
        ),
        event=("sentry-hook-resource",),
        action=".action",
        delivery_id=("request-id",),
        schemes=(Hmac(header="Sentry-Hook-Signature"),),
        deadline_s=1,
        retries=False,
        docs="https://docs.sentry.io/organization/integrations/integration-platform/webhooks/#verifying-the-signature",
    ),
    Provider(
        name="contentful",
        title="Contentful",
        markers=(
            "x-contentful-signature",
            "x-contentful-topic",
        ),
        event=("x-contentful-topic",),
        schemes=(CONTENTFUL,),
        deadline_s=30,
        retries=True,
        docs="https://www.contentful.com/developers/docs/webhooks/request-verification/",
    ),
    Provider(
        name="woocommerce",
        title="WooCommerce",
        markers=(
            "x-wc-webhook-signature",
            "x-wc-webhook-topic",
            "x-wc-webhook-source",
            "x-wc-webhook-resource",
            "x-wc-webhook-event",
            "x-wc-webhook-id",
            "x-wc-webhook-delivery-id",
        ),
        event=("x-wc-webhook-topic",),
        delivery_id=("x-wc-webhook-delivery-id",),
        schemes=(Hmac(header="X-WC-Webhook-Signature", encoding="base64"),),
        deadline_s=60,
        retries=False,
        docs="https://developer.woocommerce.com/docs/best-practices/data-management/using-webhooks/",
    ),
    Provider(
        name="xero",
        title="Xero",
        markers=("x-xero-signature",),
        event=(".events[0].eventCategory",),
        action=".events[0].eventType",
        schemes=(Hmac(header="x-xero-signature", encoding="base64"),),
        deadline_s=5,
        retries=True,
        docs="https://developer.xero.com/documentation/guides/webhooks/configuring-your-server/",
    ),
    Provider(
        name="razorpay",
        title="Razorpay",
        markers=(
            "x-razorpay-signature",
            "x-razorpay-event-id",
        ),
        event=(".event",),
        delivery_id=("x-razorpay-event-id",),
        schemes=(Hmac(header="X-Razorpay-Signature"),),
        deadline_s=5,
        retries=True,
        docs="https://razorpay.com/docs/webhooks/validate-test/",
    ),
    Provider(
        name="coinbase-commerce",
        title="Coinbase Commerce",
        markers=("x-cc-webhook-signature",),
        event=(".event.type",),
        delivery_id=(".event.id",),
        schemes=(Hmac(header="X-CC-Webhook-Signature"),),
        deadline_s=10,
        retries=True,
        docs="https://docs.cdp.coinbase.com/commerce/webhooks#webhook-security",
    ),
    Provider(
        name="hook0",
        title="Hook0",
        markers=("x-hook0-signature",),
        event=("x-event-type",),
        delivery_id=("x-event-id",),
        schemes=(HOOK0, HOOK0_V0),
        deadline_s=15,
        retries=True,
        docs="https://documentation.hook0.com/docs/verifying-webhook-signatures",
    ),
    Provider(
        name="notion",
        title="Notion",
        markers=("x-notion-signature",),
        event=(".type",),
        delivery_id=(".id",),
        schemes=(Hmac(header="X-Notion-Signature", prefix="sha256="),),
        deadline_s=10,
        retries=True,
        docs="https://developers.notion.com/reference/webhooks#step-3-validating-event-payloads-recommended",
    ),
    Provider(
        name="asana",
        title="Asana",
        markers=(
            "x-hook-signature",
            "x-hook-secret",
        ),
        event=(".events[0].action",),
        schemes=(Hmac(header="X-Hook-Signature"),),
        deadline_s=10,
        retries=True,
        docs="https://developers.asana.com/docs/webhooks-guide#security",
    ),
    Provider(
        name="trello",
        title="Trello",
        markers=("x-trello-webhook",),
        event=(".action.type",),
        delivery_id=(".action.id",),
        schemes=(
            Hmac(
                header="X-Trello-Webhook", signed="{body}{url}", algorithm="sha1", encoding="base64"
            ),
        ),
        deadline_s=10,
        retries=True,
        docs="https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/#webhook-signatures",
    ),
    Provider(
        name="heroku",
        title="Heroku",
        markers=("heroku-webhook-hmac-sha256",),
        event=(".resource",),
        action=".action",
        delivery_id=(".id",),
        schemes=(Hmac(header="Heroku-Webhook-Hmac-SHA256", encoding="base64"),),
        deadline_s=20,
        retries=True,
        docs="https://devcenter.heroku.com/articles/app-webhooks#securing-webhook-requests",
    ),
    Provider(
        name="calcom",
        title="Cal.com",
        markers=("x-cal-signature-256",),
        event=(".triggerEvent",),
        schemes=(Hmac(header="X-Cal-Signature-256"),),
        deadline_s=10,
        retries=False,
        docs="https://cal.com/docs/developing/guides/automation/webhooks#verifying-the-authenticity-of-the-received-payload",
    ),
    Provider(
        name="clerk",
        title="Clerk",
        kin=("svix",),
        markers=("svix-id", "svix-signature"),
        event=(".type",),
        delivery_id=("svix-id",),
        schemes=SVIX,
        deadline_s=15,
        retries=True,
        docs="https://clerk.com/docs/guides/development/webhooks/syncing",
    ),
    Provider(
        name="resend",
        title="Resend",
        kin=("svix",),
        markers=("svix-id", "svix-signature"),
        event=(".type",),
        delivery_id=("svix-id",),
        schemes=SVIX,
        deadline_s=15,
        retries=True,
        docs="https://resend.com/docs/webhooks/verify-webhooks-requests",
    ),
    Provider(
        name="svix",
        title="Svix",
        kin=("clerk", "resend"),
        markers=("svix-id", "svix-signature"),
        event=(".type",),
        delivery_id=("svix-id",),
        schemes=SVIX,
        deadline_s=15,
        retries=True,
        docs="https://docs.svix.com/receiving/verifying-payloads/how-manual",
    ),
    Provider(
        name="standard-webhooks",
        title="Standard Webhooks",
        markers=("webhook-signature",),
        event=(".type",),
        delivery_id=("webhook-id",),
        schemes=(STANDARD, STANDARD_ASYMMETRIC),
        deadline_s=15,
        retries=True,
        docs="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
    ),
    Provider(
        name="bitbucket",
        title="Bitbucket",
        markers=("x-event-key",),
        event=("x-event-key",),
        delivery_id=("x-request-uuid", "x-request-id"),
        schemes=(HUB_SHA256,),
        deadline_s=10,
        retries=True,
        docs="https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/",
    ),
    Provider(
        name="jira",
        title="Jira",
        markers=("x-atlassian-webhook-identifier",),
        event=(".webhookEvent",),
        delivery_id=("x-atlassian-webhook-identifier",),
        schemes=(HUB_SHA256,),
        deadline_s=30,
        retries=True,
        docs="https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks",
    ),
    Provider(
        name="intercom",
        title="Intercom",
        markers=("x-hub-signature",),
        event=(".topic",),
        delivery_id=(".id",),
        schemes=(HUB_SHA1,),
        deadline_s=5,
        retries=True,
        docs="https://developers.intercom.com/docs/webhooks/setting-up-webhooks#signed-notifications",
    ),
    Provider(
        name="meta",
        title="Meta",
        markers=("x-hub-signature-256",),
        event=(".object",),
        action=".entry[0].changes[0].field",
        delivery_id=(".entry[0].changes[0].value.messages[0].id",),
        schemes=(HUB_256,),
        deadline_s=5,
        retries=True,
        docs="https://developers.facebook.com/docs/graph-api/webhooks/getting-started#validate-payloads",
    ),
    Provider(
        name="netlify",
        title="Netlify",
        markers=("x-netlify-event", "x-webhook-signature"),
        event=("x-netlify-event",),
        schemes=(Netlify(header="X-Webhook-Signature"),),
        deadline_s=10,
        retries=False,
        docs="https://docs.netlify.com/deploy/deploy-notifications/#payload-signature",
    ),
    Provider(
        name="lemonsqueezy",
        title="Lemon Squeezy",
        markers=("x-event-name",),
        event=("x-event-name",),
        schemes=(Hmac(header="X-Signature"),),
        deadline_s=10,
        retries=True,
        docs="https://docs.lemonsqueezy.com/help/webhooks/signing-requests",
    ),
    Provider(
        name="mailgun",
        title="Mailgun",
        event=(".event-data.event", ".event"),
        delivery_id=(".signature.token", ".token"),
        schemes=(Mailgun(clock=Clock(tolerance=900)),),
        deadline_s=10,
        retries=True,
        docs="https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks",
    ),
    Provider(
        name="adyen",
        title="Adyen",
        markers=("hmacsignature",),
        event=(f"{ADYEN_ITEM}.eventCode", ".type"),
        delivery_id=(f"{ADYEN_ITEM}.pspReference {ADYEN_ITEM}.eventCode",),
        schemes=(
            Hmac(header="HmacSignature", encoding="base64", key="hex"),
            AdyenItems(),
        ),
        deadline_s=10,
        retries=True,
        docs="https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures/",
    ),
    Provider(
        name="monday",
        title="monday.com",
        schemes=(Monday(header="Authorization"),),
        deadline_s=10,
        retries=True,
        docs="https://developer.monday.com/apps/docs/integration-authorization",
    ),
    Provider(
        name="mailchimp",
        title="Mailchimp",
        schemes=(QueryToken(),),
        deadline_s=10,
        retries=True,
        docs="https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/",
    ),
    Provider(
        name="okta",
        title="Okta",
        schemes=(Token(header="Authorization"),),
        deadline_s=3,
        retries=True,
        docs="https://developer.okta.com/docs/concepts/event-hooks/",
    ),
    Provider(
        name="microsoft-graph",
        title="Microsoft Graph",
        schemes=(ClientState(),),
        deadline_s=10,
        retries=True,
        docs="https://learn.microsoft.com/graph/change-notifications-delivery-webhooks",
    ),
    Provider(
        name="postmark",
        title="Postmark",
        schemes=(Token(header="Authorization", prefix="Basic ", basic=True),),
        deadline_s=120,
        retries=True,
        docs="https://postmarkapp.com/developer/webhooks/webhooks-overview#protecting-your-webhook",
    ),
    Provider(
        name="chargebee",
        title="Chargebee",
        schemes=(Token(header="Authorization", prefix="Basic ", basic=True),),
        deadline_s=60,
        retries=True,
        docs="https://www.chargebee.com/docs/billing/2.0/site-configuration/webhook_settings",
    ),
    Provider(
        name="supabase",
        title="Supabase",
        schemes=(Token(header="Authorization", prefix="Bearer "),),
        deadline_s=5,
        retries=False,
        docs="https://supabase.com/docs/guides/database/webhooks",
    ),
)
"""Earlier ones win where several fit."""
