"""Set-up requests are answered exactly as their providers want them, and nothing else is."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import Delivery, Headers, Verdict
from hookcli.handshake_kinds import KINDS
from hookcli.handshakes import answer, what_was_done
from hookcli.secret import Secret
from hookcli.signatures.detection import detect
from hookcli.signatures.request import Request

if TYPE_CHECKING:
    from hookcli.handshake_replies import Handshake

LINES = (Path(__file__).parent / "data" / "handshakes.ndjson").read_text("utf-8").splitlines()
SAMPLES: dict[str, dict[str, Any]] = {line["name"]: line for line in map(json.loads, LINES)}
RIGHT, WRONG = Verdict("valid", "It matches"), Verdict("mismatch", "It does not")
UNCHECKED = Verdict("unchecked", "No secret")


def delivery_of(name: str, **changes: Any) -> Delivery:
    """Return the request of a sample, with some changes, and what came of checking it."""
    sample = SAMPLES[name]
    url = urlsplit(sample["url"])
    request = Delivery(
        method=sample["method"],
        path=url.path,
        query=url.query,
        headers=Headers(tuple(pair) for pair in sample["headers"]),
        body=base64.b64decode(sample["body_b64"]),
        received_at=datetime.fromtimestamp(sample["now"], UTC),
    )
    return replace(request, **{"signature": verdict(sample, request), **changes})


def verdict(sample: dict[str, Any], delivery: Delivery) -> Verdict:
    """Return what comes of checking a sample with its secret."""
    provider = detect(delivery.headers, delivery.body)
    if not provider or not sample["secret"]:
        return UNCHECKED
    request = Request(delivery=delivery, now=sample["now"])
    return Verdict(provider.schemes[0].verify(request, sample["secret"]).code, "")


def secrets_of(name: str) -> list[Secret]:
    """Return the secret of a sample, as a user gives it."""
    sample = SAMPLES[name]
    second = "verify-token" if sample["provider"] == "meta" else None
    value = sample["secret"]
    return [Secret(value=value, provider=sample["provider"], second=second)] if value else []


def answered(name: str, *secrets: Secret, **changes: Any) -> Handshake:
    """Return what a sample, with some changes, is answered."""
    handshake = answer(delivery_of(name, **changes), secrets or secrets_of(name))
    assert handshake
    return handshake


def post(payload: Any, *pairs: tuple[str, str], **fields: Any) -> Delivery:
    """Return a request with a payload of its own."""
    kind = ("Content-Type", "application/json")
    body = json.dumps(payload).encode()
    return Delivery(method="POST", path="/", headers=Headers([kind, *pairs]), body=body, **fields)


def get(query: str) -> Delivery:
    return Delivery(method="GET", path="/", query=query)


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "github-ping"])
def test_every_set_up_request_is_answered_exactly(name: str) -> None:
    expect = SAMPLES[name]["expect"]
    handshake = answered(name)

    assert handshake.status == expect["status"]
    assert expect.get("body", handshake.body.decode()) == handshake.body.decode()
    assert "body_json" not in expect or expect["body_json"] == json.loads(handshake.body)
    if kind := expect.get("content_type"):
        assert handshake.headers.get("Content-Type") == kind
    for header, value in expect.get("headers", {}).items():
        assert handshake.headers.get(header) == value


def test_a_ping_of_github_is_an_event_like_any_other() -> None:
    """It has a secret to be checked with, and people wait for it."""
    assert answer(delivery_of("github-ping"), []) is None


@pytest.mark.parametrize("name", SAMPLES)
def test_what_needs_a_secret_is_not_answered_without_it(name: str) -> None:
    needs = {
        "zoom-url-validation",
        "discord-interaction-ping",
        "discord-webhook-events-ping",
        "x-crc",
        "xero-intent-to-receive-right",
    }

    handshake = answer(delivery_of(name, signature=UNCHECKED), [])

    bad = {"discord-interaction-ping-bad-signature", "xero-intent-to-receive-wrong", "github-ping"}
    assert (handshake is None) == (name in needs | bad)


def test_a_challenge_comes_back_as_text_that_is_no_page() -> None:
    page = "hub.mode=subscribe&hub.challenge=%3Cscript%3Ealert(1)%3C/script%3E"

    handshake = answer(get(page), [])

    assert handshake
    assert handshake.headers.get("Content-Type") == "text/plain"
    assert handshake.headers.get("X-Content-Type-Options") == "nosniff"


@pytest.mark.parametrize("length", [0, 2049, 100_000])
def test_a_challenge_without_end_is_none(length: int) -> None:
    assert answer(get(f"challenge={'x' * length}"), []) is None
    assert answer(post({"challenge": "x" * length}), []) is None


def test_a_challenge_comes_back_byte_for_byte() -> None:
    spelt, raw = answer(get("challenge=%C3%A9+x"), []), answer(get("challenge=\xc3\xa9%20x"), [])

    assert spelt
    assert spelt.body == "é x".encode()
    assert raw == spelt


def test_the_first_of_repeated_ones_stands() -> None:
    handshake = answer(get("challenge=first&challenge=second"), [])

    assert handshake
    assert handshake.body == b"first"


@pytest.mark.parametrize(
    "delivery",
    [
        post({"challenge": "x", "more": 1}),
        post({"verification_token": "x", "more": 1}),
        post({"verification_token": "see http://evil.example"}),
        post({"type": "url_verification", "challenge": {"x": 1}}),
        post({"type": 2}, ("X-Signature-Ed25519", "00"), signature=WRONG),
        post({"events": [{}]}, ("X-Xero-Signature", "x"), signature=WRONG),
        post({"notificationItems": [{}]}),
        post({}, ("X-Hook-Secret", "x\r\nSet-Cookie: y")),
        post({}, ("X-Hook-Secret", "")),
        post([1]),
        get("hub.mode=subscribe"),
        get("a=1&" * 200 + "challenge=x"),
        replace(get("challenge=x"), method="DELETE"),
        delivery_of(
            "dropbox-sign-hello", body=b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
        ),
    ],
)
def test_what_only_looks_like_one_is_none(delivery: Delivery) -> None:
    assert answer(delivery, []) is None


def test_what_was_answered_has_a_name() -> None:
    assert what_was_done("slack_challenge", refused=False) == "answered Slack's challenge"
    assert what_was_done("discord_ping", refused=True) == "refused Discord's ping"
    assert what_was_done("of another version", refused=False) == "answered a set-up request"
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_the_readme_names_them_all() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text("utf-8")

    assert [kind.name for kind in KINDS if f"`{kind.name}`" not in readme] == []


NAMES = st.sampled_from(
    sorted({name.rstrip(":") for kind in KINDS for name in (*kind.when, kind.value)})
)
ANYTHING = st.text(st.characters(exclude_categories=[]))
SECRETS = st.builds(
    Secret,
    value=st.text(st.characters(exclude_categories=["Cs"])),
    provider=st.sampled_from([None, "zoom", "twitter", "meta", "strava"]),
    second=st.sampled_from([None, "verify-token"]),
)
DELIVERIES = st.builds(
    Delivery,
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT"]),
    path=st.just("/"),
    query=ANYTHING | st.builds("{}={}".format, NAMES.map(lambda name: name[1:]), ANYTHING),
    headers=st.lists(st.tuples(NAMES | ANYTHING, ANYTHING), max_size=4).map(Headers),
    body=st.binary()
    | st.dictionaries(
        NAMES.map(lambda name: name[1:]),
        st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=3),
    ).map(lambda payload: json.dumps(payload).encode()),
    signature=st.sampled_from([RIGHT, WRONG, UNCHECKED]),
)


@given(DELIVERIES, st.lists(SECRETS, max_size=3))
def test_nothing_received_breaks_it_or_the_answer(
    delivery: Delivery, secrets: list[Secret]
) -> None:
    """No field of an answer can end early, and no body goes without its kind."""
    handshake = answer(delivery, secrets)

    if handshake:
        assert all(value.isascii() and value.isprintable() for _, value in handshake.headers)
        assert not handshake.body or handshake.headers.get("Content-Type")
        assert len(handshake.body) < 20_000
        assert not handshake.say or handshake.say.isprintable()


@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_what_is_cut_off_or_changed_breaks_nothing(name: str, data: st.DataObject) -> None:
    whole = delivery_of(name)
    at = data.draw(st.integers(0, len(whole.body)))
    with_ = data.draw(st.binary(max_size=3))

    changed = replace(whole, body=whole.body[:at] + with_ + whole.body[at + 1 :], size=-1)

    answer(changed, secrets_of(name))
    answer(replace(whole, body=whole.body[:at], size=-1), secrets_of(name))
