"""Why a signature is wrong, and what to do about it."""

from __future__ import annotations

import hmac
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import HELD_BODY, Delivery, Headers
from hookcli.payload import FORM
from hookcli.signatures.doctor import Diagnosis, diagnose
from hookcli.signatures.request import Request
from tests.signatures.cases import BODY, KNOWN, NOW, SECRET, as_secret, signed, told


def test_leads_with_the_cause_then_tells_what_was_tried_and_what_to_do() -> None:
    request = signed("github", secret="another")
    said = told("github", request)

    assert said.verdict.code == "mismatch"
    assert said.cause == "no change to the body explains it, so the secrets differ"
    assert said.checked == f"X-Hub-Signature-256: HMAC-SHA256 of the {len(BODY)} raw bytes"
    assert said.tried == "github, from env X, 26 characters"
    assert said.do == (
        "set the same secret on GitHub and here; then check this one:",
        "hookcli verify 48",
    )
    assert said.verdict.message == (
        "No change to the body explains it, so the secrets differ. "
        "Set the same secret on GitHub and here"
    )


def test_tells_that_a_text_cannot_be_the_key_at_all() -> None:
    said = told("svix", signed("svix", secret="whsec_MDEy"), as_secret("svix", "no base64!"))

    assert said.verdict.code == "wrong_secret"
    assert "he secret is not base64" in said.verdict.message


def test_tells_how_old_it_is_where_all_else_is_right() -> None:
    old = told("stripe", signed("stripe", at=NOW - 412))
    early = told("slack", signed("slack", at=NOW + 412))

    assert old.verdict.code == "expired_timestamp"
    assert old.cause == (
        "right secret, right body, signed 6 min 52 s ago; Stripe libraries allow 5 min"
    )
    assert old.do == (
        "an old one sent again? hookcli replay 48 --sign",
        "a new one? this computer's clock is fast: hookcli doctor",
    )
    assert early.verdict.code == "future_timestamp"
    assert early.do == ("this computer's clock is slow: hookcli doctor",)


def test_a_limit_of_the_users_is_not_said_to_be_of_the_providers_libraries() -> None:
    request = replace(signed("stripe", at=NOW - 412), tolerance=60)

    assert told("stripe", request).cause.endswith("signed 6 min 52 s ago; 1 min are allowed")


def test_tells_that_the_sender_has_no_secret() -> None:
    said = told("gitea", signed("gitea").with_header("X-Gitea-Signature", ""))

    assert said.verdict.code == "missing_signature"
    assert said.do == ("set a secret for this webhook at Gitea, the same as here",)
    assert (said.checked, said.tried) == ("", "")


def test_tells_that_a_header_beside_the_signature_is_lost() -> None:
    request = signed("slack")
    others = [pair for pair in request.delivery.headers if pair[0] != "X-Slack-Request-Timestamp"]
    request = replace(request, delivery=replace(request.delivery, headers=Headers(others)))

    said = told("slack", request)

    assert said.verdict.code == "missing_signature"
    assert said.do == ("find what drops it on its way, or let the sender send it",)


@pytest.mark.parametrize(
    ("name", "body"), [("discord", b'{"type":1}'), ("xero", b'{"events":[],"x":1}')]
)
def test_tells_of_tests_that_are_to_fail(name: str, body: bytes) -> None:
    """Who answers 200 to these cannot set up a webhook there."""
    request = signed(name, body, secret="01" * 32)
    other = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

    said = told(name, request, as_secret(name, other))

    assert said.verdict.code == "mismatch"
    assert "on purpose" in said.cause
    assert "401" in said.do[0]


@pytest.mark.parametrize("name", ["supabase", "telegram"])
def test_a_token_has_no_body_to_explain(name: str) -> None:
    said = told(name, signed(name, secret="another"))

    assert said.verdict.code == "mismatch"
    assert "body" not in said.verdict.message


@pytest.mark.parametrize(
    ("body", "code", "what"),
    [
        (b"", "mismatch", "the body is empty"),
        (BODY[:-9], "mismatch", "its JSON is broken"),
        ('{"a":"ü?"}'.encode("latin-1"), "body_changed", "the charset of the body was changed"),
        ('{"a":"\ufffd"}'.encode(), "mismatch", "may have been replaced"),
    ],
)
def test_tells_what_can_be_seen_though_not_undone(body: bytes, code: str, what: str) -> None:
    said = told("github", signed("github").with_body(body))

    assert said.verdict.code == code
    assert what in said.cause


def test_tells_that_the_body_is_not_as_long_as_its_header_says() -> None:
    request = signed("github").with_header("Content-Length", "9999").with_body(b'{"a":1}')

    said = told("github", request)

    assert said.verdict.code == "body_changed"
    assert said.cause == "Content-Length is 9999, but the body has 7 bytes"


def test_large_bodies_are_only_tried_with_other_secrets() -> None:
    """They come in chunks, and reading them again costs more than it tells."""
    pieces = [b"x" * HELD_BODY] * 3
    digest = hmac.digest(SECRET.encode(), b"".join(pieces), "sha256").hex()
    headers = Headers([("X-Hub-Signature-256", f"sha256={digest}")])
    delivery = Delivery(method="POST", path="/", headers=headers, size=3 * HELD_BODY)
    request = Request(delivery=delivery, now=NOW, chunks=lambda: pieces)

    assert told("github", request, as_secret("github", f" {SECRET}")).verdict.code == "wrong_secret"
    assert "too large" in told("github", request, as_secret("github", "another")).cause


@pytest.mark.parametrize(("rows", "most"), [(1, 400), (600, 250), (20_000, 40)])
def test_little_is_done_however_much_could_be_tried(rows: int, most: int) -> None:
    """A body is hashed often where that is quick, and seldom where it is not."""
    hashed = []

    def counted(request: Request) -> tuple[bytes]:
        hashed.append(request.delivery.size)
        return (request.delivery.body,)

    body = json.dumps([{"n": each, "t": "ä / <b>", "x": [{}]} for each in range(rows)]).encode()
    github = KNOWN["github"]
    scheme = replace(github.schemes[0], content=counted)  # type: ignore[type-var]
    provider = replace(github, schemes=(scheme,))
    secrets = [as_secret("github", f"secret {number}") for number in range(9)]
    request = signed("github", body)

    diagnose(request, provider, secrets, github.schemes[0].verify(request, "another"))

    assert len(hashed) <= most
    assert sum(hashed) < 35_000_000


@pytest.mark.parametrize("name", ["twilio", "gitea"])
def test_few_bodies_are_read_where_their_fields_are_signed(name: str) -> None:
    """To take a form apart costs far more than to hash it."""
    read = set()

    def counted(request: Request) -> tuple[bytes]:
        read.add(request.delivery.body)
        return (request.delivery.body,)

    provider = KNOWN[name]
    scheme = replace(provider.schemes[0], content=counted)  # type: ignore[type-var]
    request = signed(name, b"&".join(b"f%d=%%41+b" % each for each in range(2_000)), kind=FORM)
    finding = provider.schemes[0].verify(request, "another")

    diagnose(request, replace(provider, schemes=(scheme,)), (as_secret(name, "another"),), finding)

    assert len(read) <= 12


def test_no_text_but_what_a_terminal_shows_holds_a_secret_or_its_length() -> None:
    secret = f" {SECRET} "
    said = told("github", signed("github"), as_secret("github", secret))

    assert said.tried == "github, 28 characters"
    for text in (*said.do, said.cause, said.checked, *vars_of(said)):
        assert SECRET not in text
        assert "28" not in text


def vars_of(diagnosis: Diagnosis) -> tuple[str, str]:
    """Return what goes into records."""
    return diagnosis.verdict.code, diagnosis.verdict.message


@given(st.data())
def test_anything_gets_an_answer(data: st.DataObject) -> None:
    """Whatever stands in headers, body, URL and secret, for every provider."""
    name = data.draw(st.sampled_from(sorted(KNOWN)))
    provider = KNOWN[name]
    names = sorted({"Content-Type", "Host", "Content-Length", *provider.signatures})
    values = st.text(st.characters(max_codepoint=255))
    headers = data.draw(st.lists(st.tuples(st.sampled_from(names), values)))
    body = data.draw(st.binary() | st.text().map(str.encode) | json_bodies())
    delivery = Delivery(method="POST", path="/", headers=Headers(headers), body=body)
    request = Request(delivery=delivery, url=data.draw(st.none() | st.text()), now=NOW)
    secret = as_secret(name, data.draw(st.text()))

    said = diagnose(
        request,
        provider,
        (secret,),
        provider.scheme(request, secret.value).verify(request, secret.value),
    )

    assert said.verdict.message


def json_bodies() -> st.SearchStrategy[bytes]:
    """Return bodies of the kinds that most providers send."""
    leaves = st.none() | st.integers() | st.text()
    values = st.recursive(leaves, lambda inner: st.dictionaries(st.text(), inner), max_leaves=5)
    return values.map(lambda value: json.dumps({"a": value}).encode())
