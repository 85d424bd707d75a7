"""What is imported is what was received, looked at anew, under a number of its own."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hookcli.delivery import EPOCH, HELD_BODY, Delivery, Headers, Verdict
from hookcli.errors import HookError
from hookcli.importing import Importer
from hookcli.secret import Secret
from hookcli.stores.memory import MemoryStore
from tests.stores.builders import NOON, make_answer

NOW = datetime(2026, 11, 25, tzinfo=UTC)
BODY = b'{"action": "opened"}'
DIGEST = hmac.new(b"secret", BODY, hashlib.sha256).hexdigest()
SIGNED = Headers([("X-GitHub-Event", "issues"), ("X-Hub-Signature-256", f"sha256={DIGEST}")])


def make_delivery(**fields: Any) -> Delivery:
    usual: dict[str, Any] = {"method": "POST", "path": "/", "headers": SIGNED, "body": BODY}
    return Delivery(**{**usual, **fields})


def make_importer(*secrets: str) -> tuple[Importer, MemoryStore]:
    store = MemoryStore()
    given = [Secret(value=secret, provider="github") for secret in secrets]
    return Importer(store, given, NOW), store


async def test_who_sent_it_is_found_anew() -> None:
    """A record may say what it likes."""
    importer, store = make_importer()
    valid = Verdict("valid", "I say so")

    await importer.keep(make_delivery(id=42, provider="stripe", event="x", signature=valid))

    found = await store.get(1)
    assert found is not None
    assert (found.provider, found.event, found.action) == ("github", "issues", "opened")
    assert found.signature.code == "unchecked"


@pytest.mark.parametrize(("secret", "code"), [("secret", "valid"), ("other", "mismatch")])
async def test_the_signature_is_checked_where_there_is_a_secret(secret: str, code: str) -> None:
    importer, store = make_importer(secret)

    await importer.keep(make_delivery())

    found = await store.get(1)
    assert found is not None
    assert found.signature.code == code


@pytest.mark.parametrize(("said", "kept"), [(NOON, NOON), (EPOCH, NOW)])
async def test_it_was_received_when_it_says_so(said: datetime, kept: datetime) -> None:
    """Or now, where it does not."""
    importer, store = make_importer()

    await importer.keep(make_delivery(received_at=said))

    found = await store.get(1)
    assert found is not None
    assert found.received_at == kept


async def test_a_set_up_request_is_known_as_one() -> None:
    importer, store = make_importer()
    body = b'{"type": "url_verification", "challenge": "c", "token": "t"}'
    slack = Headers([("X-Slack-Signature", "v0=a"), ("Content-Type", "application/json")])

    await importer.keep(make_delivery(headers=slack, body=body))

    found = await store.get(1)
    assert found is not None
    assert found.handshake == "slack_challenge"


async def test_a_large_body_is_kept_whole() -> None:
    importer, store = make_importer()
    body = b"x" * (HELD_BODY + 1)

    await importer.keep(make_delivery(body=body))

    found = await store.get(1)
    assert found is not None
    assert (found.held, found.size) == (False, len(body))
    assert b"".join([chunk async for chunk in store.body(1)]) == body


async def test_attempts_follow_their_delivery() -> None:
    """By its new number; those of others are left out."""
    importer, store = make_importer()
    await importer.keep(make_delivery())

    await importer.keep(make_delivery(id=42))
    await importer.keep(make_answer(id=7, delivery=42, body=b"x" * 70_000))
    await importer.keep(make_answer(delivery=1))

    [attempt] = await store.attempts([1, 2])
    assert (attempt.delivery, len(attempt.body), attempt.body_truncated) == (2, 65_536, True)
    assert (importer.first, importer.last, importer.deliveries) == (1, 2, 2)
    assert (importer.attempts, importer.skipped) == (1, 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"method": "GET /x"},
        {"method": ""},
        {"path": ""},
        {"path": "/a b"},
        {"path": "/\u2026"},
        {"path": "/\udcff"},
        {"query": "a\r\nb"},
        {"http_version": "x"},
        {"headers": Headers([("a b", "x")])},
        {"headers": Headers([("A", "x\r\nB: c")])},
        {"headers": Headers([("A", "\u2026")])},
    ],
    ids=str,
)
async def test_what_no_request_can_be_is_refused(fields: dict[str, Any]) -> None:
    """It could not be sent again."""
    importer, store = make_importer()

    with pytest.raises(HookError, match="No HTTP request has"):
        await importer.keep(replace(make_delivery(), **fields))

    assert await store.get(1) is None
