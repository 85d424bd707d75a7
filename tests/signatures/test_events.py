"""Events, actions and delivery ids, read from headers, JSON and forms."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import HELD_BODY, Headers
from hookcli.payload import FORM
from hookcli.signatures.events import Seen, action_of, delivery_id_of, event_of
from hookcli.signatures.providers import PROVIDERS, Provider

BY_NAME = {provider.name: provider for provider in PROVIDERS}
Headings = dict[str, str]
JSON = {"Content-Type": "application/json"}


def seen(body: bytes, headers: Headings = JSON) -> Seen:
    """Return a request as it is looked at."""
    return Seen(Headers(headers.items()), body)


SAID = r"""
github | X-GitHub-Event: push; X-GitHub-Delivery: 72d3 | | push | - | 72d3
github | X-GitHub-Event: issues | {"action":"opened"} | issues | opened | -
github | X-GitHub-Event: issues | payload=%7B%22action%22%3A%22opened%22%7D | issues | opened | -
gitlab | X-Gitlab-Event: Push Hook; Idempotency-Key: 5 | | Push Hook | - | 5
gitlab | X-Gitlab-Event-UUID: 6 | {"object_kind":"push"} | push | - | 6
gitlab-signing | X-Gitlab-Event: Push Hook; webhook-id: 7 | | Push Hook | - | 7
bitbucket | X-Event-Key: repo:push; X-Request-UUID: 1 | | repo:push | - | 1
bitbucket | X-Event-Key: repo:push; X-Request-Id: 2 | | repo:push | - | 2
gitea | X-Gitea-Event: issues; X-Gitea-Delivery: 3 | {"action":"opened"} | issues | opened | 3
forgejo | X-Forgejo-Event: push; X-Gitea-Delivery: 3 | | push | - | 3
stripe | | {"id":"evt_1","data":{"id":"no"},"type":"invoice.paid"} | invoice.paid | - | evt_1
stripe | | {"object":"v2.core.event","id":"evt_2","type":"v2.a"} | v2.a | - | evt_2
standard-webhooks | webhook-id: 1 | {"type":"a.b"} | a.b | - | 1
svix | svix-id: msg_1 | {"type":"a.b"} | a.b | - | msg_1
slack | | {"type":"e","event":{"type":"app_mention"},"event_id":"E"} | app_mention | - | E
slack | | {"type":"url_verification"} | url_verification | - | -
slack | | command=%2Fdeploy&text=now | /deploy | - | -
slack | | payload=%7B%22type%22%3A%22block_actions%22%7D | block_actions | - | -
shopify | X-Shopify-Topic: orders/create; X-Shopify-Webhook-Id: a | | orders/create | - | a
twilio | | SmsStatus=received&MessageSid=SM1 | received | - | SM1
twilio | I-Twilio-Idempotency-Token: t | CallStatus=ringing&CallSid=CA1 | ringing | - | t
sendgrid | | [{"event":"open","sg_event_id":"s"}] | open | - | s
mailgun | | {"signature":{"token":"t"},"event-data":{"event":"failed"}} | failed | - | t
mailgun | | event=opened&token=k | opened | - | k
discord | | {"type":2,"id":"7"} | 2 | - | 7
discord | | {"type":1,"event":{"type":"APPLICATION_AUTHORIZED"}} | APPLICATION_AUTHORIZED | - | -
twitch | Twitch-Eventsub-Subscription-Type: a; Twitch-Eventsub-Message-Id: e | | a | - | e
twitch | Twitch-Eventsub-Message-Type: revocation | | revocation | - | -
linear | Linear-Event: Issue; Linear-Delivery: l | {"action":"create"} | Issue | create | l
pagerduty | | {"event":{"id":"01B","event_type":"incident.ok"}} | incident.ok | - | 01B
zoom | x-zm-trackingid: z | {"event":"meeting.started"} | meeting.started | - | z
meta | | {"object":"page","entry":[{"changes":[{"field":"feed"}]}]} | page | feed | -
meta | | {"entry":[{"changes":[{"value":{"messages":[{"id":"wamid"}]}}]}]} | - | - | wamid
line | | {"events":[{"type":"message","webhookEventId":"0"}]} | message | - | 0
line | | {"events":[]} | - | - | -
square | | {"type":"payment.created","event_id":"q"} | payment.created | - | q
paddle | | {"event_type":"a.b","event_id":"evt","notification_id":"n"} | a.b | - | evt
hubspot | | [{"subscriptionType":"contact.creation","eventId":1}] | contact.creation | - | 1
intercom | | {"topic":"ping","id":"notif_1"} | ping | - | notif_1
zendesk | X-Zendesk-Webhook-Invocation-Id: i | {"type":"zen:x"} | zen:x | - | i
jira | X-Atlassian-Webhook-Identifier: j | {"webhookEvent":"jira:x"} | jira:x | - | j
circleci | circleci-event-type: job-completed | {"id":"c"} | job-completed | - | c
vercel | | {"id":"u","type":"deployment.created"} | deployment.created | - | u
netlify | X-Netlify-Event: deploy_created | {"id":"no"} | deploy_created | - | -
docusign | | {"event":"envelope-completed"} | envelope-completed | - | -
calendly | | {"event":"invitee.created"} | invitee.created | - | -
typeform | | {"event_id":"t","event_type":"form_response"} | form_response | - | t
telegram | | {"update_id":10000,"message":{}} | - | - | 10000
sns | x-amz-sns-message-type: Notification; x-amz-sns-message-id: m | | Notification | - | m
sns | | {"Type":"Notification","MessageId":"m"} | Notification | - | m
sentry | Sentry-Hook-Resource: issue; Request-ID: r | {"action":"created"} | issue | created | r
contentful | X-Contentful-Topic: Entry.publish | | Entry.publish | - | -
woocommerce | X-WC-Webhook-Topic: a.b; X-WC-Webhook-Delivery-ID: w | | a.b | - | w
xero | | {"events":[{"eventCategory":"INVOICE","eventType":"UPDATE"}]} | INVOICE | UPDATE | -
razorpay | x-razorpay-event-id: r | {"event":"order.paid"} | order.paid | - | r
adyen | | {"notificationItems":[{"NotificationRequestItem":{"pspReference":"7"}}]} | - | - | -
lemonsqueezy | X-Event-Name: order_created | | order_created | - | -
notion | | {"id":"n","type":"page.moved"} | page.moved | - | n
asana | | {"events":[{"action":"changed"}]} | changed | - | -
trello | | {"action":{"type":"updateBoard","id":"5"}} | updateBoard | - | 5
coinbase-commerce | | {"event":{"id":"2","type":"charge:created"}} | charge:created | - | 2
hook0 | X-Event-Type: a.b; X-Event-Id: h | | a.b | - | h
heroku | | {"id":"h","action":"create","resource":"release"} | release | create | h
calcom | | {"triggerEvent":"BOOKING_CREATED"} | BOOKING_CREATED | - | -
"""
"""Provider, headers and body; and then event, action and delivery id."""


@pytest.mark.parametrize("said", SAID.strip().splitlines())
def test_reads_names_where_each_provider_has_them(said: str) -> None:
    name, given, body, *expected = (part.strip() for part in said.split("|"))
    headers = {"Content-Type": "application/json" if body[:1] in {"{", "["} else FORM}
    headers |= dict(header.strip().split(": ") for header in given.split(";") if header)
    request = seen(body.encode(), headers)
    provider = BY_NAME[name]

    found = [of(provider, request) or "-" for of in (event_of, action_of, delivery_id_of)]

    assert found == expected


def test_a_name_of_two_parts_needs_both() -> None:
    """One event of Adyen may come with several payments, and one payment with several events."""
    item = '{"notificationItems":[{"NotificationRequestItem":{"eventCode":"CAPTURE"%s}}]}'
    named, nameless = (seen((item % rest).encode()) for rest in (',"pspReference":"7"', ""))

    assert delivery_id_of(BY_NAME["adyen"], named) == "7:CAPTURE"
    assert event_of(BY_NAME["adyen"], nameless) == "CAPTURE"
    assert delivery_id_of(BY_NAME["adyen"], nameless) is None


@pytest.mark.parametrize(
    "value", ["7.5", "true", "null", "[]", "{}", '""', f'"{"x" * 1001}"', '["a"]']
)
def test_what_is_no_name_names_nothing(value: str) -> None:
    assert seen(b'{"type":%s}' % value.encode()).text(".type") is None


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"a":{"type":"no"},"type":"yes","b":{"type":"no"}}', "yes"),
        (b'{"type":"no","type":"yes"}', "yes"),
        (b'{"a":{"type":"no"}}', None),
        (b'{"a":"\\"type\\":\\"no\\""}', None),
        (b'{"t\\u0079pe":"yes"}', "yes"),
        (b'[{"type":"no"}]', None),
        (b'{"type":"no"', None),
        (b'"type"', None),
        (b"", None),
    ],
)
def test_is_fooled_neither_by_deeper_nor_by_repeated_names(body: bytes, found: str | None) -> None:
    """A name is what the payload of the record has, too."""
    assert seen(body).text(".type") == found


def test_reads_what_is_compressed() -> None:
    zipped = seen(gzip.compress(b'{"type":"a"}'), JSON | {"Content-Encoding": "gzip"})

    assert zipped.text(".type") == "a"
    assert zipped.may_hold(b"anything")


def test_a_large_body_is_not_parsed() -> None:
    fits = b'{"type":"a","x":"%s"}' % (b"x" * (HELD_BODY - 19))

    assert len(fits) == HELD_BODY
    assert seen(fits).text(".type") == "a"
    assert seen(fits + b" ").text(".type") is None


def test_a_bomb_is_not_parsed() -> None:
    bomb = gzip.compress(b'{"type":"a"}' + b" " * HELD_BODY)

    assert seen(bomb, JSON | {"Content-Encoding": "gzip"}).text(".type") is None


latin = st.text(st.characters(codec="latin-1"))
json_like = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["type", "event", "events", "entry", "notificationItems", "action"]),
            inner,
        )
    ),
    max_leaves=8,
).map(lambda value: repr(value).replace("'", '"').replace("None", "null").encode())


@given(
    st.sampled_from(PROVIDERS),
    st.dictionaries(latin | st.just("Content-Type"), latin | st.sampled_from([FORM, "a/json"])),
    st.binary() | json_like,
)
def test_no_body_makes_it_fail(provider: Provider, headers: Headings, body: bytes) -> None:
    found = seen(body, headers)

    for of in (event_of, action_of, delivery_id_of):
        assert isinstance(of(provider, found) or "", str)
