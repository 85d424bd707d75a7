"""Who sent it and what it is about, told from what was received."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import UNSIGNED, Headers
from hookcli.signatures import Identity, identify

DATA = Path(__file__).parent.parent / "data" / "signature-vectors.ndjson"
VECTORS = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
BODY = b'{"action": "opened", "issue": {"number": 1347}}'


def github(body: bytes = BODY, changes: dict[str, str | None] | None = None) -> Identity:
    """Identify a GitHub delivery with some headers changed, or, where None, left out."""
    headers: dict[str, str | None] = {
        "Host": "localhost:4567",
        "X-Github-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-Hub-Signature": "sha1=7d38cdd689735b008b3c702edd92eea23791c5f6",
        "User-Agent": "GitHub-Hookshot/044aadd",
        "Content-Type": "application/json",
        "X-GitHub-Event": "issues",
    }
    headers |= changes or {}
    pairs = [(name, value) for name, value in headers.items() if value is not None]
    return identify(Headers(pairs), body)


def test_names_a_github_delivery() -> None:
    identity = github()

    assert identity.provider == "github"
    assert identity.event == "issues"
    assert identity.action == "opened"
    assert identity.delivery_id == "72d3162e-cc78-11e3-81ab-4c9367dc0958"


@pytest.mark.parametrize(
    ("body", "action"),
    [
        (b'{"action":"opened","changes":{"action":"edited"}}', "opened"),
        (b'{"changes":{"action":"edited"}}', None),
        (b'{"action":"opened","action":"closed"}', "opened"),
        (b'{"n":1,"action":"opened"}', "opened"),
        (b' {\n"action" : "re-run.2"}', "re-run.2"),
        (b'{"action":"a\\u0062"}', "ab"),
    ],
)
def test_takes_the_action_of_the_payload_itself(body: bytes, action: str | None) -> None:
    """Not one that stands deeper; where a payload begins with its action, that is it."""
    assert github(body).action == action


def test_reads_the_action_inside_a_form() -> None:
    body = urlencode({"payload": BODY.decode()}).encode()
    identity = github(body, {"Content-Type": "application/x-www-form-urlencoded"})

    assert identity.action == "opened"


def test_reads_the_action_of_a_compressed_body() -> None:
    identity = github(gzip.compress(BODY), {"Content-Encoding": "gzip"})

    assert identity.action == "opened"


@pytest.mark.parametrize(
    "body",
    [b'{"action": 7.5}', b'{"action": ""}', b'["action"]', b'{"action":', b'{"a": "action"}', b""],
)
def test_an_action_that_is_no_word_is_none(body: bytes) -> None:
    assert github(body).action is None


def test_a_body_that_is_not_held_has_no_action() -> None:
    identity = github(b"")

    assert identity.event == "issues"
    assert identity.action is None


def test_the_user_agent_is_enough() -> None:
    identity = github(changes={"X-GitHub-Event": None})

    assert identity.provider == "github"
    assert identity.event is None


@pytest.mark.parametrize("name", ["Gitea", "Gogs", "Forgejo"])
def test_a_look_alike_is_not_taken_for_github(name: str) -> None:
    """They send all of GitHub's headers beside their own."""
    identity = github(changes={"User-Agent": "Go-http-client/1.1", f"X-{name}-Event": "push"})

    assert (identity.provider, identity.event) == (name.lower(), "push")


def test_a_signature_without_a_secret_is_unchecked() -> None:
    legacy = github().signature
    both = github(changes={"X-Hub-Signature-256": "sha256=00"}).signature

    assert legacy.code == both.code == "unchecked"
    assert "x-hub-signature," in legacy.message
    assert "x-hub-signature-256," in both.message


def test_a_signature_in_the_headers_of_another_is_not_its_own() -> None:
    """Each provider is asked for its own."""
    pairs = [("Stripe-Signature", ""), ("X-Hub-Signature-256", "sha256=00")]
    verdict = identify(Headers(pairs), b"{}").signature

    assert verdict.code == "unsigned"
    assert "Stripe" in verdict.message


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_signature_it_is_unsigned(value: str | None) -> None:
    verdict = github(changes={"X-Hub-Signature": value}).signature

    assert verdict.code == "unsigned"
    assert "GitHub" in verdict.message


def test_a_signature_in_the_body_is_unchecked_too() -> None:
    body = b'{"signature":{"timestamp":"1","token":"t","signature":"s"},"event-data":{}}'
    verdict = identify(Headers(), body).signature

    assert verdict.code == "unchecked"
    assert "body" in verdict.message


def test_a_request_of_no_known_provider_says_nothing_of_itself() -> None:
    identity = identify(Headers([("Host", "localhost")]), b"")

    assert identity == Identity(None, None, None, None, UNSIGNED)


def test_the_first_of_repeated_headers_stands() -> None:
    pairs = [("x-github-event", "push"), ("X-GITHUB-EVENT", "issues")]
    identity = identify(Headers(pairs), b"")

    assert identity.event == "push"


def test_a_long_event_is_kept_whole() -> None:
    assert github(changes={"X-GitHub-Event": "e" * 8_000}).event == "e" * 8_000


names = st.sampled_from(
    ["X-GitHub-Event", "User-Agent", "X-Hub-Signature", "Content-Type", "Content-Encoding"]
)
latin = st.text(st.characters(codec="latin-1"))
values = latin | st.sampled_from(["GitHub-Hookshot/1", "gzip", "application/json"])
pairs = st.lists(st.tuples(names | latin, values), max_size=8)


@given(pairs, st.binary() | st.just(BODY))
def test_any_request_is_named_without_failing(headers: list[tuple[str, str]], body: bytes) -> None:
    identity = identify(Headers(headers), body)

    assert identity.signature.code in {"unsigned", "unchecked"}


@given(pairs, st.sampled_from(VECTORS), st.integers(0, 1000), st.booleans())
def test_any_part_of_a_real_delivery_is_named_without_failing(
    before: list[tuple[str, str]], vector: dict[str, Any], length: int, cut: bool
) -> None:
    """With other headers in front of its own, and with the rest of its body or without."""
    body = b64decode(vector["body_b64"])
    headers = [*before, *((name, value) for name, value in vector["headers"])]
    identity = identify(Headers(headers), body[:length] if cut else body)

    assert identity.signature.code in {"unsigned", "unchecked"}
