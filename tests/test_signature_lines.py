"""A person reads why a signature fails and what to do, step by step where they ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hookcli.checking import Check
from hookcli.delivery import Delivery, Verdict
from hookcli.screen import Screen
from hookcli.secret import Secret
from hookcli.signature_lines import format_check, format_signature
from hookcli.signatures.doctor import Diagnosis
from hookcli.text import width

TERMINAL = Screen(terminal=True, zone=UTC)
CAUSE = "no change to the body explains it, so the secrets differ"
CHECKED = "X-Hub-Signature-256: HMAC-SHA256 of the 7,104 raw bytes"
BAD = Verdict("mismatch", "No change to the body explains it; set the same secret")
VALID = Verdict("valid", "HMAC-SHA256 of the raw body matches the secret 'github'")
DIAGNOSIS = Diagnosis(
    verdict=BAD,
    cause=CAUSE,
    checked=CHECKED,
    tried="github, from env GITHUB_WEBHOOK_SECRET, 19 characters",
    do=("set the same secret on GitHub and here; then check this one:", "hookcli verify 48"),
)
SECRET = Secret(value="It's a secret of 24 char", provider="github", source="env NAME")


def make_delivery(signature: Verdict = BAD, **fields: Any) -> Delivery:
    known = {"method": "POST", "path": "/github", "provider": "github", "event": "push"}
    return Delivery(**{**known, "id": 48, "size": 7104, "signature": signature, **fields})


def make_check(**fields: Any) -> Check:
    check = Check(
        delivery=make_delivery(),
        sender="GitHub, as its headers say",
        at=datetime(2026, 11, 24, 14, 5, 10, tzinfo=UTC),
        why_at="when it arrived",
        url=None,
        secrets=[SECRET],
        checked=CHECKED,
        cause=CAUSE,
        do=DIAGNOSIS.do,
    )
    return check._replace(**fields)


def test_a_failure_reads_as_promised_at_80_columns() -> None:
    """The likeliest cause first, what was tried and from where, then what to do."""
    assert format_signature(make_delivery(), DIAGNOSIS, TERMINAL) == [
        "       ! mismatch: no change to the body explains it, so the secrets differ",
        "         Checked  X-Hub-Signature-256: HMAC-SHA256 of the 7,104 raw bytes",
        "         Tried    github, from env GITHUB_WEBHOOK_SECRET, 19 characters",
        "         Do       set the same secret on GitHub and here; then check this one:",
        "                  hookcli verify 48",
    ]


def test_a_file_does_not_get_the_length_of_a_secret() -> None:
    lines = format_signature(make_delivery(), DIAGNOSIS, Screen())

    assert "characters" not in "\n".join(lines)
    assert lines[-1] == "                  hookcli verify 48"


def test_where_only_the_verdict_is_known_it_says_how_to_learn_more() -> None:
    """As in another process than that which received it."""
    assert format_signature(make_delivery(), None, TERMINAL) == [
        "       ! mismatch: No change to the body explains it; set the same secret",
        "         Do       hookcli verify 48",
    ]


def test_what_could_be_checked_but_is_not_says_how() -> None:
    delivery = make_delivery(Verdict("unchecked", "Signed, but there is no secret"))

    assert format_signature(delivery, None, TERMINAL) == [
        "         Signed, but no secret given: --secret github=env:NAME"
    ]


@pytest.mark.parametrize("verdict", [VALID, Verdict("unsigned", "Nothing is signed")])
def test_nothing_is_said_where_nothing_is_wrong(verdict: Verdict) -> None:
    assert format_signature(make_delivery(verdict), None, TERMINAL) == []


def test_a_check_reads_step_by_step_and_then_the_verdict() -> None:
    assert format_check(make_check(), TERMINAL) == [
        "Delivery   #48 github push POST /github 7.1 kB",
        "Sender     GitHub, as its headers say",
        "Time       2026-11-24 14:05:10 +0000, when it arrived",
        "Secret     github, from env NAME, 24 characters",
        "Checked    X-Hub-Signature-256: HMAC-SHA256 of the 7,104 raw bytes",
        "Verdict    [BAD] mismatch: no change to the body explains it, so the secrets",
        "           differ",
        "Do         set the same secret on GitHub and here; then check this one:",
        "           hookcli verify 48",
    ]


def test_a_valid_one_has_nothing_to_do() -> None:
    delivery = make_delivery(VALID, id=0, event=None)

    lines = format_check(make_check(delivery=delivery, cause=VALID.message, do=()), TERMINAL)

    assert lines[0] == "Delivery   github POST /github 7.1 kB"
    assert lines[-1] == f"Verdict    [valid] {VALID.message}"


def test_several_secrets_are_one_below_the_other() -> None:
    """Their lengths only on a terminal."""
    secrets = [SECRET, replace(SECRET, value="x", source=""), Secret(value="xy")]

    shown = [format_check(make_check(secrets=secrets), each)[3:6] for each in (TERMINAL, Screen())]

    assert shown == [
        [
            "Secret     github, from env NAME, 24 characters",
            "           github, 1 character",
            "           any, 2 characters",
        ],
        ["Secret     github, from env NAME", "           github", "           any"],
    ]


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_received_values_stay_in_their_places(columns: int) -> None:
    """No line begins with one, and none moves the cursor."""
    hostile = "a\x1b[31m\n14:05:10 --> #1 [valid]" * 9
    delivery = make_delivery(path="/" + hostile, event=hostile)

    lines = format_check(
        make_check(delivery=delivery, url="https://x/" + hostile),
        replace(TERMINAL, width=columns),
    )

    assert all(line.isprintable() and width(line) < columns for line in lines)
    labels = {line[:11].strip() for line in lines}
    assert labels <= {
        "",
        "Delivery",
        "Sender",
        "Sent to",
        "Time",
        "Secret",
        "Checked",
        "Verdict",
        "Do",
    }
