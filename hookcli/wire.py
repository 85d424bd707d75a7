"""Requests and answers as they are passed on: byte for byte, but for what is between neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookcli.delivery import Headers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookcli.delivery import Delivery
    from hookcli.routes import Endpoint

_BETWEEN_NEIGHBOURS = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authentication-info",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
"""Never passed on, nor is what Connection names (RFC 9110, 7.6.1)."""
_OWN = frozenset(("host", "content-length", "expect"))
"""What a request to an app says in our words, or not at all."""


def request_head(delivery: Delivery, endpoint: Endpoint) -> bytes:
    """Return the request line and the header lines with which `delivery` goes to `endpoint`.

    They are as they came, in order, spelling and bytes, but for: what is between neighbours, and
    Expect, which are left out; Host, which is the endpoint's; Content-Length, which is that of the
    body also where this came in chunks; and X-Forwarded-For, -Proto and -Host, where they are
    missing.
    """
    pairs = delivery.headers.pairs
    folded = [name.lower() for name, _ in pairs]
    dropped = _between_neighbours(folded, pairs)
    special = dropped | _OWN
    own = {"host": endpoint.host, "content-length": str(delivery.size)}
    lines = [f"{delivery.method} {endpoint.request_target(delivery)} HTTP/1.1"]
    for fold, pair in zip(folded, pairs, strict=True):
        if fold not in special:
            lines.append(": ".join(pair))
        elif fold in own:
            lines.append(f"{pair[0]}: {own.pop(fold)}")
    if "host" in own:
        lines.insert(1, f"Host: {endpoint.host}")
    if "content-length" in own and delivery.size:
        lines.append(f"Content-Length: {delivery.size}")
    host = pairs[folded.index("host")][1] if "host" in folded else None
    for name, known in (("For", delivery.remote), ("Proto", "http"), ("Host", host)):
        fold = f"x-forwarded-{name.lower()}"
        if known and (fold not in folded or fold in dropped):
            lines.append(f"X-Forwarded-{name}: {known}")
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1")


def end_to_end(headers: Headers) -> Headers:
    """Return the headers without those between neighbours, as an answer is passed on."""
    folded = [name.lower() for name, _ in headers.pairs]
    dropped = _between_neighbours(folded, headers.pairs)
    if "transfer-encoding" in folded:
        # A length beside it is wrong, and would cut the answer short (RFC 9112, 6.3).
        dropped |= {"content-length"}
    if dropped.isdisjoint(folded):
        return headers
    kept = zip(folded, headers.pairs, strict=True)
    return Headers([pair for fold, pair in kept if fold not in dropped])


def _between_neighbours(folded: Sequence[str], pairs: Sequence[tuple[str, str]]) -> frozenset[str]:
    """Return the names that are not passed on."""
    if "connection" not in folded:
        return _BETWEEN_NEIGHBOURS
    named = [
        name.strip().lower()
        for fold, (_, value) in zip(folded, pairs, strict=True)
        if fold == "connection"
        for name in value.split(",")
    ]
    return _BETWEEN_NEIGHBOURS.union(named)
