"""The `--save` template, and the safe file names that it makes of received values."""

from __future__ import annotations

import os
import re
from codecs import getincrementaldecoder
from dataclasses import dataclass
from datetime import UTC
from pathlib import PurePosixPath
from string import Formatter
from typing import TYPE_CHECKING

from hookcli.errors import UsageError
from hookcli.grammar import suggestion
from hookcli.payload import FORM, content_type

if TYPE_CHECKING:
    from hookcli.delivery import Delivery, Headers

FIELDS = ("provider", "event", "action", "id", "delivery_id", "date", "time", "method", "ext")

_PLAIN = "{date}/{time}-{provider}-{event}-{action}-{id}{ext}"
_LONGEST = 255
"""Bytes of a file name that every file system takes."""
_NUMBER_ROOM = len("-1000000")
_CUTS = (_LONGEST, 120, 60, 30, 15)
"""Characters of a value, until the name fits."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._+@=,-]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,9}\Z")
_DEVICE = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9]|conin\$|conout\$) *(\.|\Z)", re.IGNORECASE)
_VAGUE = {"", FORM, "text/plain", "application/octet-stream"}
"""Types that are also given to what is something else."""
_KINDS = {
    "text/html": ".html",
    "text/csv": ".csv",
    "text/xml": ".xml",
    "application/xml": ".xml",
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
}


@dataclass(frozen=True, slots=True)
class Template:
    """Where a delivery's file goes."""

    folder: str
    """What no file leaves: the path before the first field, ending in a slash or empty."""
    parts: tuple[str, ...]
    """Format strings of the folders below, and of the file."""

    @property
    def whole_request(self) -> bool:
        """Whether the file holds the whole HTTP request rather than its body."""
        return self.parts[-1].lower().endswith(".http")

    def names(self, delivery: Delivery, start: bytes) -> list[str]:
        """Return the names below `folder`: any folders, and the file. `start` begins the body."""
        at = delivery.received_at.astimezone(UTC)
        values = {
            "provider": _safe(delivery.provider),
            "event": _safe(delivery.event),
            "action": _safe(delivery.action),
            "id": str(delivery.id),
            "delivery_id": _safe(delivery.delivery_id),
            "date": at.date().isoformat(),
            "time": at.strftime("%H%M%S.%f"),
            "method": _safe(delivery.method),
            "ext": extension(delivery.headers, start),
        }
        return [_name(part, values) for part in self.parts]


def compile_template(text: str) -> Template:
    """Read a `--save` template. Raises UsageError."""
    text = _CONTROL.sub("_", text.replace(os.sep, "/"))
    if not _fields(text):
        return _plain_folder(text)
    parts = text.split("/")
    first = next(index for index, part in enumerate(parts) if _fields(part))
    below = [part for part in parts[first:-1] if part not in {"", "."}] + parts[-1:]
    if ".." in below:
        raise UsageError(
            f"--save {text} leaves its folder", "Write .. only in front of the first {field}"
        )
    if not parts[-1]:
        raise UsageError(
            f"--save {text} names a folder", f"Add the file's name: {text}{{id}}{{ext}}"
        )
    folder = "".join(f"{part}/" for part in parts[:first])
    return Template(folder.format(), tuple(below))


def _plain_folder(text: str) -> Template:
    suffix = PurePosixPath(text).suffix
    if not text:
        raise UsageError("--save needs a folder or a template", f"Try --save hooks/{_PLAIN}")
    if suffix and not text.endswith("/"):
        raise UsageError(
            f"--save {text} would give all payloads the same name",
            f"Did you mean {text.removesuffix(suffix)}-{{id}}{suffix}?"
            f" A folder of that name: {text}/",
        )
    return compile_template(f"{text.rstrip('/')}/{_PLAIN}")


def _fields(text: str) -> list[str]:
    """Return the fields of a template. Raises UsageError where it is not one."""
    try:
        parsed = [rest for _, *rest in Formatter().parse(text) if rest[0] is not None]
    except ValueError as error:
        raise UsageError(
            f"--save {text}: {error}", "A field looks like {event}; a brace itself is {{ or }}"
        ) from None
    for field, spec, conversion in parsed:
        if field not in FIELDS:
            raise UsageError(
                f"--save has no field {{{field}}}",
                suggestion(str(field), [f"{{{name}}}" for name in FIELDS]),
            )
        if spec or conversion:
            raise UsageError(
                f"--save cannot format {{{field}}}", f"Write {{{field}}} and nothing more in it"
            )
    return [str(field) for field, _, _ in parsed]


def numbered(name: str, number: int) -> str:
    """Return the name for the `number`th file of that name: `x.json`, `x-2.json`; cut to fit."""
    mark = f"-{number}" if number > 1 else ""
    match = _EXTENSION.search(name)
    end = match[0] if match else ""
    stem = name.removesuffix(end)[:_LONGEST]
    while len(os.fsencode(stem + mark + end)) > _LONGEST:
        stem = stem[:-1]
    return stem + mark + end


def extension(headers: Headers, start: bytes) -> str:
    """Return what a file of this content ends in, from its type and, where vague, its start."""
    if start.startswith(b"\x1f\x8b"):
        return ".gz"
    kind = content_type(headers)
    opening = start[:1024].lstrip()
    if kind.endswith(("/json", "+json")) or (kind in _VAGUE and opening[:1] in {b"{", b"["}):
        return ".json"
    if kind.endswith("+xml") or (kind in _VAGUE and opening.startswith(b"<?xml")):
        return ".xml"
    return _KINDS.get(kind) or (".txt" if _is_text(start[:1024]) else ".bin")


def _is_text(start: bytes) -> bool:
    try:
        # Incremental, since a character may be cut at the end.
        return "\0" not in getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False


def _safe(value: str | None) -> str:
    """Return a received value as a piece of a file name: ASCII, no hidden file, no option."""
    cleaned = _UNSAFE.sub("_", (value or "")[:_LONGEST])
    return cleaned.lstrip(".-").rstrip(".") or "none"


def _name(part: str, values: dict[str, str]) -> str:
    """Fill in a part of a template; the longest values give way where it gets too long."""
    name = ""
    for cut in _CUTS:
        name = part.format_map({field: value[:cut] for field, value in values.items()})
        if len(os.fsencode(name)) <= _LONGEST - _NUMBER_ROOM:
            break
    name = name.rstrip(". ") or "none"
    return numbered(f"_{name}" if _DEVICE.match(name) else name, 1)
