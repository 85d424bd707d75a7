"""Puts into a store what was written of deliveries elsewhere: records, and raw HTTP requests."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from hookcli import handshakes
from hookcli.delivery import EPOCH, HELD_BODY, Attempt, Delivery
from hookcli.errors import HookError
from hookcli.secret import fitting
from hookcli.signatures import identify
from hookcli.signatures.request import Request
from hookcli.signatures.verifying import BY_NAME, check

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hookcli.delivery import Entry
    from hookcli.secret import Secret
    from hookcli.stores import Store

_REMEMBERED = 1 << 16
"""Deliveries whose new numbers are known, for the attempts at them that follow."""
_ANSWER = 64 * 1024
"""Bytes that are kept of an answer."""
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TARGET = re.compile(r"[!-~\x80-\xff]*")
_VALUE = re.compile(r"[^\x00\r\n\u0100-\U0010ffff]*")
_VERSION = re.compile(r"[0-9](\.[0-9])?")


class Importer:
    """Keeps one entry after the other, and counts them."""

    def __init__(self, store: Store, secrets: Sequence[Secret], now: datetime) -> None:
        """`now` is when that was received which does not say when."""
        self._store = store
        self._secrets = secrets
        self._now = now
        self._numbers: dict[int, int] = {}
        """New numbers by old ones, the latest of them."""
        self.first = 0
        """The number that the first delivery got."""
        self.last = 0
        self.deliveries = 0
        self.attempts = 0
        self.skipped = 0
        """Attempts at deliveries that did not come before them."""

    async def keep(self, entry: Entry) -> None:
        """Keep an entry; it is durable when this returns.

        A delivery gets a new number; who sent it, and whether its signature is right, is found
        anew. An attempt goes to the delivery that had the number it names. Raises HookError for
        what no HTTP request can be, and where the store fails.
        """
        if isinstance(entry, Attempt):
            await self._keep_attempt(entry)
            return
        _check(entry)
        delivery, body = self._judged(entry), None
        if len(entry.body) > HELD_BODY:
            delivery, body = replace(delivery, body=b""), io.BytesIO(entry.body)
        self.last = await self._store.append(delivery, body=body)
        self.first = self.first or self.last
        self.deliveries += 1
        self._numbers.pop(entry.id, None)
        self._numbers[entry.id] = self.last
        if len(self._numbers) > _REMEMBERED:
            del self._numbers[next(iter(self._numbers))]

    async def _keep_attempt(self, attempt: Attempt) -> None:
        number = self._numbers.get(attempt.delivery)
        if number is None:
            self.skipped += 1
            return
        body, cut = attempt.body[:_ANSWER], len(attempt.body) > _ANSWER
        truncated = attempt.body_truncated or cut
        kept = replace(attempt, id=0, delivery=number, body=body, body_truncated=truncated)
        await self._store.append_attempt(kept)
        self.attempts += 1

    def _judged(self, delivery: Delivery) -> Delivery:
        """Return it with what it says of itself, as a listener finds it."""
        at = self._now if delivery.received_at == EPOCH else delivery.received_at
        found = identify(delivery.headers, delivery.body[:HELD_BODY])
        delivery = replace(delivery, id=0, received_at=at, **found._asdict())
        provider = BY_NAME.get(delivery.provider or "")
        if provider and fitting(self._secrets, provider.name):
            request = Request(delivery=delivery, now=at.timestamp())
            delivery = delivery.judged(check(request, provider, self._secrets))
        handshake = handshakes.answer(delivery, self._secrets)
        return replace(delivery, handshake=handshake.name) if handshake else delivery


def _check(delivery: Delivery) -> None:
    """Raise HookError for what cannot have come over HTTP, nor be sent again."""
    parts = (
        ("method", delivery.method, _TOKEN),
        ("path", delivery.path or " ", _TARGET),
        ("query", delivery.query, _TARGET),
        ("HTTP version", delivery.http_version, _VERSION),
        *(("header's name", name, _TOKEN) for name, _ in delivery.headers),
        *(("header's value", value, _VALUE) for _, value in delivery.headers),
    )
    for what, text, form in parts:
        if not form.fullmatch(text):
            raise HookError(
                f"No HTTP request has the {what} {text[:60]!r}",
                "A character stands for a byte; others are quoted, like %C3%A9",
            )
