"""The formats that deliveries are exported in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hookcli.exporting import har, python, shell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hookcli.delivery import Delivery
    from hookcli.exporting.items import Item
    from hookcli.routes import Endpoint


class Exporter(NamedTuple):
    """How deliveries are written, one after the other."""

    write: Callable[[Item], str]
    """All in printable ASCII and UTF-8: nothing in it harms a terminal."""
    head: Callable[[Iterable[str], Endpoint | None], str] = lambda *_: ""
    """What stands first, given the providers that signed, and where all is sent, if it is said."""
    between: str = "\n"
    tail: str = ""
    redacts: bool = False
    """Whether secrets are masked unless that is not wanted."""
    signs: bool = False
    """Whether what it writes signs anew."""
    beside: bool = False
    """Whether bodies that are no text stand in files of their own, where there can be some."""
    misses: Callable[[Delivery], str | None] = lambda _: None
    """What is not sent as it came, or None."""


EXPORTERS: Mapping[str, Exporter] = {
    "curl": Exporter(shell.curl, beside=True),
    "httpie": Exporter(shell.httpie, beside=True, misses=shell.httpie_misses),
    "har": Exporter(har.entries, lambda *_: har.HEAD, ",\n", har.TAIL, redacts=True),
    "python": Exporter(
        python.requests, lambda *_: python.REQUESTS_HEAD, misses=python.requests_misses
    ),
    "pytest": Exporter(python.as_test, python.head_of_tests, "", redacts=True, signs=True),
}
