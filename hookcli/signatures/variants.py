"""What a secret, a URL or a header may have been before somebody copied or changed it."""

from __future__ import annotations

import re
from itertools import chain, islice, permutations, product
from typing import TYPE_CHECKING
from urllib.parse import unquote

from hookcli.signatures.encodings import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookcli.signatures.request import Request

_URLS = 150
"""URLs to try."""
_ORDERED = 4
"""Fields of a query up to which every order is tried."""
_HOSTS = ("x-forwarded-host", "x-original-host", "host")
_PREFIXES = ("sha256=", "sha1=", "v1=", "v0=", "v1,")
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\xad"

_NAMED = re.compile(r"\A(?:export\s+)?[A-Za-z_][\w.-]*\s*=\s*")
_PORT = re.compile(r":\d+$")
_PREFIX = re.compile(r"^(?:sha\d+|v\d)[=,]")
_HEX = re.compile(r"[\da-fA-F]{40,}")
_BASE64 = re.compile(r"[A-Za-z\d+/_-]{26,}={0,2}")
_SECONDS = re.compile(r"(?<!\d)\d{10}(?!\d)")
_MILLISECONDS = re.compile(r"(?<!\d)(\d{10})\d{3}(?!\d)")


def secrets(secret: str) -> Iterator[tuple[str, str]]:
    """Yield what a secret was likely meant to be, with how to say it after "the secret"."""
    bare = secret.strip()
    seen = bare.strip(_INVISIBLE)
    quoted = seen[:1] in {'"', "'", "`"} and seen[:1] == seen[-1:]
    unquoted = seen[1:-1] if quoted else seen
    return _others(
        secret,
        (bare, "without the white space around it"),
        (seen, "without the invisible characters around it"),
        (unquoted, "without the quotes around it"),
        (_NAMED.sub("", unquoted, 1).strip("\"'"), "without the name and the = in front of it"),
        (unquoted.removesuffix(r"\n"), r"without the \n after it"),
        ("".join(bare.split()), "without the white space in it"),
        (bare.removeprefix("whsec_"), "without whsec_ in front of it"),
        (f"whsec_{bare}", "with whsec_ in front of it"),
        (unquote(bare), "with its %XX decoded"),
        (bare.lower(), "in small letters"),
        (bare.upper(), "in capitals"),
        (f"{bare}\n", "with a newline after it, which the sender seems to have there"),
        (f"{bare}\r\n", "with a newline (CRLF) after it, which the sender seems to have there"),
        (f"{bare} ", "with a space after it, which the sender seems to have there"),
    )


def urls(request: Request) -> Iterator[str]:
    """Yield URLs that the sender may have used, likeliest first and a bounded number of them."""
    host, slash, path = (request.url or "").rpartition("://")[2].partition("/")
    hosts = [host, *(request.header(name) or "" for name in _HOSTS)]
    targets = [slash + path, request.delivery.target] if host else [request.delivery.target]
    made = (
        f"{scheme}://{host}{target}"
        for target, host, scheme in product(
            dict.fromkeys(chain.from_iterable(map(_targets, targets))),
            dict.fromkeys(chain.from_iterable(map(_ports, filter(None, hosts)))),
            ("https", "http"),
        )
    )
    return islice((url for url in made if url != request.url), _URLS)


def _ports(host: str) -> Iterator[str]:
    bare = _PORT.sub("", host)
    yield from (bare, host, f"{bare}:443", f"{bare}:80")


def _targets(target: str) -> Iterator[str]:
    path, _, query = target.partition("?")
    fields = query.split("&", _ORDERED)
    orders = permutations(fields) if len(fields) <= _ORDERED else [sorted(query.split("&"))]
    slashed = path.rstrip("/") if path.endswith("/") else f"{path}/"
    spaced = (query.replace("%20", "+"), query.replace("+", "%20"))
    for one in (query, "", unquote(query), *spaced, *map("&".join, orders)):
        for each in (path, slashed, unquote(path)):
            yield f"{each}?{one}" if one else each


def texts(value: str) -> Iterator[tuple[str, str]]:
    """Yield what a header with a signature was likely meant to be, with what is wrong with it."""
    prefix = _PREFIX.match(value)
    return _others(
        value,
        (value.replace(" ", "+"), "its + became a space on the way"),
        (unquote(value), "it is written with %XX, as in a URL"),
        (value.strip("\"'"), "it stands in quotes"),
        (_HEX.sub(lambda match: match[0].lower(), value), "its hex digits are capitals"),
        (_HEX.sub(_as_base64, value), "it is hex, where base64 belongs"),
        (_BASE64.sub(_as_hex, value), "it is base64, where hex belongs"),
        (_BASE64.sub(_as_usual, value), "it is base64 as for URLs, without + and /"),
        (_PREFIX.sub("", value), f"{prefix[0] if prefix else ''} in front of it is too much"),
        *(
            (name + _PREFIX.sub("", value), f"{name} in front of it is missing")
            for name in _PREFIXES
        ),
    )


def times(value: str) -> Iterator[tuple[str, str]]:
    """Yield what a header with a time was likely meant to be, with what is wrong with it."""
    return _others(
        value,
        (_MILLISECONDS.sub(r"\1", value), "in milliseconds, where seconds belong"),
        (_SECONDS.sub(r"\g<0>000", value), "in seconds, where milliseconds belong"),
    )


def _as_base64(match: re.Match[str]) -> str:
    data = decode(match[0], "hex")
    return encode(data, "base64") if data else match[0]


def _as_hex(match: re.Match[str]) -> str:
    data = decode(_as_usual(match), "base64")
    return encode(data, "hex") if data else match[0]


def _as_usual(match: re.Match[str]) -> str:
    """Return base64 in its usual letters, and padded."""
    bare = match[0].rstrip("=").replace("-", "+").replace("_", "/")
    return bare + "=" * (-len(bare) % 4)


def _others(given: str, *meant: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each that is not as given, nor as one before it, nor empty."""
    seen = {given, ""}
    for each, how in meant:
        if each not in seen:
            seen.add(each)
            yield each, how
