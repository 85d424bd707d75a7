"""The shape that the vendors' own libraries are brought into."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from hookcli.delivery import Delivery, Headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookcli.signatures.request import Request


class Library(NamedTuple):
    """What a vendor gives to those who receive its webhooks."""

    accepts: Callable[[Request, str], object]
    """Says no by something false, or by raising `refusal`."""
    refusal: type[Exception] | tuple[()] = ()
    sign: Callable[[Request, str], Delivery] | None = None
    """Signs as the vendor does, where its library can."""


def text(request: Request) -> str:
    """Return the body as most libraries want it."""
    return request.delivery.body.decode()


def lower(request: Request) -> dict[str, str]:
    """Return the headers by their names in lower case."""
    return {name.lower(): value for name, value in request.delivery.headers}


def with_headers(request: Request, **added: str) -> Delivery:
    """Return the delivery with headers more; underscores stand for hyphens."""
    more = [(name.replace("_", "-"), value) for name, value in added.items()]
    return replace(request.delivery, headers=Headers([*request.delivery.headers, *more]))
