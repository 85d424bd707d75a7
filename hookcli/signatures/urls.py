"""Signatures over the URL and a form's fields, and over the JSON that is sent inside a form."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote_to_bytes, urlsplit

from hookcli.payload import FORM, content_type
from hookcli.signatures.encodings import octets, same
from hookcli.signatures.hmacs import Hmac

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hookcli.delivery import Delivery
    from hookcli.signatures.request import Request
    from hookcli.signatures.schemes import Given

_FIELDS = 10_000
_PORTS = {"https": 443, "http": 80}
_HASH = "bodySHA256"


def form_fields(text: bytes) -> list[tuple[bytes, bytes]]:
    """Return a form's names and values, decoded; none where there are too many."""
    if text.count(b"&") >= _FIELDS:
        return []
    pairs = [part.replace(b"+", b" ").partition(b"=") for part in text.split(b"&") if part]
    return [(_unquoted(name), _unquoted(value)) for name, _, value in pairs]


def _unquoted(text: bytes) -> bytes:
    return unquote_to_bytes(text) if b"%" in text else text


def is_form(request: Request) -> bool:
    """Return whether the body is a form's, or nothing."""
    return not request.delivery.size or content_type(request.delivery.headers) == FORM


def inner_json(request: Request) -> Iterable[bytes]:
    """Return what Gitea and its kin sign: the JSON, also where it is sent inside a form."""
    if content_type(request.delivery.headers) == FORM:
        return _payload(request.whole())
    if request.delivery.method == "GET" and not request.delivery.size:
        return _payload(octets(request.delivery.query))
    return request.body()


@lru_cache(maxsize=1)
def _payload(form: bytes) -> list[bytes]:
    return [value for name, value in form_fields(form) if name == b"payload"][:1]


def sorted_fields(request: Request) -> Iterable[bytes]:
    """Return the names and values of a form as Twilio signs them; nothing of other bodies."""
    return (_sorted(request.whole()),) if is_form(request) else ()


@lru_cache(maxsize=1)
def _sorted(form: bytes) -> bytes:
    # Trials with other secrets and URLs ask for the same again and again.
    return b"".join(part for field in sorted(set(form_fields(form))) for part in field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Twilio(Hmac):
    """The URL and a form's sorted fields, or the URL alone with the hash of any other body."""

    def _matches(self, given: Given, request: Request, key: str) -> bool:
        if not is_form(request) and not same(_hash_in(request.sent_to()), _hash_of(request)):
            return False
        # Twilio itself does not agree on whether the port belongs there.
        urls = _with_and_without_port(request.sent_to())
        forms = (replace(request, url=url) for url in urls)
        return any(Hmac._matches(self, given, form, key) for form in forms)  # noqa: SLF001 - slots

    def sign(self, request: Request, key: str) -> Delivery:
        """Return the delivery with its signature, and with the hash of its body in the query."""
        if not is_form(request):
            request = _hashed(request)
        return Hmac.sign(self, request, key)


def _hash_in(url: str) -> str:
    try:
        return parse_qs(urlsplit(url).query, max_num_fields=_FIELDS)[_HASH][0]
    except (KeyError, ValueError):
        return ""


def _hash_of(request: Request) -> str:
    digest = hashlib.sha256()
    for piece in request.body():
        digest.update(piece)
    return digest.hexdigest()


def _hashed(request: Request) -> Request:
    """Return the request with the hash of its body in the URL, and in that of the delivery."""
    old = [part for part in request.delivery.query.split("&") if part]
    query = "&".join(
        [*(part for part in old if not part.startswith(_HASH)), f"{_HASH}={_hash_of(request)}"]
    )
    url = f"{request.sent_to().partition('?')[0]}?{query}"
    return replace(request, url=url, delivery=replace(request.delivery, query=query))


def _with_and_without_port(url: str) -> Iterator[str]:
    yield url
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return
    host = (
        parts.netloc.rpartition(":")[0]
        if port
        else f"{parts.netloc}:{_PORTS.get(parts.scheme, 80)}"
    )
    yield url.replace(f"//{parts.netloc}", f"//{host}", 1)
