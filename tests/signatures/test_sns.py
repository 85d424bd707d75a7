"""AWS SNS, whose certificates come from Amazon alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hookcli.errors import HookError
from hookcli.signatures.sns import Sns, is_amazons
from tests.signatures.vectors import a_valid_one, vectors

if TYPE_CHECKING:
    from hookcli.signatures.request import Finding, Request

SNS = Sns()
VECTOR = a_valid_one("sns")


def changed(**fields: Any) -> Request:
    """Return a valid message with some fields changed, or, where None, left out."""
    message = json.loads(VECTOR.request.delivery.body) | fields
    left = {name: value for name, value in message.items() if value is not None}
    return VECTOR.request.with_body(json.dumps(left).encode())


def found(**fields: Any) -> Finding:
    return SNS.verify(changed(**fields), VECTOR.secret)


def test_another_spelling_of_the_message_is_right_too() -> None:
    assert found().code == "valid"
    assert found(UnsubscribeURL="https://other.test/").code == "valid"


@pytest.mark.parametrize("name", ["Message", "MessageId", "Subject", "Timestamp", "TopicArn"])
def test_a_signed_field_may_not_change(name: str) -> None:
    assert found(**{name: "other"}).code == "mismatch"
    assert found(**{name: None}).code == "mismatch"


@pytest.mark.parametrize(
    ("fields", "code", "said"),
    [
        ({"Signature": None}, "missing_signature", "no Signature"),
        ({"Signature": 7}, "missing_signature", "no Signature"),
        ({"SigningCertURL": None}, "missing_signature", "no Signature"),
        ({"Signature": "QUI="}, "malformed_signature", "base64 of 2 bytes"),
        ({"SignatureVersion": "3"}, "malformed_signature", "not 1 or 2"),
        ({"SigningCertURL": "https://evil.test/a.pem"}, "mismatch", "none of Amazon's"),
        ({"SigningCertURL": "https://sns.us-west-2.amazonaws.com/a"}, "mismatch", "Amazon's"),
    ],
)
def test_other_messages_are_told_apart(fields: dict[str, Any], code: str, said: str) -> None:
    finding = found(**fields)

    assert finding.code == code
    assert said in finding.detail


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://sns.us-west-2.amazonaws.com/a.pem", True),
        ("https://sns.cn-north-1.amazonaws.com.cn:443/a.pem", True),
        ("http://sns.us-west-2.amazonaws.com/a.pem", False),
        ("https://sns.us-west-2.amazonaws.com.evil.test/a.pem", False),
        ("https://sns.us-west-2.amazonaws.com@evil.test/a.pem", False),
        ("https://me@sns.us-west-2.amazonaws.com/a.pem", False),
        ("https://sns.us-west-2.amazonaws.com:8443/a.pem", False),
        ("https://sns.us-west-2.amazonaws.com:x/a.pem", False),
        ("https://xsns.us-west-2.amazonaws.com/a.pem", False),
        ("https://[", False),
    ],
)
def test_only_sns_own_hosts_are_amazons(url: str, *, own: bool) -> None:
    assert is_amazons(url) is own


@pytest.mark.parametrize("key", ["", "secret", "-----BEGIN CERTIFICATE-----\nAAAA", "\udcff"])
def test_what_is_no_certificate_does_not_fit_and_cannot_sign(key: str) -> None:
    assert "no certificate" in (SNS.fits(key) or "")
    with pytest.raises(HookError, match="no private key"):
        SNS.sign(VECTOR.request, key)


def test_a_certificate_may_have_spaces_around_it() -> None:
    assert SNS.verify(VECTOR.request, f"\n{VECTOR.secret}\n").code == "valid"


def test_confirmations_sign_other_fields() -> None:
    token = next(each for each in vectors() if each.name == "sns/bad-token-tampered")

    assert token.finding().code == "mismatch"
    assert "SubscribeURL" in token.request.delivery.body.decode()
