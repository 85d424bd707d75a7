"""A body read as a value: JSON, the JSON inside a form, or a form's fields."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

if TYPE_CHECKING:
    from hookcli.delivery import Headers

LIMIT = 32 << 20
"""Bytes up to which a body is decompressed."""

FORM = "application/x-www-form-urlencoded"

_LEVELS = 200
_FIELDS = 10_000
_STACKED = 4
"""More compressions, and more members of a gzip body, than honest senders make."""


def payload_of(headers: Headers, body: bytes, limit: int = LIMIT) -> Any:
    """Return the body's value, of JSON types only, or None where it has none. Never raises.

    `limit` is in bytes of the decompressed body.
    """
    text = decoded(headers, body, limit)
    if text is None:
        return None
    kind = content_type(headers)
    if _looks_like_json(kind, text):
        try:
            return _loads(text)
        except ValueError:
            pass  # curl sends JSON, and anything else, as a form
    return _form(text) if kind == FORM else None


def json_text(headers: Headers, body: bytes, limit: int = LIMIT) -> bytes | None:
    """Return the body, decompressed, where it is JSON by the rules of `payload_of`; else None."""
    text = decoded(headers, body, limit)
    if text is None or not _looks_like_json(content_type(headers), text):
        return None
    try:
        _loads(text)
    except ValueError:
        return None
    return text


def content_type(headers: Headers) -> str:
    """Return the media type in lower case without its parameters; empty where none is given."""
    return (headers.get("content-type") or "").partition(";")[0].strip().lower()


def decoded(headers: Headers, body: bytes, limit: int = LIMIT) -> bytes | None:
    """Return the body with gzip and deflate undone, or None where that cannot be done.

    None also where a step gives more than `limit` bytes; a plain body has no limit.
    """
    given = headers.get("content-encoding")
    if not given:
        return body
    text: bytes | None = body
    for encoding in reversed(given.lower().split(",", _STACKED)):
        name = encoding.strip()
        if text is None or name in {"identity", ""}:
            continue
        text = _UNDO[name](text, limit) if name in _UNDO else None
    return text


def _gunzip(data: bytes, limit: int) -> bytes | None:
    text = b""
    for _ in range(_STACKED):
        part, data = _inflate(data, limit - len(text), 16 + zlib.MAX_WBITS)
        if part is None:
            return None
        text += part
        if not data:
            return text
    return None


def _undeflate(data: bytes, limit: int) -> bytes | None:
    text, _ = _inflate(data, limit, zlib.MAX_WBITS)
    if text is None:  # some senders leave the zlib wrapper off
        text, _ = _inflate(data, limit, -zlib.MAX_WBITS)
    return text


def _inflate(data: bytes, limit: int, wbits: int) -> tuple[bytes | None, bytes]:
    """Return one whole stream, None where it is not one, and what follows it."""
    stream = zlib.decompressobj(wbits)
    try:
        text = stream.decompress(data, limit + 1)
    except zlib.error:
        return None, b""
    whole = stream.eof and len(text) <= limit
    return text if whole else None, stream.unused_data


_UNDO = {"gzip": _gunzip, "x-gzip": _gunzip, "deflate": _undeflate}


def _looks_like_json(kind: str, text: bytes) -> bool:
    return kind.endswith(("/json", "+json")) or text.lstrip(b" \t\r\n")[:1] in {b"{", b"["}


def _loads(text: bytes) -> Any:
    """Return the value of JSON text. Raises ValueError, also where it is nested too deeply."""
    value = orjson.loads(text)  # refuses more than 1,024 levels by itself
    if _may_be_deep(text) and _levels(value) > _LEVELS:
        raise ValueError
    return value


def _may_be_deep(text: bytes) -> bool:
    """Return whether as many brackets open as it takes."""
    left = _LEVELS
    for bracket in b"[", b"{":
        # Not `count`, which goes byte by byte, and takes longer than reading the value.
        at = text.find(bracket)
        while at >= 0:
            if not left:
                return True
            left -= 1
            at = text.find(bracket, at + 1)
    return False


def _levels(value: Any) -> int:
    """Count how deep lists and objects are nested, level by level, without recursion."""
    depth = 0
    level = [value] if isinstance(value, (dict, list)) else []
    while level:
        depth += 1
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, (dict, list))
        ]
    return depth


def _form(text: bytes) -> Any:
    try:
        pairs = parse_qsl(
            text.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_FIELDS
        )
    except ValueError:
        return None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    try:
        return _loads(found["payload"][0].encode())
    except (KeyError, ValueError):
        fields = {name: values if values[1:] else values[0] for name, values in found.items()}
        return fields or None
