"""What differs between two deliveries, field by field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, NamedTuple

from hookcli.comparing import MISSING, Change, changes, common_start
from hookcli.payload import decoded, payload_of
from hookcli.text import word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hookcli.delivery import Delivery, Headers

_FIELDS = ("method", "path", "query")
_MOST = 100
"""So many differences are told one by one."""
_MOST_LINES = 2_000
_LONGEST_LINE = 1_000
"""How much of two texts, beside what they begin and end with, is compared line by line."""
_AROUND = 2
"""Lines shown before and behind those that differ."""
_CHUNK = 64 * 1024

_VOLATILE = re.compile(
    r"date|content-length|via|forwarded|x-forwarded-.+|x-original-.+|x-real-ip|cdn-loop|cf-.+"
    r"|.*signature.*|.*hmac.*|(.+-)?timestamp|.+-transmission-(id|sig|time)|.+-delivery"
    r"|(.+-)?(correlation|delivery|event|message|msg|request|svix|transaction|webhook)-id"
    r"|idempotency-key|x-gitlab-(event|webhook)-uuid|x-request-start|x-envoy-.+"
    r"|traceparent|tracestate|baggage|b3|x-b3-.+|sentry-trace|uber-trace-id|newrelic"
    r"|x-trace.*|x-amzn-trace-id|x-cloud-trace-context|x-datadog-.+"
)
"""The headers, in lower case, that tell of the way, of the moment, or are signatures."""


class Told(NamedTuple):
    """Values that differ."""

    changes: Sequence[Change] = ()
    more: int = 0
    """How many differ beside these."""


class Bodies(NamedTuple):
    """How two bodies differ: by values, by lines or, in `note`, by bytes."""

    values: Told = Told()
    lines: Sequence[str] = ()
    """Each begins with `-`, `+` or a space, or is `@@` where some are left out."""
    more_lines: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What differs between two deliveries; false where that is only what always does."""

    request: Sequence[Change]
    headers: Told
    volatile: Sequence[str]
    """The names of headers that differ as they do each time."""
    same_id: bool
    """Whether one provider gave both the same id."""
    bodies: Bodies | None
    """None where they are the same."""

    def __bool__(self) -> bool:
        return bool(self.request or self.headers.changes or self.bodies)


def difference(old: Delivery, new: Delivery) -> Difference:
    """Compare two deliveries that have all of their bodies. Never raises."""
    fields = (Change(name, getattr(old, name), getattr(new, name)) for name in _FIELDS)
    volatile, headers = _headers(old, new)
    return Difference(
        request=[field for field in fields if field.old != field.new],
        headers=_told(iter(headers)),
        volatile=volatile,
        same_id=old.delivery_id is not None
        and (old.provider, old.delivery_id) == (new.provider, new.delivery_id),
        bodies=None if old.body == new.body else _bodies(old, new),
    )


def _told(all_: Iterator[Change]) -> Told:
    some = list(islice(all_, _MOST))
    return Told(some, sum(1 for _ in all_))


def _headers(old: Delivery, new: Delivery) -> tuple[list[str], list[Change]]:
    """Return the names of the volatile headers that differ, and what differs of others."""
    before, after = _by_name(old.headers), _by_name(new.headers)
    volatile: list[str] = []
    others: list[Change] = []
    for name in {**before, **after}:
        spelt, olds = before.get(name, (name, []))
        spelt, news = after.get(name, (spelt, []))
        if olds == news:
            continue
        if _VOLATILE.fullmatch(name) or (olds == [old.delivery_id] and news == [new.delivery_id]):
            volatile.append(spelt)
            continue
        pairs = zip_longest(olds, news, fillvalue=MISSING)
        others += [Change(word(spelt), *pair) for pair in pairs if pair[0] != pair[1]]
    return volatile, others


def _by_name(headers: Headers) -> dict[str, tuple[str, list[str]]]:
    """Return by its name in lower case how each was first spelt, and its values."""
    found: dict[str, tuple[str, list[str]]] = {}
    for name, value in headers:
        found.setdefault(name.lower(), (name, []))[1].append(value)
    return found


def _bodies(old: Delivery, new: Delivery) -> Bodies:
    first, second = (payload_of(each.headers, each.body) for each in (old, new))
    if first is not None and second is not None:
        values = _told(changes(first, second))
        note = "" if values.changes else f"The same values, otherwise written: {_bytes(old, new)}"
        return Bodies(values, note=note)
    lines = _lines(old, new)
    if not lines:
        return Bodies(note=_bytes(old, new))
    return Bodies(lines=lines[:_MOST], more_lines=max(0, len(lines) - _MOST))


def _lines(old: Delivery, new: Delivery) -> list[str]:
    """Return how the lines of texts differ; none where there is no text, or too much of it."""
    texts = [decoded(each.headers, each.body) for each in (old, new)]
    try:
        olds, news = ((text or b"").decode().removesuffix("\n").split("\n") for text in texts)
    except UnicodeDecodeError:
        return []
    start = max(0, common_start(olds, news) - _AROUND)
    olds, news = olds[start:], news[start:]
    end = max(0, common_start(olds[::-1], news[::-1]) - _AROUND)
    olds, news = olds[: len(olds) - end], news[: len(news) - end]
    lines = olds + news
    if len(lines) > _MOST_LINES or max(map(len, lines), default=0) > _LONGEST_LINE:
        return []
    # Before the first line stand two that name files, and where it is.
    shown = islice(unified_diff(olds, news, n=_AROUND), 3, None)
    return ["@@" if line.startswith("@@") else line for line in shown]


def _bytes(old: Delivery, new: Delivery) -> str:
    same = 0
    shorter = min(len(old.body), len(new.body))
    while same < shorter and old.body[same : same + _CHUNK] == new.body[same : same + _CHUNK]:
        same += _CHUNK
    if same < shorter:
        same += common_start(old.body[same : same + _CHUNK], new.body[same : same + _CHUNK])
    same = min(same, shorter)
    return (
        f"{len(old.body):,} and {len(new.body):,} bytes, of which the first {same:,} are the same"
    )
