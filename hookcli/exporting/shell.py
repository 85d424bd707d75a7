"""Deliveries as commands for a POSIX shell: every value is one word of it, whatever is in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hookcli.exporting.items import as_bytes, fields, normalized
from hookcli.text import escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookcli.delivery import Delivery
    from hookcli.exporting.items import Item

_LONGEST = 64 * 1024
"""Bytes of one argument; Linux takes up to 128 KiB."""
_PRINTF = {byte: chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}" for byte in range(256)} | {
    ord("'"): r"\047",
    ord("\\"): r"\\",
    ord("%"): "%%",
}
_PLAIN_TARGET = re.compile(r"/[A-Za-z0-9._~/:?&=%+@,;!$'()*\[\]-]*(?<!\?)")
_AMBIGUOUS = re.compile(r"\\[:=@;]")
"""HTTPie takes the backslash away, and knows no way to keep it."""


def quote(data: bytes) -> str:
    """Return one word of sh that stands for these bytes, of which none is NUL.

    It is harmless on a terminal. Line breaks at the end are kept only by text.
    """
    text = _text(data)
    if text is None:
        return f'"$({printf(data)})"'
    return "'" + text.replace("'", r"'\''") + "'"


def printf(data: bytes) -> str:
    """Return a command of sh that prints any bytes, NUL too."""
    # What begins with a dash would be an option.
    first = rf"\{data[0]:03o}" if data[:1] == b"-" else None
    pieces = [_PRINTF[byte] for byte in data]
    return f"printf '{''.join([first, *pieces[1:]] if first else pieces)}'"


def curl(item: Item) -> str:
    """Return a command that sends the request with curl: the same bytes, but for Host."""
    delivery = item.delivery
    given = list(fields(delivery))
    names = {name.lower() for name, _ in given}
    words = [f"curl -q -sS --globoff --path-as-is --http{_version(delivery)}"]
    words[0] += f" {_method(delivery)} {quote(as_bytes(item.url))}"
    if (target := _raw_target(item)) is not None:
        words.append(f"--request-target {quote(target)}")
    added = _added_by_curl(delivery.size)
    words += [f"-H '{name}:'" for name in added if name.lower() not in names]
    for name, value in given:
        line = f"{name}: {value}" if value.strip(" \t") else f"{name};"
        words.append(f"-H {quote(as_bytes(line))}")
    source, data = _curl_body(item)
    return _command(item, source, [*words, *data])


def httpie(item: Item) -> str:
    """Return a command that sends the request with HTTPie."""
    delivery, body = item.delivery, item.delivery.body
    text = _text(body) if len(body) <= _LONGEST else None
    piped = item.body_file is not None or (bool(body) and text is None)
    words = ["http --ignore-netrc --path-as-is" + ("" if piped else " --ignore-stdin")]
    words[0] += f" {_word(delivery.method)} {quote(as_bytes(item.url))}"
    given = [
        (name, value)
        for name, value in fields(delivery)
        if name.lower() not in {"content-length", "transfer-encoding"}
    ]
    names = {name.lower() for name, _ in given}
    words += [f"'{name}:'" for name in _ADDED_BY_HTTPIE if name.lower() not in names]
    words += [_httpie_header(name, value) for name, value in given if _speakable(value)]
    if not piped:
        return _command(item, "", [*words, f"--raw={quote(body)}"] if body else words)
    if item.body_file:
        return _command(item, "", [*words, f"< {_beside(item.body_file)}"])
    return _command(item, f"{printf(body)} | ", words)


def httpie_misses(delivery: Delivery) -> str | None:
    """Return what HTTPie cannot send as it came, or None."""
    if not delivery.method.isalpha():
        return "the method"
    for name, value in fields(delivery):
        if not _speakable(value):
            return f"the header {name}, which is not UTF-8"
        if _AMBIGUOUS.search(value):
            return f"a backslash in the header {name}"
        if name.lower() == "transfer-encoding":
            return "the body in chunks"
    return normalized(delivery)


def is_inline(body: bytes) -> bool:
    """Return whether a body is one that stands in a command, and in no file beside it."""
    return len(body) <= _LONGEST and _text(body) is not None


_ADDED_BY_HTTPIE = ("User-Agent", "Accept-Encoding", "Accept", "Connection", "Content-Type")


def _added_by_curl(size: int) -> tuple[str, ...]:
    usual = ("User-Agent", "Accept")
    if size > 1024:
        return (*usual, "Content-Type", "Expect")
    return (*usual, "Content-Type") if size else usual


def _curl_body(item: Item) -> tuple[str, list[str]]:
    """Return what is piped to curl, and the words that name the body."""
    body = item.delivery.body
    if item.body_file is not None:
        return "", [f"--data-binary @{_beside(item.body_file)}"]
    if not body:
        return "", []
    if is_inline(body) and not body.startswith(b"@"):
        return "", [f"--data-binary {quote(body)}"]
    return f"{printf(body)} | ", ["--data-binary @-"]


def _command(item: Item, source: str, words: Sequence[str]) -> str:
    return f"# {item.title}\n{source}" + " \\\n  ".join(words) + "\n"


def _method(delivery: Delivery) -> str:
    if delivery.method != "HEAD":
        return f"-X {_word(delivery.method)}"
    # With a body curl would wait for one in the answer, too.
    return "-X HEAD --max-time 10" if delivery.size else "--head"


def _word(method: str) -> str:
    return method if method.isascii() and method.isalpha() else quote(as_bytes(method))


def _version(delivery: Delivery) -> str:
    return "1.0" if delivery.http_version == "1.0" else "1.1"


def _raw_target(item: Item) -> bytes | None:
    """Return the request's own target where curl would not make it of the URL."""
    delivery = item.delivery
    if (item.to and item.to.exact) or _PLAIN_TARGET.fullmatch(delivery.target):
        return None
    return as_bytes(delivery.target)


def _httpie_header(name: str, value: str) -> str:
    if not value.strip(" \t"):
        return quote(f"{name};".encode())
    escaped = f"\\{value}" if value[0] in ":=@" else value
    return quote(as_bytes(f"{name}:{escaped}"))


def _speakable(value: str) -> bool:
    try:
        as_bytes(value).decode()
    except UnicodeDecodeError:
        return False
    return True


def _beside(name: str) -> str:
    return f'"$(dirname -- "$0")/{name}"'


def _text(data: bytes) -> str | None:
    """Return the text that a terminal shows as it is, or None where that is not all."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if escape(text, keep_newline=True) == text else None
