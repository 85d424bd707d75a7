"""Deliveries read back from what was written of them: raw HTTP requests, and records."""

from __future__ import annotations

import json
import re
from binascii import a2b_base64
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, get_args

import orjson

from hookcli.delivery import EPOCH, Attempt, AttemptKind, Changed, Delivery, Headers
from hookcli.errors import HookError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from hookcli.delivery import Entry

_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_REQUEST = re.compile(rb"([!-~]+) (\S+)(?: HTTP/([0-9](?:\.[0-9])?))?")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")
_SITE = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]*\r?\n")
_YEARS = range(1970, 9999)
"""Those that have a time in every zone."""
_LONGEST_MS = 86_400_000 * 366
_FORMS = (
    "hookcli reads records, one on a line, and HTTP requests: POST /path HTTP/1.1, then headers"
)


def deliveries(lines: Iterable[bytes]) -> Iterator[Delivery]:
    """Yield what is in a file, given line by line: the deliveries among records, or one request.

    Raises HookError where it is neither.
    """
    return _read(lines, {"delivery": recorded})


def entries(lines: Iterable[bytes]) -> Iterator[Entry]:
    """Yield the attempts among records, too."""
    return _read(lines, {"delivery": recorded, "attempt": attempted})


def _read(
    lines: Iterable[bytes], readers: Mapping[str, Callable[[Mapping[str, Any]], Any]]
) -> Iterator[Any]:
    """Yield what `readers` make of records of their types, or the delivery that a request is."""
    lines = iter(lines)
    first = next((line for line in lines if line.strip()), b"")
    if not first.lstrip().startswith(b"{"):
        yield raw_request(first + b"".join(lines))
        return
    if first.strip() == b"{":  # one record, on many lines
        first += b"".join(lines)
    for line in chain([first], lines):
        record = _record(line) if line.strip() else {"type": None}
        if reader := readers.get(str(record.get("type", "delivery"))):
            yield reader(record)


def raw_request(data: bytes) -> Delivery:
    """Return the delivery that an HTTP request is. Raises HookError where it is none.

    Lines may end without a carriage return. A Content-Length cuts off what stands behind the
    body, such as an editor's line break, and chunks are put together.
    """
    head, *rest = _EMPTY_LINE.split(data, maxsplit=1)
    start, *lines = head.rstrip(b"\r\n").replace(b"\r\n", b"\n").split(b"\n")
    request = _REQUEST.fullmatch(start)
    fields = [_FIELD.fullmatch(line) for line in lines]
    if request is None or None in fields:
        raise HookError("This is neither a record nor an HTTP request", _FORMS)
    headers = Headers.from_raw((field[1], field[2]) for field in fields if field)
    target = request[2].decode("latin-1")
    path, question, query = (_SITE.sub("", target, count=1) or "/").partition("?")
    return Delivery(
        method=request[1].decode(),
        path=path if query else path + question,
        query=query,
        headers=headers,
        body=_unframed(headers, b"".join(rest)),
        http_version=(request[3] or b"1.1").decode(),
    )


def recorded(record: Mapping[str, Any]) -> Delivery:
    """Return the delivery that a record tells of. Raises HookError where it tells of none."""
    with _explained("delivery"):
        return Delivery(
            method=_text(record["method"]),
            path=_text(record["path"]),
            query=_text(record.get("query") or ""),
            headers=_headers(record),
            body=_body(record),
            http_version=_text(record.get("http_version") or "1.1"),
            remote=_text(record.get("remote") or "") or None,
            id=int(record.get("id") or 0),
            received_at=_time(record.get("received_at")),
            provider=record.get("provider"),
        )


def attempted(record: Mapping[str, Any]) -> Attempt:
    """Return the attempt that a record tells of. Raises HookError where it tells of none."""
    with _explained("attempt"):
        kind, request = record["kind"], record.get("request")
        if kind not in get_args(AttemptKind):
            raise ValueError(f"there is no kind {kind!r:.40}")
        return Attempt(
            kind=kind,
            id=int(record.get("id") or 0),
            delivery=int(record["delivery"]),
            endpoint=_text(record.get("endpoint") or "") or None,
            started_at=_time(record["started_at"]),
            duration_ms=_within(float(record["duration_ms"]), 0, _LONGEST_MS),
            status=_status(record.get("status")),
            headers=_headers(record),
            body=_body(record),
            body_truncated=bool(record.get("body_truncated")),
            error=_text(record.get("error") or "") or None,
            request=request and _changed(request),
        )


def _changed(request: Mapping[str, Any]) -> Changed:
    bodies = request.get("body"), request.get("body_base64")
    return Changed(
        method=_text(request["method"]),
        path=_text(request["path"]),
        headers=_headers(request),
        body=None if bodies == (None, None) else _body(request),
    )


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except KeyError as error:
        raise HookError(f"A record has no {error.args[0]}", _FORMS) from None
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        raise HookError(f"A record is no {what}: {error}", _FORMS) from None


def _record(text: bytes) -> dict[str, Any]:
    try:
        record = _json(text)
    except ValueError as error:
        raise HookError(f"A line is no record: {error}", _FORMS) from None
    if isinstance(record, dict):
        return record
    raise HookError("A line is no record: it is no JSON object", _FORMS)


def _json(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:
        try:  # a path that is not UTF-8 is written with lone surrogates
            return json.loads(text)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None


def _headers(record: Mapping[str, Any]) -> Headers:
    return Headers((_text(name), _text(value)) for name, value in record["headers"])


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"{value!r:.40} is no text")


def _body(record: Mapping[str, Any]) -> bytes:
    if record.get("body") is None:
        return a2b_base64(record.get("body_base64") or "", strict_mode=True)
    return _text(record["body"]).encode()


def _status(value: Any) -> int | None:
    return None if value is None else int(_within(int(value), 100, 999))


def _within(value: float, least: float, most: float) -> float:
    if least <= value <= most:
        return value
    raise ValueError(f"{value:g} is not from {least:g} to {most:g}")


def _time(value: str | None) -> datetime:
    at = datetime.fromisoformat(value) if value else EPOCH
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    if at.year in _YEARS:
        return at
    raise ValueError(f"nothing was sent in {at.year}")


def _unframed(headers: Headers, body: bytes) -> bytes:
    if "chunked" in (headers.get("transfer-encoding") or "").lower():
        return _unchunked(body)
    length = _LENGTH.fullmatch(headers.get("content-length") or "")
    return body[: int(length[0])] if length else body


def _unchunked(body: bytes) -> bytes:
    """Return what is in chunks; all as it is where it is in none, as in what hookcli writes."""
    parts: list[bytes] = []
    at = 0
    while size := _CHUNK.match(body, at):
        at = size.end() + int(size[1], 16)
        if at == size.end():
            return b"".join(parts)
        parts.append(body[size.end() : at])
        at += 2 if body.startswith(b"\r\n", at) else 1
    return body
