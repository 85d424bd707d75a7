"""Where deliveries are forwarded: `[PATH=]URL`, and which endpoint a path belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

from hookcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hookcli.delivery import Delivery

_PORTS = {"http": 80, "https": 443}
_HERE = {"127.0.0.1", "localhost", "::1", "0.0.0.0", "::"}  # noqa: S104 - nothing is bound to them
_SHORT = re.compile(r":?[0-9]+(?=[/?#]|$)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)*{_LABEL}\.?|[0-9a-f.]*:[0-9a-f.:]+")
_UNCHANGED = "!#$%&'()*+,/:;=?@[]~"
"""What is not quoted in a path or query, beside letters, digits and `_.-`."""
_FORMS = "A URL looks like 3000, localhost:3000/hooks or https://staging.example.com"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A URL that deliveries are sent to."""

    scheme: str
    """`http` or `https`."""
    address: tuple[str, int]
    """Host and port to connect to."""
    path: str
    """Empty where each delivery keeps its own."""
    query: str

    @cached_property
    def host(self) -> str:
        """What the Host header says: the port is left out where it is the scheme's own."""
        name, port = self.address
        bracketed = f"[{name}]" if ":" in name else name
        return bracketed if port == _PORTS[self.scheme] else f"{bracketed}:{port}"

    @cached_property
    def url(self) -> str:
        """The whole of it, as it is shown and kept."""
        query = f"?{self.query}" if self.query else ""
        return f"{self.scheme}://{self.host}{self.path}{query}"

    @property
    def here(self) -> bool:
        """Whether it is on this computer, at the addresses that listeners have by themselves."""
        return self.address[0] in _HERE

    @property
    def exact(self) -> bool:
        """Whether it has a path of its own, which all deliveries are sent to."""
        return bool(self.path)

    def target(self, delivery: Delivery) -> str:
        """Return the URL that `delivery` is sent to."""
        path = self.request_target(delivery)
        return f"{self.scheme}://{self.host}{'' if path == '*' else path}"

    def request_target(self, delivery: Delivery) -> str:
        """Return path and query as the request line to the app has them, a character a byte."""
        came = _origin_form(delivery.path)
        path = self.path or came.removesuffix("?")
        queries = [query for query in (self.query, delivery.query) if query]
        if queries:
            return f"{path}?{'&'.join(queries)}"
        return f"{path}?" if came.endswith("?") else path


class Route(NamedTuple):
    """Deliveries under a path, and where they go."""

    prefix: str
    """Whole segments, without a slash at the end; `/` stands for all that no other route takes."""
    endpoint: Endpoint


class Routes:
    """All routes of a run; iterates over them, the most particular first."""

    def __init__(self, routes: Iterable[Route] = ()) -> None:
        """Raise UsageError where a path is given twice."""
        self._routes = sorted(routes, key=lambda route: (-len(route.prefix), route.prefix))
        prefixes = [prefix for prefix, _ in self._routes]
        for prefix in prefixes:
            if prefixes.count(prefix) > 1:
                path = "the rest" if prefix == "/" else prefix
                raise UsageError(
                    f"Two URLs are given for {path}",
                    "A delivery goes to one app; for a second: hookcli follow --forward URL",
                )

    def of(self, path: str) -> Endpoint | None:
        """Return where a delivery with this path goes; None: nowhere."""
        path = _origin_form(path).removesuffix("?")
        for prefix, endpoint_ in self._routes:
            if prefix in {"/", path} or path.startswith(f"{prefix}/"):
                return endpoint_
        return None

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def __len__(self) -> int:
        return len(self._routes)


def route(text: str) -> Route:
    """Read `[PATH=]URL`. Raises UsageError."""
    before, equals, after = text.strip().partition("=")
    if before.startswith("/"):
        if not equals or not re.fullmatch(r"[!-~]+", before) or set(before) & set("?#"):
            raise UsageError(f"{text!r} is not a route", "A route looks like /stripe=3000/hooks")
        return Route(before.rstrip("/") or "/", endpoint(after))
    if equals and re.fullmatch(r"[\w.-]+", before):
        raise UsageError(f"{text!r} is not a route", f"Did you mean /{before}={after}?")
    return Route("/", endpoint(text))


def endpoint(text: str) -> Endpoint:
    """Read `3000`, `:3000/x`, `localhost:3000/x` or a full URL. Raises UsageError."""
    url = text.strip()
    if re.search(r"[\x00-\x1f\x7f]", url):
        raise UsageError(f"{text!r} is not a URL", _FORMS)
    if _SHORT.match(url):
        url = f"127.0.0.1:{url.removeprefix(':')}"
    if not _SCHEME.match(url):
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
        port, host = parts.port, _ascii(parts.hostname or "")
    except ValueError:
        raise UsageError(f"{text!r} is not a URL", f"{_FORMS}; ports go up to 65535") from None
    if parts.scheme not in _PORTS:
        raise UsageError(f"{text!r} is not an HTTP URL", "Only http and https can be sent to")
    if "@" in parts.netloc:
        raise UsageError(
            "A URL to forward to has no user name or password",
            "Deliveries are sent with the headers they came with",
        )
    if not _HOST.fullmatch(host) or port == 0:
        raise UsageError(f"{text!r} is not a URL", _FORMS)
    return Endpoint(
        scheme=parts.scheme,
        address=(host, port or _PORTS[parts.scheme]),
        path=quote(parts.path, safe=_UNCHANGED),
        query=quote(parts.query, safe=_UNCHANGED),
    )


def _ascii(host: str) -> str:
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _origin_form(path: str) -> str:
    """Return the path alone where it came behind a scheme and a host, as proxies are asked."""
    if path.startswith("/") or path == "*":
        return path
    behind = _SCHEME.sub("", path, count=1)
    return f"/{behind.partition('/')[2]}" if behind != path else f"/{path}"
