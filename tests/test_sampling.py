"""Every sample is one of its provider's: known as such, named right, and signed right."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from dataclasses import replace
from importlib.resources import files
from os import urandom
from urllib.parse import parse_qsl

import orjson
import pytest

from hookcli import detect, sign, verify
from hookcli.delivery import Delivery, Headers
from hookcli.errors import UsageError
from hookcli.payload import payload_of
from hookcli.sampling import SAMPLES, Sample, alike, around, find, made, samples_of, unknown
from hookcli.signatures import identify
from hookcli.signatures.pairs import new_pair
from hookcli.signatures.verifying import BY_NAME

NOW = time.time()
URL = "https://hooks.example/twilio"
EVERY = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: ":".join(sample[:2]))
WHSEC = "whsec_" + b64encode(b"sixteen bytes ok").decode()


def fresh(sample: Sample) -> Delivery:
    return made(sample, now=NOW, random=urandom)


def keys(provider: str) -> tuple[str, str]:
    """Return what signs, and what checks."""
    if provider == "discord":
        return new_pair()
    secret = WHSEC if provider in {"svix", "standard-webhooks"} else "It's a Secret to Everybody"
    return secret, secret


@EVERY
def test_each_is_known_and_named_and_valid(sample: Sample) -> None:
    """What Svix sends is taken for its kin, Clerk's, where it tells of users."""
    signing, checking = keys(sample.provider)

    signed = sign(fresh(sample), signing, provider=sample.provider, url=URL, now=NOW)

    found = identify(signed.headers, signed.body)
    provider = detect(signed)
    assert provider in {sample.provider, *BY_NAME[sample.provider].kin}
    assert ".".join(filter(None, (found.event, found.action))) == sample.event
    assert verify(signed, checking, url=URL, now=NOW).code == "valid"
    assert all(value for _, value in signed.headers)


@EVERY
def test_each_is_another_delivery_every_time(sample: Sample) -> None:
    first, second = fresh(sample), fresh(sample)

    assert first.body != second.body or first.headers != second.headers
    assert first.path == f"/{sample.provider}"


@EVERY
def test_each_has_a_payload_that_its_content_type_promises(sample: Sample) -> None:
    """And no placeholder is left in it."""
    delivery = fresh(sample)
    kind = delivery.headers.get("content-type") or ""

    assert isinstance(payload_of(delivery.headers, delivery.body), dict)
    assert ("json" in kind) == delivery.body.startswith(b"{")
    assert not re.search(rb"<[a-z]+( -?\w+)*>", delivery.body)
    assert not re.search(r"[<{]", " ".join(value for _, value in delivery.headers))


@pytest.mark.parametrize("event", ["app_mention", "slash_command"])
def test_most_ids_are_new(event: str) -> None:
    """As an app may refuse what it has seen."""
    sample = find("slack", event)
    assert sample

    first, second = fresh(sample), fresh(sample)

    assert first.body != second.body


def test_the_files_are_those_of_the_table() -> None:
    """Packaged, each of them in use."""
    folder = files("hookcli") / "samples"
    names = {
        f"{provider.name}/{file.name.removesuffix('.json')}"
        for provider in folder.iterdir()
        for file in provider.iterdir()
    }

    wanted = {f"{sample.provider}/{sample.name.replace('/', '_')}" for sample in SAMPLES}
    assert names == wanted | {"github/shared"}


def test_stripe_sends_json_on_many_lines() -> None:
    """So an app that encodes the body anew fails here as it would there."""
    sample = find("stripe", "invoice.paid")
    assert sample

    body = fresh(sample).body

    assert body.count(b"\n") > 50
    assert orjson.dumps(orjson.loads(body)) != body


@pytest.mark.parametrize(
    ("provider", "event", "name"),
    [
        ("github", "issues.opened", "issues.opened"),
        ("github", None, "push"),
        ("gitlab", "push hook", "push"),
        ("slack", "/deploy", "slash_command"),
        ("linear", "issue.create", "Issue.create"),
        ("stripe", "push", None),
        ("zoom", None, None),
    ],
)
def test_a_sample_is_found_by_either_name(provider: str, event: str | None, name: str) -> None:
    sample = find(provider, event)

    assert (sample and sample.name) == name


def test_what_there_is_not_is_said_with_what_there_is() -> None:
    near = unknown(BY_NAME["github"], "issue.opened")
    none = unknown(BY_NAME["zoom"], "meeting.started")

    assert "'issue.opened' of GitHub" in near.message
    assert near.hint.startswith("Did you mean issues.opened? There is: push, ping, ")
    assert none.message == "There are no samples of Zoom"
    assert "--payload FILE" in none.hint


def test_any_payload_gets_what_stands_around_it() -> None:
    """Also of a provider of whom there are no samples, and as it is."""
    body = b'{ "a" : 1 }'

    known = around(body, BY_NAME["gitlab"], "Note Hook", now=NOW, random=urandom)
    other = around(body, BY_NAME["bitbucket"], "repo:push", now=NOW, random=urandom)
    github = around(body, BY_NAME["github"], "issues.opened", now=NOW, random=urandom)
    form = around(b"a=1", BY_NAME["slack"], "", now=NOW, random=urandom)

    assert known.body == other.body == body
    assert known.headers.get("x-gitlab-event") == "Note Hook"
    assert github.headers.get("x-github-event") == "issues"
    assert identify(other.headers, other.body)[:2] == ("bitbucket", "repo:push")
    assert form.headers.get("content-type") == "application/x-www-form-urlencoded"


def test_a_payload_needs_its_event_where_a_header_names_it() -> None:
    with pytest.raises(UsageError, match="GitHub names the event in a header"):
        around(b"{}", BY_NAME["github"], "", now=NOW, random=urandom)


def test_one_like_another_has_its_own_id() -> None:
    """All else is as it came, but for what was added on the way."""
    came = Delivery(
        method="POST",
        path="/stripe",
        query="a=1",
        headers=Headers([("Host", "otter.example"), ("X-Forwarded-For", "1.2.3.4"), ("A", "é")]),
        body=b'{ "id": "evt_1Abc9", "a" : 1.10 }',
        provider="stripe",
        delivery_id="evt_1Abc9",
        id=42,
        remote="1.2.3.4",
    )

    new = alike(came)

    assert re.fullmatch(rb'{ "id": "evt_[0-9][A-Z][a-z]{2}[0-9]", "a" : 1.10 }', new.body)
    assert b"evt_1Abc9" not in new.body
    assert new == replace(
        came, headers=Headers([("A", "é")]), body=new.body, delivery_id=None, id=0, remote=None
    )


def test_one_like_what_nobody_is_known_to_have_sent_is_the_same() -> None:
    came = Delivery(method="PUT", path="/x", headers=Headers([("A", "é")]), body=b"\xff", id=42)

    assert alike(came) == replace(came, id=0)


def test_a_form_holds_text_that_has_to_be_quoted() -> None:
    [sample] = samples_of("twilio")

    fields = dict(parse_qsl(fresh(sample).body.decode(), keep_blank_values=True))

    assert fields["Body"].startswith("Grüße & hello + 1")
    assert fields["MessageSid"] == fields["SmsSid"]
