"""What a person sees of a body: JSON, a form, XML, text, or the bytes themselves."""

from __future__ import annotations

import codecs
import re
import zlib
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_plus

from hookcli.delivery import HELD_BODY
from hookcli.jsonview import COUNTED, DEEPEST, Excerpt, NotJsonError, json_lines
from hookcli.payload import FORM, content_type
from hookcli.text import human_size, word

if TYPE_CHECKING:
    from hookcli.delivery import Headers
    from hookcli.screen import Line

VIEWED = 128 * 1024
"""Bytes of a body that are enough for a screenful of it."""

_XML_TOKEN = re.compile(r"<[^<>]++>|[^<]++")
_WBITS = {
    "gzip": (16 + zlib.MAX_WBITS,),
    "x-gzip": (16 + zlib.MAX_WBITS,),
    "deflate": (zlib.MAX_WBITS, -zlib.MAX_WBITS),
}
"""What zlib calls them; some senders of deflate leave the wrapper off."""
_HIGH = bytes(range(128, 256))
_DOTS = bytes(byte if 32 <= byte < 127 else 46 for byte in range(256)).decode()


class View(NamedTuple):
    """A body, made for reading."""

    lines: list[Line]
    more: str
    """What is left out, like `118 more lines` or `6.2 MB more`; empty where nothing is."""
    note: str
    """Why it is not shown as its type says; mostly empty."""
    binary: bool = False
    """Whether it is no text: the lines are a dump of its bytes."""


class _Data(NamedTuple):
    """The bytes to show: a body, or the start of it, with its compression undone."""

    bytes: bytes
    size: int | None
    """Of the whole; None where that is not known."""
    note: str = ""

    @property
    def whole(self) -> bool:
        return len(self.bytes) == self.size


class _Room(NamedTuple):
    limit: int | None
    cells: int
    whole: bool
    """Whether the text is there to its end."""

    def part(self, text: str, longest: int = 4) -> str:
        """Return as much of a line as cannot fit, where a character takes up to `longest`."""
        return text if self.limit is None else text[: longest * self.cells + 1]

    def split(self, text: str, mark: str) -> tuple[list[str], Excerpt]:
        """Return the parts that have room, and an excerpt that is still without lines."""
        parts = text.split(mark) if self.limit is None else text.split(mark, self.limit)
        rest = ""
        if self.limit is not None and len(parts) > self.limit:
            rest = parts.pop()
        elif not parts[-1]:
            parts.pop()
        left = rest.count(mark) + (not rest.endswith(mark)) if rest else 0
        known = not rest or len(text) <= COUNTED
        return parts, Excerpt([], len(text) - len(rest), left if known else None)


def view(headers: Headers, body: bytes, *, size: int, limit: int | None, cells: int) -> View:
    """Lay out at most `limit` lines of a body, each for about `cells` terminal cells.

    `size` is that of the whole body in bytes; `body` may be only the start of it, and `VIEWED`
    bytes are enough. Without `limit` lines are given in full, of at most the first MiB.
    """
    data = _unpacked(headers, body, size, HELD_BODY if limit is None else VIEWED)
    if not data.bytes:
        return View([], "", data.note)
    room = _Room(limit, cells, data.whole)
    text, note = _decoded(data)
    if text is None:
        excerpt = _hexdump(data.bytes, room)
        return View(excerpt.lines, _left(data, excerpt.end, None), note, binary=True)
    excerpt, unfit = _excerpt(content_type(headers), text, room)
    shown = len(text[: excerpt.end].encode())
    return View(excerpt.lines, _left(data, shown, excerpt.more), note or unfit)


def _unpacked(headers: Headers, body: bytes, size: int, enough: int) -> _Data:
    encoding = (headers.get("content-encoding") or "identity").strip().lower()
    as_it_came = _Data(body[:enough], size)
    if encoding == "identity" or not body:
        return as_it_came
    if encoding not in _WBITS:
        return as_it_came._replace(note=f"Encoded as {word(encoding)}: shown as it came")
    for wbits in _WBITS[encoding]:
        stream = zlib.decompressobj(wbits)
        try:
            data = stream.decompress(body, enough)
        except zlib.error:
            continue
        if data and len(body) == size and not (stream.eof or stream.unconsumed_tail):
            return _Data(data, len(data), f"The {encoding} breaks off: shown as far as it goes")
        if data or stream.eof:
            return _Data(data, len(data) if stream.eof else None)
    return as_it_came._replace(note=f"Says that it is {encoding}, but is not: shown as it came")


def _decoded(data: _Data) -> tuple[str | None, str]:
    """Return the data as text, or None where it is none, and what is to be said of it."""
    if b"\0" in data.bytes:
        return None, data.note
    try:
        decoder = codecs.getincrementaldecoder("utf-8")()
        return decoder.decode(data.bytes, final=data.whole), data.note
    except UnicodeDecodeError:
        high = len(data.bytes) - len(data.bytes.translate(None, _HIGH))
    if 10 * high > 3 * len(data.bytes):
        return None, data.note
    return data.bytes.decode("latin-1"), data.note or "Not UTF-8: shown as ISO-8859-1"


def _excerpt(kind: str, text: str, room: _Room) -> tuple[Excerpt, str]:
    """Return the view that fits best, and why it is not the one for `kind`."""
    said = kind.endswith(("/json", "+json"))
    if said or text.lstrip(" \t\r\n")[:1] in {"{", "["}:
        try:
            return _json(text, room), ""
        except NotJsonError:
            note = "Says that it is JSON, but is not: shown as text"
            return _text(text, room), note if said else ""
    if kind == FORM:
        return _form(text, room), ""
    if kind.endswith(("/xml", "+xml")) and "\n" not in text.strip():
        return _xml(text, room), ""
    return _text(text, room), ""


def _left(data: _Data, shown: int, lines: int | None) -> str:
    """Say what is left out: lines where they are counted, else bytes where those are known."""
    if not data.whole or lines is None:
        if data.size is None:
            return "there is more"
        return f"{human_size(data.size - shown)} more" if data.size > shown else ""
    return f"{lines:,} more line{'s' if lines > 1 else ''}" if lines else ""


def _json(text: str, room: _Room) -> Excerpt:
    cells = None if room.limit is None else room.cells
    return json_lines(text, limit=room.limit, cells=cells, whole=room.whole)


def _text(text: str, room: _Room) -> Excerpt:
    lines, excerpt = room.split(text, "\n")
    for line in lines:
        excerpt.lines.append([("", room.part(line).removesuffix("\r").expandtabs(4))])
    return excerpt


def _form(text: str, room: _Room) -> Excerpt:
    name, _, value = text.partition("=")
    if name == "payload" and "&" not in value:
        try:
            return _form_payload(value, room)
        except NotJsonError:
            pass  # a field like any other, then
    fields, excerpt = room.split(text, "&")
    for field in fields:
        name, _, value = (unquote_plus(room.part(part, 12)) for part in field.partition("="))
        excerpt.lines.append([("key", name), ("", ": "), ("string", value)])
    return excerpt


def _form_payload(value: str, room: _Room) -> Excerpt:
    """Lay out the JSON that GitHub and Slack put into a form's only field."""
    taken = value if room.limit is None else value[:COUNTED]
    if taken != value and "%" in taken[-2:]:
        taken = taken[: taken.rindex("%")]
    text = unquote_plus(taken)
    limit = None if room.limit is None else room.limit - 1
    inner = _json(text, room._replace(limit=limit, whole=room.whole and taken == value))
    lines: list[Line] = [[("key", "payload"), ("", ":")], *inner.lines]
    return Excerpt(lines, len(taken) * inner.end // len(text), inner.more)


def _xml(text: str, room: _Room) -> Excerpt:
    """Lay out XML without reading it: a tag a line, and text beside its tag."""
    lines: list[Line] = []
    at = depth = 0
    leaf = False
    while at < len(text):
        token = _XML_TOKEN.match(text, at)
        if not token:
            return _text(text, room)
        piece = token[0].strip()
        tag, closing = piece.startswith("<"), piece.startswith("</")
        depth -= closing
        if lines and (not tag or (closing and leaf)):
            lines[-1].append(("key" if tag else "", room.part(piece)))
        elif len(lines) == room.limit:
            return Excerpt(lines, at, None)
        else:
            indent = "  " * min(max(depth, 0), DEEPEST)
            lines.append([("", indent), ("key" if tag else "", room.part(piece))])
        if tag:
            leaf = not closing and piece[1] not in "?!" and piece[-2] != "/"
            depth += leaf
        at = token.end()
    return Excerpt(lines, at, 0)


def _hexdump(data: bytes, room: _Room) -> Excerpt:
    """Lay out bytes as `xxd` does, as many a line as there is room for; `end` is in bytes."""
    per = 16 if room.cells >= 73 else 8
    end = len(data) if room.limit is None else min(len(data), per * room.limit)
    lines: list[Line] = []
    for at in range(0, end, per):
        part = data[at : at + per]
        dots = part.decode("latin-1").translate(_DOTS)
        lines.append(
            [("dim", f"{at:06x}"), ("", f"  {part.hex(' '):{3 * per - 1}}  "), ("string", dots)]
        )
    return Excerpt(lines, end, None)
