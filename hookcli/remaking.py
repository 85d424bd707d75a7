"""Deliveries as they are sent again with something changed: payload, headers, ids."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from secrets import choice
from string import ascii_lowercase, ascii_uppercase, digits
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote_plus, unquote_plus
from uuid import UUID, uuid4

from hookcli.changes import apply_sets
from hookcli.delivery import Headers
from hookcli.errors import HookError
from hookcli.jsontext import compact, laid_out
from hookcli.payload import FORM, content_type, decoded, json_text
from hookcli.signatures.events import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hookcli.delivery import Delivery
    from hookcli.signatures.providers import Provider

Pair = tuple[str, str]

_HEX = frozenset("0123456789abcdef")
_LAID_OUT = 4 << 20
"""Characters of a payload that an editor gets on more lines than it came on."""
_RETRIES = {
    "slack": (("X-Slack-Retry-Num", 0), ("X-Slack-Retry-Reason", "http_timeout")),
    "bitbucket": (("X-Attempt-Number", 1),),
    "jira": (("X-Atlassian-Webhook-Retry", 0),),
    "square": (("square-retry-number", 0), ("square-retry-reason", "http_timeout")),
    "twitch": (("Twitch-Eventsub-Message-Retry", 0),),
}
"""Headers that tell of a retry: a text, or what the first send would have said as a number."""


class Editable(NamedTuple):
    """The part of a body that people read and change."""

    text: str
    is_json: bool
    put: Callable[[str], Delivery]
    """Returns the delivery with another text in its place."""


def with_settings(delivery: Delivery, settings: Sequence[str]) -> Delivery:
    """Return the delivery, whose whole body is held, with fields of its payload set.

    `settings` are as `apply_sets` takes them. Raises HookError where they do not fit.
    """
    part = editable(delivery)
    return part.put(apply_sets(part.text.encode(), settings).decode())


def edited(delivery: Delivery, edit: Callable[[str], str]) -> Delivery:
    """Return the delivery, whose whole body is held, with its payload as `edit` leaves it.

    JSON that stands on one line is laid out for that, and goes back on one. Raises HookError
    where nothing is changed, or what was JSON no longer is.
    """
    part = editable(delivery)
    lay_out = part.is_json and len(part.text) <= _LAID_OUT and compact(part.text) == part.text
    text = edit(laid_out(part.text) if lay_out else part.text)
    if part.is_json:
        _check_json(text)
    if lay_out:
        text = compact(text)
    elif not part.text.endswith("\n"):
        text = text.removesuffix("\n").removesuffix("\r")  # which editors add
    if text == part.text:
        raise HookError(
            "Nothing was changed, so nothing is sent", "Without --edit it goes as it is"
        )
    return part.put(text)


def editable(delivery: Delivery) -> Editable:
    """Return what can be changed in a delivery whose whole body is held.

    What is compressed goes back plain. Raises HookError where the body is no text.
    """
    plain = decoded(delivery.headers, delivery.body)
    try:
        text = (plain if plain is not None else b"\xff").decode()
    except UnicodeDecodeError:
        raise HookError("The payload is binary", "Only a text can be changed") from None

    def put(new: str) -> Delivery:
        others = [pair for pair in delivery.headers if pair[0].lower() != "content-encoding"]
        return with_body(replace(delivery, headers=Headers(others)), new.encode())

    if json_text(delivery.headers, delivery.body) is not None:
        return Editable(text, True, put)
    if content_type(delivery.headers) == FORM:
        inner = dict(reversed(_fields(text))).get("payload", "")
        if inner[:1] in {"{", "["} and json_text(Headers(), inner.encode()) is not None:
            return Editable(inner, True, lambda new: put(_with_payload(text, new)))
    return Editable(text, False, put)


def with_body(delivery: Delivery, body: bytes) -> Delivery:
    """Return the delivery with another body, and the length of that where one is given."""
    delivery = replace(delivery, body=body, size=-1)
    if delivery.headers.get("content-length") is None:
        return delivery
    return with_headers(delivery, [("Content-Length", str(len(body)))])


def with_headers(delivery: Delivery, pairs: Iterable[Pair]) -> Delivery:
    """Return the delivery with these headers in place of its own of their names, or added.

    An empty value takes a header away.
    """
    given: dict[str, list[Pair]] = {}
    for name, value in pairs:
        given.setdefault(name.lower(), []).append((name, value))
    new = {fold: [pair for pair in each if pair[1]] for fold, each in given.items()}
    kept: list[Pair] = []
    for pair in delivery.headers:
        fold = pair[0].lower()
        kept += [pair] if fold not in given else new.pop(fold, [])
    kept += [pair for each in new.values() for pair in each]
    return replace(delivery, headers=Headers(kept))


def with_fresh_id(delivery: Delivery, provider: Provider) -> Delivery:
    """Return the delivery, whose whole body is held, with a new provider's id; it may have none.

    Headers that say the same id get the new one as well. Raises HookError where it stands in a
    body that cannot be changed.
    """
    seen = Seen(delivery.headers, delivery.body)
    place = next((each for each in provider.delivery_id if seen.text(each)), None)
    if place is None:
        return delivery
    if place.startswith("."):
        ids = {part.removeprefix("."): fresh_id(seen.text(part) or "") for part in place.split()}
        numbers = {part.removeprefix(".") for part in place.split() if type(seen.at(part)) is int}
        signs = {name: ":=" if name in numbers else "=" for name in ids}
        return with_settings(delivery, [f"{n}{signs[n]}{v}" for n, v in ids.items()])
    old = seen.text(place)
    new = fresh_id(old or "")
    renewed = [(name, new if value == old else value) for name, value in delivery.headers]
    return replace(delivery, headers=Headers(renewed), delivery_id=new)


def fresh_id(old: str) -> str:
    """Return an id that looks like another one: `evt_1abc` keeps its beginning, a UUID is one."""
    try:
        if str(UUID(old)) == old.lower():
            return str(uuid4()).upper() if old != old.lower() else str(uuid4())
    except ValueError:
        pass
    start = old.rfind("_") + 1
    alphabets: tuple[str, ...] = (digits, ascii_lowercase, ascii_uppercase)
    if _HEX.issuperset(old[start:]) and not old[start:].isdigit():
        alphabets = ("".join(sorted(_HEX)),)
    made = []
    for at, character in enumerate(old[start:]):
        alphabet = next((each for each in alphabets if character in each), character)
        # A number that begins with 0 is none.
        made.append(choice(alphabet[1:] if alphabet == digits and not at else alphabet))
    return old[:start] + "".join(made)


def as_retry(delivery: Delivery, number: int) -> Delivery:
    """Return the delivery as its provider sends it for the `number`th time after the first."""
    pairs = _RETRIES.get(delivery.provider or "", ())
    said = [
        (name, value if isinstance(value, str) else str(value + number)) for name, value in pairs
    ]
    return with_headers(delivery, said)


def tells_retries(provider: str | None) -> bool:
    """Return whether a provider's retries say in a header that they are some."""
    return provider in _RETRIES


def sendable(delivery: Delivery) -> Delivery:
    """Return the delivery as it can go on a wire: what was imported may hold what none brought."""
    return replace(
        delivery,
        method=_octets(delivery.method),
        path=_octets(delivery.path),
        query=_octets(delivery.query),
        headers=Headers([(_octets(name), _octets(value)) for name, value in delivery.headers]),
    )


def _octets(text: str) -> str:
    """Return a text whose characters are a byte each, without breaks of lines."""
    if not text.isascii() and max(text) > "\xff":
        text = text.encode("utf-8", "surrogateescape").decode("latin-1")
    return re.sub(r"[\r\n\0]+", " ", text)


def _check_json(text: str) -> None:
    if json_text(Headers([("Content-Type", "application/json")]), text.encode()) is None:
        try:
            json.loads(text)
            why = "it cannot be read"
        except (ValueError, RecursionError) as error:
            why = str(error)
        raise HookError(f"What the editor left is no JSON: {why}", "Nothing is sent; edit it again")


def _fields(form: str) -> list[Pair]:
    parts = [part.partition("=") for part in form.split("&")]
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in parts]


def _with_payload(form: str, new: str) -> str:
    """Return a form with another field `payload`, in its place; the others keep their bytes."""
    parts = form.split("&")
    at = [name for name, _ in _fields(form)].index("payload")
    parts[at] = f"payload={quote_plus(new)}"
    return "&".join(parts)
