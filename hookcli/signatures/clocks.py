"""Timestamps that are signed: how they are written, and how far off they may be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from hookcli.text import human_duration

if TYPE_CHECKING:
    from hookcli.delivery import SignatureCode
    from hookcli.signatures.request import Request

ALLOWED = " are allowed"
"""Stands behind how far off a timestamp may be."""

_DIGITS = re.compile(r"[0-9]{1,15}")
_APART = 100
"""Times that a number is off from now where its unit is wrong, at the least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How a sender writes its timestamp, and how old its own libraries let it be."""

    unit: Literal["seconds", "milliseconds", "ISO 8601"] = "seconds"
    tolerance: float | None = None
    """Seconds; None where those libraries do not look at the time."""
    future: bool = True
    """Whether a timestamp may be too far ahead as well."""

    def written(self, now: float) -> str:
        """Return Unix seconds as this sender writes them."""
        if self.unit == "ISO 8601":
            return datetime.fromtimestamp(int(now), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return str(int(now * 1000 if self.unit == "milliseconds" else now))

    def read(self, text: str) -> float | None:
        """Return Unix seconds, or None where the text is no such timestamp."""
        if self.unit == "ISO 8601":
            return _instant(text)
        if not _DIGITS.fullmatch(text):
            return None
        return int(text) / 1000 if self.unit == "milliseconds" else int(text)

    def judge(self, text: str, request: Request) -> tuple[SignatureCode, str] | None:
        """Return what is wrong with a timestamp, and how, or None."""
        allowed = self.tolerance if request.tolerance is None else request.tolerance
        return None if allowed is None else self._judge(text, request.now, allowed)

    def _judge(self, text: str, now: float, allowed: float) -> tuple[SignatureCode, str] | None:
        signed_at = self.read(text)
        if signed_at is None:
            return "malformed_signature", f"the timestamp is not in {self.unit}"
        if problem := self._unit_problem(signed_at, now):
            return "malformed_signature", problem
        age = now - signed_at
        if age > allowed:
            return "expired_timestamp", f"signed {human_duration(age)} ago; {_limit(allowed)}"
        if self.future and -age > allowed:
            return "future_timestamp", f"signed {human_duration(-age)} ahead; {_limit(allowed)}"
        return None

    def _unit_problem(self, signed_at: float, now: float) -> str | None:
        if self.unit == "seconds" and self.future and signed_at > now * _APART:
            return "the timestamp is in milliseconds, not seconds"
        if self.unit == "milliseconds" and signed_at < now / _APART:
            return "the timestamp is in seconds, not milliseconds"
        return None


SECONDS = Clock()
"""Seconds that nobody looks at, or none at all."""


def _limit(allowed: float) -> str:
    return f"{human_duration(allowed)}{ALLOWED}"


def _instant(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
