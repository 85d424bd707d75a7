"""Each provider is told from all others, in the one order that does."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import Headers
from hookcli.payload import FORM
from hookcli.signatures.detection import detect
from hookcli.signatures.providers import PROVIDERS

DATA = Path(__file__).parent.parent / "data" / "signature-vectors.ndjson"
VECTORS = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
NAMES = sorted({vector["provider"] for vector in VECTORS})

FAMILY = {"clerk": "svix", "resend": "svix"}
"""Who is taken for whom where the body does not tell."""


def sender(body: bytes | str = b"", **headers: str) -> str | None:
    """Name the sender of a request; `_` stands for `-` in the names of headers."""
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    found = detect(Headers(pairs), body.encode() if isinstance(body, str) else body)
    return found.name if found else None


@pytest.mark.parametrize("name", NAMES)
def test_knows_the_vectors_of_a_provider(name: str) -> None:
    """At worst nobody is named, where what tells is what is broken; never somebody else."""
    found = [
        sender(b64decode(vector["body_b64"]), **dict(vector["headers"]))
        for vector in VECTORS
        if vector["provider"] == name
    ]

    assert name in found
    assert {*found} <= {name, FAMILY.get(name), None}
    assert found.count(None) <= len(found) / 3


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        (["X-GitHub-Event", "X-Gitea-Event", "X-Gogs-Event", "X-Forgejo-Event"], "forgejo"),
        (["X-GitHub-Event", "X-Gogs-Event", "X-Gitea-Event"], "gitea"),
        (["X-GitHub-Event", "X-Hub-Signature-256"], "github"),
        (["X-Gitlab-Event", "X-GitHub-Event"], "github"),
        (["X-Gitlab-Token"], "gitlab"),
        (["X-Gitlab-Event", "webhook-id", "webhook-signature"], "gitlab-signing"),
        (["X-Gitlab-Token", "webhook-signature"], "gitlab-signing"),
        (["Stripe-Signature", "svix-id"], "stripe"),
        (["X-Shopify-Topic"], "shopify"),
        (["shopify-hmac-sha256"], "shopify"),
        (["X-Hook-Secret"], "asana"),
        (["HmacSignature", "Protocol"], "adyen"),
        (["HmacSignature"], None),
        (["svix-id", "webhook-id", "webhook-signature"], "svix"),
        (["webhook-id", "webhook-signature", "X-Event-Key"], "standard-webhooks"),
        (["webhook-id"], None),
        (["X-Event-Key", "X-Hub-Signature"], "bitbucket"),
        (["X-Atlassian-Webhook-Identifier", "X-Hub-Signature"], "jira"),
        (["X-Hub-Signature"], None),
        (["X-Hub-Signature-256"], None),
        (["X-Netlify-Event"], "netlify"),
        (["X-Event-Name", "X-Signature"], "lemonsqueezy"),
        (["X-Event-Name"], None),
        (["X-Signature"], None),
        (["X-Webhook-Signature"], None),
        (["Host", "User-Agent"], None),
        ([], None),
    ],
)
def test_the_names_of_headers_tell_in_one_order(headers: list[str], name: str | None) -> None:
    """Those that send the headers of others as well come first."""
    assert sender(**dict.fromkeys(headers, "x")) == name
    assert sender(**{header.upper(): "" for header in reversed(headers)}) == name


def test_the_agent_tells_github() -> None:
    assert sender(User_Agent="GitHub-Hookshot/044aadd") == "github"
    assert sender(User_Agent="GitHub-Hookshot/044aadd", X_Gitea_Event="push") == "gitea"
    assert sender(User_Agent="GitHub-Hookshot/044aadd", X_Gitlab_Event="push") == "github"
    assert sender(User_Agent="curl/8 GitHub-Hookshot/044aadd") is None


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("user.created", "clerk"),
        ("session.ended", "clerk"),
        ("email.sent", "resend"),
        ("organization.created", "svix"),
        ("user", "svix"),
        ("", "svix"),
    ],
)
def test_of_those_behind_svix_the_type_tells_two(kind: str, name: str) -> None:
    assert sender(json.dumps({"type": kind, "data": {"type": "user.x"}}), svix_id="msg") == name


def test_of_those_with_hub_signatures_the_body_tells_two() -> None:
    intercom, meta = '{"type":"notification_event"}', '{"object":"page","entry":[]}'

    assert sender(intercom, X_Hub_Signature="sha1=00") == "intercom"
    assert sender(intercom, X_Hub_Signature="sha256=00") is None
    assert sender(intercom, X_Hub_Signature="sha1=0", X_Hub_Signature_256="sha256=0") is None
    assert sender(meta, X_Hub_Signature_256="sha256=00") == "meta"
    assert sender(meta, X_Hub_Signature="sha1=00") is None
    assert sender('{"object":"page"}', X_Hub_Signature_256="sha256=00") is None


def test_a_signature_in_three_parts_is_netlifys() -> None:
    assert sender(X_Webhook_Signature="a.b.c") == "netlify"
    assert sender(X_Webhook_Signature="a.b.c.d") is None


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ('{"signature":{"token":"t"},"event-data":{}}', "mailgun"),
        ('{"signature":{},"event-data":{}}', None),
        ('{"x":{"signature":{"token":"t"},"event-data":{}}}', None),
        ('{"notificationItems":[]}', "adyen"),
        ('{"x":{"notificationItems":[]}}', None),
        ('{"SigningCertURL":"https://x","TopicArn":"arn"}', "sns"),
        ('{"SigningCertURL":"https://x"}', None),
        ('{"message":"SigningCertURL TopicArn notificationItems event-data"}', None),
    ],
)
def test_without_a_header_the_body_tells(body: str, name: str | None) -> None:
    """What stands in it at the top; whatever its type is said to be, and compressed or not."""
    assert sender(body) == name
    assert sender(body, Content_Type="text/plain; charset=UTF-8") == name
    assert sender(gzip.compress(body.encode()), Content_Encoding="gzip") == name


def test_the_fields_of_a_form_tell() -> None:
    fields = {"timestamp": "1", "token": "t", "signature": "s", "subject": "Hi"}

    assert sender(urlencode(fields), Content_Type=FORM) == "mailgun"
    assert sender(urlencode({**fields, "token": ""}), Content_Type=FORM) is None
    assert sender(urlencode(fields), Content_Type="text/plain") is None


latin = st.text(st.characters(codec="latin-1"))
markers = st.sampled_from(
    [
        *(marker for provider in PROVIDERS for marker in provider.markers),
        *("protocol", "x-signature", "webhook-signature", "content-type", "content-encoding"),
    ]
)
bodies = st.sampled_from([b64decode(vector["body_b64"]) for vector in VECTORS[::10]])


@given(
    st.lists(st.tuples(latin | markers, latin | st.sampled_from([FORM, "gzip"])), max_size=8),
    st.binary() | st.tuples(bodies, st.integers(0, 400)).map(lambda cut: cut[0][: cut[1]]),
)
def test_no_request_makes_it_fail(pairs: list[tuple[str, str]], body: bytes) -> None:
    found = detect(Headers(pairs), body)

    assert found is None or found in PROVIDERS
