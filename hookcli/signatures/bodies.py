"""What a body may have been before something on its way wrote it anew."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

import orjson

from hookcli.payload import FORM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    _Layout = tuple[str, bytes | None, bytes, bytes, bytes]

_TOKENS = 50_000
"""Marks of JSON up to which it is laid out anew: what costs is their number."""
_DENSEST = 5
"""Bytes of JSON to one of them; real ones have ten and more."""
_FEW = 5_000
"""Marks that JSON may have however dense they stand."""
_DEEPEST = 32
"""Levels up to which it is indented."""
_DISTINCT = 100
"""Characters up to which it is faster to replace one after the other."""
_LONGER = 4
"""Times that its indents may be longer than itself."""
_SHORT = 4_000
"""Bytes that they may have all the same."""
_FIELDS = 500
"""Fields of a form up to which it is encoded anew."""
_PAYLOAD = "payload="
_BOM = b"\xef\xbb\xbf"

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]++')
_ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][\da-fA-F]{2})\\u([dD][c-fC-F][\da-fA-F]{2})|u([\da-fA-F]{4})|.)"
)
_CONTROL = re.compile(r"(?<!\\)(?:\\\\)*+\\u00[01][a-f]")
_MARKUP = {each: f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}
_NEXT_FIELD = re.compile(r"&(?=[^&=\s]++=)")
_PERCENT = re.compile(rb"%[\da-fA-F]{2}")

# What stands where JSON may have white space. No JSON holds these characters themselves.
_AFTER_COMMA, _BREAK, _INDENT, _AFTER_COLON = "\x01", "\x02", "\x03", "\x04"

_SPACED = bytes.maketrans(b"\x01\x04", b"  ")
_INDENTED = bytes.maketrans(b"\x01\x02\x04", b"\n\n ")
_LAYOUTS = (
    ("as compact JSON", None, b"\x01\x02\x03\x04", b"", b"\n"),
    ("as JSON with spaces as Python's json.dumps sets them", _SPACED, b"\x02\x03", b"", b"\n"),
    ("as JSON indented by 2 spaces", _INDENTED, b"", b"  ", b"\n"),
    ("as JSON indented by 4 spaces", _INDENTED, b"", b"    ", b"\n"),
    ("as JSON indented by tabs", _INDENTED, b"", b"\t", b"\n"),
)
"""What to say, what becomes of the marks, those left out, and what stands for an indent and for
a newline."""
_RARE_LAYOUTS = (
    ("as JSON indented by 2 spaces, with CRLF as its newlines", _INDENTED, b"", b"  ", b"\r\n"),
    ("as JSON indented by 4 spaces, with CRLF as its newlines", _INDENTED, b"", b"    ", b"\r\n"),
    ("as JSON with spaces after its colons", _SPACED, b"\x01\x02\x03", b"", b"\n"),
    ("as JSON with spaces after its commas", _SPACED, b"\x02\x03\x04", b"", b"\n"),
    ("as JSON indented by 1 space", _INDENTED, b"", b" ", b"\n"),
    ("as JSON indented by 3 spaces", _INDENTED, b"", b"   ", b"\n"),
)
_USUAL_STYLES = 4
"""Those of the first styles that are tried with these, and with a newline at their end."""


def bodies(body: bytes, kind: str) -> Iterator[tuple[bytes, str]]:
    """Yield likely originals of a body of a media type, each with how to say what it is.

    Cheapest first. What to say goes on after "it was signed": "without the newline at its end".
    """
    seen = {body}
    for candidate, how in chain(
        _ends(body), _newlines(body), _charsets(body), _json(body), _forms(body, kind)
    ):
        if candidate not in seen:
            seen.add(candidate)
            yield candidate, how


def json_of(body: bytes) -> str | None:
    """Return the text of a body that is a JSON object or list, or None."""
    if body.lstrip()[:1] not in {b"{", b"["}:
        return None
    try:
        orjson.loads(body)
    except ValueError:
        return None
    return body.decode()


def _ends(body: bytes) -> Iterator[tuple[bytes, str]]:
    bare = body.rstrip(b"\r\n")
    yield bare, "without the newline at its end"
    yield body + b"\n", "with a newline at its end"
    yield body + b"\r\n", "with a newline (CRLF) at its end"
    yield bare + b"\n", "with just one newline at its end"
    yield bare + b"\r\n", "with just one newline (CRLF) at its end"
    yield body.strip(), "without the white space around it"
    yield body.removeprefix(_BOM), "without its byte order mark"
    yield _BOM + body, "with a byte order mark"


def _newlines(body: bytes) -> Iterator[tuple[bytes, str]]:
    unix = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for name, newline in (("CRLF", b"\r\n"), ("LF", b"\n")):
        text = unix.replace(b"\n", newline)
        bare = text.rstrip(b"\r\n")
        yield text, f"with {name} as its newlines"
        yield bare, f"with {name} as its newlines and none at its end"
        yield bare + newline, f"with {name} as its newlines and one at its end"


def _charsets(body: bytes) -> Iterator[tuple[bytes, str]]:
    for name, codec in (("Latin-1", "latin-1"), ("Windows-1252", "cp1252")):
        with suppress(UnicodeError):
            yield body.decode().encode(codec), f"as it was before it was read as {name}"
        with suppress(UnicodeError):
            yield body.decode(codec).encode(), f"in UTF-8, as it was before it became {name}"


def _json(body: bytes) -> Iterator[tuple[bytes, str]]:
    text = json_of(body)
    if text is None or _is_dense(text):
        return
    styled: dict[bytes, tuple[bytes, str]] = {}
    for (style, each), (_, again) in zip(_styles(_marked(text)), _styles(text), strict=True):
        marked, received = each.encode(), again.encode()
        styled.setdefault(marked, (received, style))
        yield from _laid_out(marked, received, style, _LAYOUTS)
    usual = list(islice(styled.items(), _USUAL_STYLES))
    for marked, (received, style) in usual:
        for written, how in _laid_out(marked, received, style, _LAYOUTS):
            yield written + b"\n", f"{how} and a newline at its end"
            if not style:
                yield written + b"\r\n", f"{how} and a newline (CRLF) at its end"
    for marked, (_, style) in usual:
        yield from _laid_out(marked, b"", style, _RARE_LAYOUTS)


def _is_dense(text: str) -> bool:
    most = min(_TOKENS, _FEW + len(text) // _DENSEST)
    return sum(map(text.count, ",:[]{}")) > most


def _laid_out(
    marked: bytes, received: bytes, style: str, layouts: Iterable[_Layout]
) -> Iterator[tuple[bytes, str]]:
    """Yield what was received, in a style, and in that style each of the layouts."""
    if received:
        yield received, style
    indents = marked.count(_INDENT.encode())
    most = _SHORT + _LONGER * len(marked.translate(None, b"\x01\x02\x03\x04"))
    for layout, table, left_out, indent, newline in layouts:
        if table is _INDENTED and len(indent) * indents > most:
            continue
        written = marked.translate(table, left_out).replace(_INDENT.encode(), indent)
        if newline != b"\n":
            written = written.replace(b"\n", newline)
        yield written, " ".join(filter(None, (layout, style)))


def _marked(text: str) -> str:
    """Return JSON with marks in place of its white space, so that it can be laid out by them."""
    marked: list[str] = []
    level, last = 0, ""
    for part in _TOKEN.findall(text):
        if part in {"}", "]"}:
            level -= 1
            if last not in {"{", "["}:
                marked.append(_BREAK + _INDENT * min(level, _DEEPEST))
        elif last in {"{", "["}:
            marked.append(_BREAK + _INDENT * min(level, _DEEPEST))
        marked.append(part)
        if part in {"{", "["}:
            level += 1
        elif part == ",":
            marked.append(_AFTER_COMMA + _INDENT * min(level, _DEEPEST))
        elif part == ":":
            marked.append(_AFTER_COLON)
        last = part
    return "".join(marked)


def _styles(text: str) -> Iterator[tuple[str, str]]:
    r"""Yield JSON with its strings written in the ways of the usual libraries."""
    plain = _ESCAPE.sub(_unescaped, text) if "\\u" in text or "\\/" in text else text
    ascii_only = _ascii(plain)
    yield "", text
    yield "with its characters unescaped", plain
    yield r"with \uXXXX for what is not ASCII", ascii_only
    yield r"with \uXXXX for what is not ASCII and \/ for /", ascii_only.replace("/", r"\/")
    yield r"with \/ for /", plain.replace("/", r"\/")
    yield r"with \u003c, \u003e and \u0026 for <, > and &", _replaced(plain, _MARKUP)
    capitals = _ascii(_CONTROL.sub(_capital, plain) if r"\u00" in plain else plain, upper=True)
    yield r"with \uXXXX, in capitals, for what is not ASCII", capitals


def _unescaped(match: re.Match[str]) -> str:
    high, low, other = match.groups()
    if high:
        return chr(0x10000 + (int(high, 16) - 0xD800) * 0x400 + int(low, 16) - 0xDC00)
    if other:
        character = chr(int(other, 16))
        return match[0] if character < " " or character in '"\\' else character
    return "/" if match[0] == r"\/" else match[0]


def _ascii(text: str, *, upper: bool = False) -> str:
    beyond = {each: json.dumps(each)[1:-1] for each in set(text) if each > "~"}
    if upper:
        beyond = {each: escape.upper().replace("U", "u") for each, escape in beyond.items()}
    if len(beyond) <= _DISTINCT:
        return _replaced(text, beyond)
    return text.translate({ord(each): escape for each, escape in beyond.items()})


def _replaced(text: str, escapes: dict[str, str]) -> str:
    for character, escape in escapes.items():
        text = text.replace(character, escape)
    return text


def _capital(match: re.Match[str]) -> str:
    return match[0][:-2] + match[0][-2:].upper()


def _forms(body: bytes, kind: str) -> Iterator[tuple[bytes, str]]:
    text = json_of(body)
    if kind == FORM and text is not None:
        yield b"payload=" + quote_plus(body).encode(), "as the field payload of a form"
        yield b"payload=" + quote(body).encode(), "as the field payload of a form"
        if fields := _fields(text):
            for encoded in _encoded(fields):
                yield encoded.encode(), "as a form, before it became JSON"
    elif b"=" in body and body.lstrip()[:1] not in {b"{", b"["}:
        yield from _encodings(body)


def _fields(text: str) -> list[tuple[str, str]]:
    """Return the fields of a form that was made into a JSON object; none where it is another."""
    value = orjson.loads(text)
    if not isinstance(value, dict) or len(value) > _FIELDS:
        return []
    lists = [(name, each if isinstance(each, list) else [each]) for name, each in value.items()]
    fields = [(name, each) for name, values in lists for each in values]
    return fields if all(isinstance(each, str) for _, each in fields) else []


def _encoded(fields: list[tuple[str, str]]) -> Iterator[str]:
    """Yield a form in the ways of the usual libraries."""
    yield urlencode(fields)
    yield urlencode(fields, quote_via=quote)
    yield urlencode(fields, safe="*").replace("~", "%7E")


def _encodings(body: bytes) -> Iterator[tuple[bytes, str]]:
    yield body.replace(b"%20", b"+"), "with + for spaces"
    yield body.replace(b"+", b"%20"), "with %20 for spaces"
    yield _PERCENT.sub(lambda match: match[0].lower(), body), "with small letters after each %"
    yield _PERCENT.sub(lambda match: match[0].upper(), body), "with capitals after each %"
    with suppress(ValueError):
        text = body.decode()
        is_one = text.startswith(_PAYLOAD) and json_of(body[len(_PAYLOAD) :]) is not None
        parts = [text] if is_one else _NEXT_FIELD.split(text, _FIELDS)
        fields = [field.partition("=") for field in parts]
        decoded = [(name, value) for name, _, value in fields]
        encoded = urlencode(decoded)
        for each in (encoded, encoded.replace("%2B", "+"), urlencode(decoded, quote_via=quote)):
            yield each.encode(), "as a form, before it was decoded"
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS)
        yield urlencode(pairs).encode(), "as a form that Python encoded"
        yield urlencode(pairs, quote_via=quote, safe="!'()*").encode(), "as a form with %20"
        yield urlencode(pairs, safe="*").replace("~", "%7E").encode(), "as a browser's form"
        yield dict(pairs).get("payload", text).encode(), "in its field payload alone"
