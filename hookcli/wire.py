"""Requests and answers as they are passed on: byte for byte, but for what is between neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookcli.delivery import Headers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookcli.delivery import Delivery
    from hookcli.routes import Endpoint

_HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade")
)
"""What two neighbours tell each other (RFC 9110, 7.6.1); all that begins with `proxy-` as well."""


def request_head(delivery: Delivery, endpoint: Endpoint) -> bytes:
    """Return the request line and the header lines with which `delivery` goes to `endpoint`.

    They are as they came, in order, spelling and bytes, but for: what is between neighbours, and
    Expect, which are left out; Host, which is the endpoint's; Content-Length, which is that of the
    body also where this came in chunks; and X-Forwarded-For, -Proto and -Host, where they are
    missing.
    """
    pairs = delivery.headers.pairs
    folded = [name.lower() for name, _ in pairs]
    dropped = _neighbours(folded, pairs) | {"expect"}
    lines = [f"{delivery.method} {endpoint.request_target(delivery)} HTTP/1.1"]
    own = {"host": endpoint.host, "content-length": str(delivery.size)}
    for fold, (name, value) in zip(folded, pairs, strict=True):
        if fold in {"host", "content-length"}:
            if fold in own:
                lines.append(f"{name}: {own.pop(fold)}")
        elif fold not in dropped:
            lines.append(f"{name}: {value}")
    if "host" in own:
        lines.insert(1, f"Host: {own['host']}")
    if "content-length" in own and delivery.size:
        lines.append(f"Content-Length: {delivery.size}")
    host = pairs[folded.index("host")][1] if "host" in folded else None
    passed_on = set(folded) - dropped
    for name, known in (("For", delivery.remote), ("Proto", "http"), ("Host", host)):
        if known and f"x-forwarded-{name.lower()}" not in passed_on:
            lines.append(f"X-Forwarded-{name}: {known}")
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1")


def end_to_end(headers: Headers) -> Headers:
    """Return the headers without those between neighbours, as an answer is passed on."""
    folded = [name.lower() for name, _ in headers.pairs]
    dropped = _neighbours(folded, headers.pairs)
    if "transfer-encoding" in folded:
        # A length beside it is wrong, and would cut the answer short (RFC 9112, 6.3).
        dropped |= {"content-length"}
    if dropped.isdisjoint(folded):
        return headers
    kept = zip(folded, headers.pairs, strict=True)
    return Headers([pair for fold, pair in kept if fold not in dropped])


def _neighbours(folded: Sequence[str], pairs: Sequence[tuple[str, str]]) -> frozenset[str]:
    """Return the names that are not passed on: some always, and those that Connection names."""
    more = {fold for fold in folded if fold.startswith("proxy-")}
    if "connection" in folded:
        for fold, (_, value) in zip(folded, pairs, strict=True):
            if fold == "connection":
                more.update(name.strip().lower() for name in value.split(","))
    return _HOP_BY_HOP | more if more else _HOP_BY_HOP
