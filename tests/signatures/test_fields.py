"""Signatures in the body: Mailgun's and Adyen's."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from hookcli.delivery import Delivery, Headers
from hookcli.errors import HookError
from hookcli.payload import FORM
from hookcli.signatures.clocks import Clock
from hookcli.signatures.fields import AdyenItems, Mailgun
from hookcli.signatures.request import Request
from tests.signatures.vectors import a_valid_one

NOW = 1_790_000_000
MAILGUN = Mailgun(clock=Clock(tolerance=900))
ADYEN = AdyenItems()
HEX = "00ff" * 16
ITEM = {"pspReference": "Grüße", "amount": {"value": 7, "currency": "EUR"}, "success": True}


def make(body: bytes = b"{}", kind: str = "application/json") -> Request:
    headers = Headers([("Content-Type", kind)])
    return Request(delivery=Delivery(method="POST", path="/", headers=headers, body=body), now=NOW)


def of_adyen(*items: Any) -> Request:
    inner = [{"NotificationRequestItem": item} for item in items]
    return make(json.dumps({"notificationItems": inner}).encode())


@pytest.mark.parametrize(("body", "kind"), [(b'{"a":1}', "application/json"), (b"a=1", FORM)])
def test_mailgun_signs_in_json_and_in_forms(body: bytes, kind: str) -> None:
    request = make(body, kind)
    signed = replace(request, delivery=MAILGUN.sign(request, "key"))

    assert MAILGUN.verify(signed, "key").code == "valid"
    assert MAILGUN.verify(signed, "other").code == "mismatch"
    assert MAILGUN.verify(replace(signed, now=NOW + 901), "key").code == "expired_timestamp"
    assert MAILGUN.verify(replace(signed, now=NOW - 901), "key").code == "future_timestamp"
    assert not MAILGUN.present(request)


def test_mailgun_signs_in_multipart_forms_with_attachments() -> None:
    form = MAILGUN.sign(make(b"a=1", FORM), "key").body.decode()
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{values[0]}\r\n'
        for name, values in parse_qs(form).items()
    )
    request = make(parts.encode(), "multipart/form-data; boundary=x")

    assert MAILGUN.verify(request, "key").code == "valid"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"a":1}', "missing_signature"),
        (b'{"signature":{"timestamp":"1","token":"a"}}', "missing_signature"),
        (b'{"signature":{"timestamp":[],"token":"a","signature":"b"}}', "missing_signature"),
        (b'{"signature":', "mismatch"),
        (b'{"signature":{"timestamp":"x","token":"a","signature":"b"}}', "malformed_signature"),
        (
            b'{"signature":{"timestamp":1790000000,"token":"a","signature":"b"}}',
            "malformed_signature",
        ),
    ],
)
def test_mailguns_other_bodies_are_told_apart(body: bytes, code: str) -> None:
    assert MAILGUN.verify(make(body), "key").code == code


def test_a_multipart_form_without_an_end_is_read_in_one_go() -> None:
    """Where its parts never begin, each of them would be looked for up to the end."""
    kind = "multipart/form-data; boundary=b"
    request = make(b'name="token"\r\nx\r\n' * 50_000, kind)

    assert MAILGUN.verify(request, "key").code in {"missing_signature", "mismatch"}


def test_mailgun_keeps_the_event_that_it_does_not_protect() -> None:
    signed = MAILGUN.sign(make(b'{"event-data":{"event":"opened"}}'), "key")

    assert json.loads(signed.body)["event-data"] == {"event": "opened"}
    assert "does not protect the event" in MAILGUN.gap


def test_every_item_of_adyens_has_to_be_right() -> None:
    request = of_adyen(ITEM, ITEM | {"success": "false"})
    signed = replace(request, delivery=ADYEN.sign(request, HEX))
    payload = json.loads(signed.delivery.body)
    payload["notificationItems"][1]["NotificationRequestItem"]["amount"]["value"] = 8

    changed = signed.with_body(json.dumps(payload).encode())

    assert ADYEN.verify(signed, HEX).code == "valid"
    assert ADYEN.verify(changed, HEX).code == "mismatch"
    assert ADYEN.verify(signed, HEX[2:]).code == "mismatch"


def test_what_adyen_does_not_sign_may_change() -> None:
    request = of_adyen(ITEM | {"reason": "a"})
    signed = replace(request, delivery=ADYEN.sign(request, HEX))
    changed = signed.with_body(signed.delivery.body.replace(b'"a"', b'"b"'))

    assert ADYEN.verify(changed, HEX).code == "valid"
    assert ADYEN.gap


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([], "missing_signature"),
        ([7], "missing_signature"),
        ([ITEM], "missing_signature"),
        ([ITEM | {"additionalData": 7}], "missing_signature"),
        ([ITEM | {"additionalData": {"hmacSignature": "x"}}], "malformed_signature"),
        ([ITEM | {"additionalData": {"hmacSignature": "A" * 43 + "="}}], "mismatch"),
    ],
)
def test_adyens_other_bodies_are_told_apart(items: list[Any], code: str) -> None:
    assert ADYEN.verify(of_adyen(*items), HEX).code == code


@pytest.mark.parametrize(("body", "key"), [(b"{}", HEX), (a_valid_one("adyen").request, "xyz")])
def test_adyens_cannot_be_signed_without_items_or_a_key(body: bytes | Request, key: str) -> None:
    request = make(body) if isinstance(body, bytes) else body

    with pytest.raises(HookError, match="Cannot sign"):
        ADYEN.sign(request, key)
