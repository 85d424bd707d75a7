"""A delivery as the bytes of an HTTP request, which can be sent or read back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hookcli.delivery import Delivery

_FRAMING = {"content-length", "transfer-encoding"}
_BREAKS = re.compile(r"[\r\n]+")


def raw_head(delivery: Delivery) -> bytes:
    """Return the request up to its body: request line, headers as they came, empty line.

    The body is stored without the chunks it came in, so a Content-Length of `delivery.size`
    stands where Transfer-Encoding stood, or a Content-Length that does not fit.
    """
    lines = [f"{delivery.method} {delivery.target} HTTP/{delivery.http_version}"]
    framed = False
    for name, value in delivery.headers:
        if name.lower() not in _FRAMING:
            lines.append(f"{name}: {value}")
        elif not framed:
            framed = True
            lines.append(_framing(name, value, delivery.size))
    if delivery.size and not framed:
        lines.append(f"Content-Length: {delivery.size}")
    return b"".join(_wire(line) for line in lines) + b"\r\n"


def _framing(name: str, value: str, size: int) -> str:
    fits = name.lower() == "content-length" and value == str(size)
    return f"{name}: {value}" if fits else f"Content-Length: {size}"


def _wire(line: str) -> bytes:
    # What was imported may hold line breaks, with which it could add headers.
    line = _BREAKS.sub(" ", line) + "\r\n"
    try:
        return line.encode("latin-1")
    except UnicodeEncodeError:  # text from elsewhere than a wire, where a character is a byte
        return line.encode("utf-8", "surrogateescape")
