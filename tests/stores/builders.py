"""Deliveries and attempts to put into a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hookcli.delivery import Attempt, Delivery, Headers, Verdict

NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)


def make_delivery(**fields: Any) -> Delivery:
    """Return a GitHub delivery; `fields` replace what it has."""
    usual: dict[str, Any] = {
        "method": "POST",
        "path": "/github",
        "query": "a=1",
        "headers": Headers([("Host", "x"), ("X-GitHub-Event", "issues"), ("x-e", "\xe9")]),
        "body": b'{ "action" : "opened" }',
        "remote": "140.82.115.7",
        "received_at": NOON,
        "provider": "github",
        "event": "issues",
        "action": "opened",
        "delivery_id": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "signature": Verdict("unchecked", "Signed"),
    }
    return Delivery(**{**usual, **fields})


def make_answer(**fields: Any) -> Attempt:
    """Return a built-in answer; `fields` replace what it has."""
    usual: dict[str, Any] = {
        "kind": "answer",
        "started_at": NOON + timedelta(milliseconds=1),
        "duration_ms": 0.5,
        "status": 200,
        "headers": Headers([("Content-Type", "text/plain")]),
        "body": b"ok",
    }
    return Attempt(**{**usual, **fields})
