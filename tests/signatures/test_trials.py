"""What is tried to find out why a signature is wrong."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from hookcli.payload import FORM
from tests.signatures.cases import BODY, KNOWN, NOW, SECRET, as_secret, signed, told

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("received", "how"),
    [
        (BODY + b"\n", "without the newline at its end"),
        (BODY.replace(b"\n", b"\r\n"), "with LF as its newlines"),
        (json.dumps(json.loads(BODY)).encode(), "as JSON indented by 2 spaces"),
        (
            json.dumps(json.loads(BODY), ensure_ascii=False).encode(),
            r"as JSON indented by 2 spaces with \uXXXX for what is not ASCII",
        ),
    ],
)
def test_tells_how_the_body_was_when_it_was_signed(received: bytes, how: str) -> None:
    said = told("github", signed("github").with_body(received))

    assert said.verdict.code == "body_changed"
    assert said.cause == f"right secret, but the body was signed {how}"
    assert said.do == ("let nothing between GitHub and here parse the body and write it anew",)


@pytest.mark.parametrize("name", ["github", "gitea", "square"])
@pytest.mark.parametrize("rows", [1, 150, 600])
def test_tells_it_of_large_bodies_too(name: str, rows: int) -> None:
    """Up to some 100 KB, whichever of the usual libraries wrote them anew."""
    row = {"name": "Zo\u00eb / <b>", "list": [1, 2, {"a": None}], "text": "x" * 80}
    body = json.dumps([row] * rows).encode()
    request = signed(name, body)
    value = json.loads(request.delivery.body)
    php = json.dumps(value, indent=4).replace("/", "\\/").encode()

    for original, received in ((request.delivery.body, php), (php, request.delivery.body)):
        sent = KNOWN[name].schemes[0].sign(request.with_body(original), SECRET)
        changed = replace(request, delivery=sent).with_body(received)

        assert told(name, changed).verdict.code == "body_changed"


def test_tells_that_a_form_was_decoded() -> None:
    request = signed("slack", urlencode({"text": "a + b", "c": "/d"}).encode(), kind=FORM)

    said = told("slack", request.with_body(b"text=a + b&c=/d"))

    assert said.verdict.code == "body_changed"
    assert said.cause.endswith("signed as a form, before it was decoded")


@pytest.mark.parametrize(
    ("value", "how"),
    [
        (f"{SECRET}\n", "without the white space around it"),
        (f'"{SECRET}"', "without the quotes around it"),
        (f"GITHUB_SECRET={SECRET}", "without the name and the = in front of it"),
        (SECRET.upper(), "in small letters"),
    ],
)
def test_tells_how_a_secret_was_copied_wrong(value: str, how: str) -> None:
    said = told("github", signed("github"), as_secret("github", value))

    assert said.verdict.code == "wrong_secret"
    assert said.cause == f"right with the secret {how}"


def test_tells_that_the_sender_did_not_decode_the_secret() -> None:
    secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
    request = signed("svix", secret=secret)
    text = f"{request.header('svix-id')}.{NOW}.".encode() + BODY
    bare = secret.removeprefix("whsec_")
    for key, given in ((secret, secret), (bare, secret), (secret, bare), (bare, bare)):
        made = b64encode(hmac.digest(key.encode(), text, "sha256")).decode()
        said = told(
            "svix", request.with_header("svix-signature", f"v1,{made}"), as_secret("svix", given)
        )

        assert said.verdict.code == "wrong_secret"
        assert "right with the secret as it is written, not decoded" in said.cause


@pytest.mark.parametrize("secret", ["c2VjcmV0", "c2VjcmU", "whsec_c2VjcmV0c", "736563726574"])
def test_tells_that_the_sender_decoded_the_secret(secret: str) -> None:
    """Also where it is base64 only to those who do not look closely, such as Node.js."""
    key = b"secre" if secret == "c2VjcmU" else b"secret"
    made = b64encode(hmac.digest(key, BODY, "sha256")).decode()
    request = signed("shopify").with_header("X-Shopify-Hmac-Sha256", made)

    said = told("shopify", request, as_secret("shopify", secret))

    assert said.verdict.code == "wrong_secret"
    assert "right with the secret decoded from " in said.cause
    assert said.cause.endswith("; Shopify uses it as it is written, not decoded")


def test_a_secret_that_cannot_be_one_may_still_be_copied_wrong() -> None:
    """GitLab signs with one kind, and sends another along: each tells what it is for."""
    request = signed("gitlab", secret="whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz")
    request = request.with_header("X-Gitlab-Token", SECRET)

    said = told("gitlab", request, as_secret("gitlab", f"{SECRET}\n"))

    assert said.verdict.code == "wrong_secret"
    assert said.cause == "right with the secret without the white space around it"


def test_tells_that_the_secret_was_given_for_another_provider() -> None:
    secrets = (as_secret("github", "another"), as_secret("stripe", SECRET))

    said = told("github", signed("github"), *secrets)

    assert said.verdict.code == "wrong_secret"
    assert said.cause == "right with the secret given for stripe"
    assert "stripe" not in said.tried


@pytest.mark.parametrize(
    ("name", "header", "change", "how"),
    [
        (
            "github",
            "X-Hub-Signature-256",
            lambda text: text[7:],
            "sha256= in front of it is missing",
        ),
        ("dropbox", "X-Dropbox-Signature", lambda text: f"sha256={text}", "sha256= in front of"),
        ("dropbox", "X-Dropbox-Signature", str.upper, "its hex digits are capitals"),
        ("line", "x-line-signature", lambda text: b64decode(text).hex(), "it is hex"),
        ("line", "x-line-signature", lambda text: text.replace("+", " "), "+ became a space"),
        ("slack", "X-Slack-Request-Timestamp", lambda text: f"{text}000", "in milliseconds"),
        ("hubspot", "X-HubSpot-Request-Timestamp", lambda text: text[:-3], "in seconds"),
    ],
)
def test_tells_what_is_wrong_with_a_header(
    name: str, header: str, change: Callable[[str], str], how: str
) -> None:
    request = next(
        each
        for each in (signed(name, BODY + b" " * spaces) for spaces in range(99))
        if change(each.header(header) or "") != each.header(header)
    )

    said = told(name, request.with_header(header, change(request.header(header) or "")))

    assert said.verdict.code == "malformed_signature"
    assert how in said.cause


def test_tells_that_the_signature_is_made_with_another_hash() -> None:
    digest = hmac.digest(SECRET.encode(), BODY, "sha1").hex()

    for value in (f"sha1={digest}", f"sha256={digest}"):
        said = told("github", signed("github").with_header("X-Hub-Signature-256", value))

        assert said.verdict.code == "malformed_signature"
        assert "HMAC-SHA1 instead of HMAC-SHA256" in said.cause


def test_a_right_sha1_tells_that_the_secret_is_right_but_does_not_rescue_a_wrong_sha256() -> None:
    digest = hmac.digest(SECRET.encode(), BODY, "sha1").hex()
    request = signed("github", secret="another").with_header("X-Hub-Signature", f"sha1={digest}")

    said = told("github", request)

    assert said.verdict.code == "mismatch"
    assert "the secret and the body are right by X-Hub-Signature" in said.cause


def test_tells_that_something_else_was_signed() -> None:
    digest = hmac.digest(SECRET.encode(), f"{NOW}.".encode() + BODY, "sha256").hex()

    said = told("slack", signed("slack").with_header("X-Slack-Signature", f"v0={digest}"))

    assert said.verdict.code == "mismatch"
    assert "time.body, as Stripe does, is signed" in said.cause


@pytest.mark.parametrize("name", ["twilio", "square", "hubspot", "trello", "contentful", "monday"])
def test_tells_which_url_was_signed(name: str) -> None:
    used = "https://hooks.test/in/?a=1&b=2"
    request = replace(
        signed(name, b"a=b", url=used, kind=FORM), url="https://hooks.test:8080/in?b=2&a=1"
    )

    said = told(name, request)

    assert said.verdict.code == "url_mismatch"
    assert said.do[0].startswith("give the URL that ")
    assert used in said.cause or name in {"contentful", "monday"}
