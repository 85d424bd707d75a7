"""The records that scripts read: one JSON object a line, every key always there."""

from __future__ import annotations

import json
import re
from binascii import b2a_base64
from codecs import getincrementaldecoder
from datetime import UTC
from typing import TYPE_CHECKING, Any

import orjson

from hookcli.payload import json_text, payload_of

if TYPE_CHECKING:
    from datetime import datetime

    from hookcli.delivery import Attempt, Changed, Delivery, Headers
    from hookcli.state import Ready, TunnelState

_STRING = re.compile(rb'("[^"\\]*(?:\\.[^"\\]*)*")')
_SPACE = b" \t\r\n"


def delivery_record(delivery: Delivery, body: bytes) -> dict[str, Any]:
    """Return the record of a delivery; `body` is the whole of its body. Never raises."""
    signature = delivery.signature
    return {
        "type": "delivery",
        "id": delivery.id,
        "received_at": timestamp(delivery.received_at),
        "method": delivery.method,
        "path": delivery.path,
        "query": delivery.query,
        "http_version": delivery.http_version,
        "remote": delivery.remote,
        "headers": _pairs(delivery.headers),
        "size": delivery.size,
        "provider": delivery.provider,
        "event": delivery.event,
        "action": delivery.action,
        "delivery_id": delivery.delivery_id,
        "handshake": delivery.handshake,
        "repeats": delivery.repeats,
        "signature": {"code": signature.code, "message": signature.message},
        "payload": payload_of(delivery.headers, body),
        **_body(body),
    }


def attempt_record(attempt: Attempt) -> dict[str, Any]:
    """Return the record of an attempt."""
    body = attempt.body
    if attempt.body_truncated:
        body = _without_broken_character(body)
    return {
        "type": "attempt",
        "id": attempt.id,
        "delivery": attempt.delivery,
        "kind": attempt.kind,
        "endpoint": attempt.endpoint,
        "started_at": timestamp(attempt.started_at),
        "duration_ms": round(attempt.duration_ms, 3),
        "status": attempt.status,
        "headers": _pairs(attempt.headers),
        **_body(body),
        "body_truncated": attempt.body_truncated,
        "error": attempt.error,
        "request": attempt.request and changed_record(attempt.request),
    }


def changed_record(request: Changed) -> dict[str, Any]:
    """Return what an attempt's record says of a request that was not sent byte for byte."""
    no_body = {"body": None, "body_base64": None}
    return {
        "method": request.method,
        "path": request.path,
        "headers": _pairs(request.headers),
        **(no_body if request.body is None else _body(request.body)),
    }


def ready_record(ready: Ready) -> dict[str, Any]:
    """Return the record that says that everything asked for is up, or given up."""
    return {
        "type": "ready",
        "public_url": ready.public_url,
        "local_url": ready.local_url,
        "inspect_url": ready.inspect_url,
        "store": ready.store,
        "pid": ready.pid,
    }


def tunnel_record(state: TunnelState) -> dict[str, Any]:
    """Return the record of a change of the tunnel."""
    return {
        "type": "tunnel",
        "state": state.state,
        "public_url": state.public_url,
        "reachable": state.reachable,
        "offline_s": state.offline_s,
        "at": timestamp(state.at),
        "reason": state.reason,
    }


def dump(record: dict[str, Any]) -> bytes:
    """Return the record as one line of JSON, with its newline."""
    try:
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # a path that is not UTF-8: its bytes are lone surrogates, escaped here
        return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def body_line(delivery: Delivery, body: bytes) -> bytes:
    """Return the payload alone: JSON on one line, anything else as it came, ending in a newline.

    JSON loses the white space between its tokens and nothing else: numbers keep their digits,
    and objects their order and their duplicate keys.
    """
    text = json_text(delivery.headers, body)
    if text is not None:
        return _compacted(text) + b"\n"
    return body if body.endswith(b"\n") else body + b"\n"


def timestamp(moment: datetime) -> str:
    """Return a time as records give it: UTC, with microseconds and a Z."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _compacted(text: bytes) -> bytes:
    """Take white space out of valid JSON, except inside its strings."""
    pieces = _STRING.split(text)
    # Every other piece is between strings; NUL stands in none of them.
    between = b"\0".join(pieces[::2]).translate(None, _SPACE)
    pieces[::2] = between.split(b"\0")
    return b"".join(pieces)


def _pairs(headers: Headers) -> list[list[str]]:
    return [[name, value] for name, value in headers.pairs]


def _without_broken_character(text: bytes) -> bytes:
    """Leave off the beginning of a character at the end, which would make all of it no text."""
    try:
        return getincrementaldecoder("utf-8")().decode(text).encode()
    except UnicodeDecodeError:
        return text


def _body(body: bytes) -> dict[str, str | None]:
    try:
        return {"body": body.decode(), "body_base64": None}
    except UnicodeDecodeError:
        return {"body": None, "body_base64": b2a_base64(body, newline=False).decode()}
