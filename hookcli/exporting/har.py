"""Deliveries as entries of an HTTP archive, HAR 1.2: one for each attempt."""

from __future__ import annotations

import json
from binascii import b2a_base64
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote

from hookcli import __version__
from hookcli.delivery import NO_HEADERS, Headers
from hookcli.errors import UsageError
from hookcli.exporting.items import as_bytes
from hookcli.payload import FORM, content_type
from hookcli.records import timestamp
from hookcli.routes import endpoint

if TYPE_CHECKING:
    from hookcli.delivery import Attempt
    from hookcli.exporting.items import Item

_CREATOR = json.dumps({"name": "hookcli", "version": __version__})
HEAD = f'{{"log": {{"version": "1.2", "creator": {_CREATOR}, "entries": [\n'
TAIL = "\n]}}\n"
_FIELDS = 10_000
_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def entries(item: Item) -> str:
    """Return the entries of a delivery, with commas between; one without an answer too."""
    attempts = item.attempts or (None,)
    return ",\n".join(json.dumps(_entry(item, attempt)) for attempt in attempts)


def _entry(item: Item, attempt: Attempt | None) -> dict[str, Any]:
    delivery = item.delivery
    return {
        "startedDateTime": timestamp(attempt.started_at if attempt else delivery.received_at),
        "time": attempt.duration_ms if attempt else 0,
        "request": _request(item, attempt),
        "response": _response(attempt),
        "cache": {},
        "timings": {"send": 0, "wait": attempt.duration_ms if attempt else 0, "receive": 0},
        "_hookcli": {
            "id": delivery.id,
            "provider": delivery.provider,
            "event": delivery.event,
            "action": delivery.action,
            "signature": delivery.signature.code,
            "kind": attempt.kind if attempt else None,
            "endpoint": attempt.endpoint if attempt else None,
            "error": attempt.error if attempt else None,
        },
    }


def _request(item: Item, attempt: Attempt | None) -> dict[str, Any]:
    delivery, changed = item.delivery, attempt.request if attempt else None
    headers = changed.headers if changed else delivery.headers
    body = delivery.body if changed is None or changed.body is None else changed.body
    url = quote(as_bytes(_url(item, attempt)), safe=_ASCII)
    request: dict[str, Any] = {
        "method": changed.method if changed else delivery.method,
        "url": url,
        "httpVersion": f"HTTP/{delivery.http_version}",
        "cookies": _cookies(headers),
        "headers": _pairs(headers),
        "queryString": _named(url.partition("?")[2]),
        "headersSize": -1,
        "bodySize": len(body),
    }
    if body:
        request["postData"] = _post_data(headers, body)
    return request


def _url(item: Item, attempt: Attempt | None) -> str:
    """Return where the sender sent it; of what was sent again, where that went."""
    if item.to or attempt is None or attempt.kind != "replay" or not attempt.endpoint:
        return item.url
    try:
        there = endpoint(attempt.endpoint)
    except UsageError:  # as can be in what was imported
        return item.url
    if attempt.request is None:
        return there.target(item.delivery)
    return f"{there.scheme}://{there.host}{attempt.request.path}"


def _post_data(headers: Headers, body: bytes) -> dict[str, Any]:
    text, encoded = _text(body)
    data: dict[str, Any] = {"mimeType": headers.get("content-type") or "", "text": text}
    if encoded:  # HAR has no field for it where it is sent
        data["_encoding"] = "base64"
    elif content_type(headers) == FORM:
        data["params"] = _named(text)
    return data


def _response(attempt: Attempt | None) -> dict[str, Any]:
    """Return the answer; status 0 is how browsers say that there was none."""
    headers = attempt.headers if attempt else NO_HEADERS
    body = attempt.body if attempt else b""
    status = (attempt and attempt.status) or 0
    text, encoded = _text(body)
    content = {"size": len(body), "mimeType": headers.get("content-type") or "", "text": text}
    return {
        "status": status,
        "statusText": HTTPStatus(status).phrase if status in list(HTTPStatus) else "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(headers),
        "content": content | ({"encoding": "base64"} if encoded else {}),
        "redirectURL": headers.get("location") or "",
        "headersSize": -1,
        "bodySize": len(body) if status else -1,
    }


def _pairs(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _cookies(headers: Headers) -> list[dict[str, str]]:
    pairs = [pair.strip() for pair in (headers.get("cookie") or "").split(";")]
    split = [pair.partition("=") for pair in pairs if pair]
    return [{"name": name, "value": value} for name, _, value in split]


def _named(query: str) -> list[dict[str, str]]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError:
        return []
    return [{"name": name, "value": value} for name, value in pairs]


def _text(body: bytes) -> tuple[str, bool]:
    """Return a body, and whether it is in base64."""
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return b2a_base64(body, newline=False).decode(), True
