"""What is exported, and how a program that speaks HTTP may send it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from hookcli.errors import UsageError
from hookcli.routes import endpoint
from hookcli.text import word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hookcli.delivery import Attempt, Delivery
    from hookcli.routes import Endpoint

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BREAKS = re.compile(r"[\x00\r\n]+")
_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_QUOTED = "%(?!2[DE]|3[0-9]|[46][1-9A-F]|[57][0-9A]|5F|7E)[0-9A-F]{2}"
"""Those of a letter and the like are read as that."""
_NORMAL = re.compile(
    rf"/(?:[\w.~!$&'()*+,;=:@/-]|{_QUOTED})*(?:\?(?:[\w.~!$&'()*+,;=:@/?-]|{_QUOTED})+)?", re.ASCII
)
_USUAL = "http://127.0.0.1:4567"


class Item(NamedTuple):
    """One delivery, to be exported."""

    delivery: Delivery
    """With all of its body."""
    attempts: Sequence[Attempt] = ()
    to: Endpoint | None = None
    """Where it is sent; None: where it was sent."""
    body_file: str | None = None
    """The name of the file beside that holds the body, where there is one."""

    @property
    def url(self) -> str:
        """The whole URL that it is sent to; its path and query have a character a byte."""
        return (self.to or _came_to(self.delivery)).target(self.delivery)

    @property
    def title(self) -> str:
        """What it is, harmless and on one line, like `#42 github issues.opened POST /github`."""
        of = self.delivery
        event = ".".join(filter(None, (of.event, of.action)))
        words = filter(None, (of.provider, event, of.method, of.path))
        return " ".join([f"#{of.id}", *map(word, words)])


def fields(delivery: Delivery) -> Iterator[tuple[str, str]]:
    """Yield the headers that can be sent on as they came: all but Host and what frames the body.

    A Content-Length that fits is one of them, and so is chunking, where there is a body.
    """
    framed = False
    for name, value in delivery.headers:
        lower = name.lower()
        if lower == "host" or not _TOKEN.fullmatch(name):
            continue
        if lower in {"content-length", "transfer-encoding"}:
            if framed or value.lower() != _framing(lower, delivery.size):
                continue
            framed = True
        yield name, _BREAKS.sub(" ", value)


def normalized(delivery: Delivery) -> str | None:
    """Return what a program changes that writes requests in their normal form, or None."""
    if not _NORMAL.fullmatch(delivery.target):
        return "the path or query: it quotes them anew"
    if delivery.http_version != "1.1":
        return f"its version, HTTP/{delivery.http_version}"
    if delivery.method != delivery.method.upper():
        return "the method: it writes it in capitals"
    bodiless = not delivery.size and delivery.method not in {"GET", "HEAD"}
    if bodiless and delivery.headers.get("content-length") is None:
        return "that it has no Content-Length"
    return None


def as_bytes(text: str) -> bytes:
    """Return the bytes of a header: a character a byte, where it came on a wire."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _framing(name: str, size: int) -> str | None:
    if name == "content-length":
        return str(size)
    return "chunked" if size else None


def _came_to(delivery: Delivery) -> Endpoint:
    """Return the place that the sender used, as a proxy or its own headers say."""
    get = delivery.headers.get
    host = (get("x-forwarded-host") or get("host") or "").strip()
    secure = (get("x-forwarded-proto") or "").strip().lower() == "https"
    try:
        named = f"{'https' if secure else 'http'}://{host}"
        return endpoint(named if _HOST.fullmatch(host) else _USUAL)
    except UsageError:
        return endpoint(_USUAL)
