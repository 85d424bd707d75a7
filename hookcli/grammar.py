"""The words of the command line: durations, sizes, times, references, headers, statuses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING

from hookcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_AMOUNT = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)\s*([A-Za-z]*)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_BYTES = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
_LATEST = re.compile(r"latest(?:~([0-9]{1,9}))?")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_SHORTEST_PREFIX = 6
_MOST_DIGITS = 18
"""All numbers of so many digits fit the 64 bits of a store."""


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that `word` most likely stands for, or None."""
    by_fold = {choice.casefold(): choice for choice in choices}
    close = get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.5)
    return by_fold[close[0]] if close else None


def suggestion(word: str, choices: Iterable[str]) -> str:
    """Return a hint for a `word` that is none of `choices`: the nearest one, then all."""
    choices = list(choices)
    close = nearest(word, choices)
    meant = f"Did you mean {close}? " if close else ""
    return f"{meant}There is: {', '.join(choices)}"


def duration(text: str) -> float:
    """Seconds of `90`, `90s`, `2m`, `12h` or `7d`. Raises UsageError."""
    amount, unit = _amount(text)
    if amount is not None and unit in _SECONDS:
        return amount * _SECONDS[unit]
    forms = "A duration looks like 90 or 90s, 2m, 12h, 7d"
    if amount is None or not unit:
        raise UsageError(f"{text!r} is not a duration", forms)
    if unit.lower() == "ms":
        close = f"{amount / 1000:g}s"
    elif unit[0] in "wW":
        close = f"{amount * 7:g}d"
    else:
        close = f"{amount:g}{unit[0].lower() if unit[0].lower() in _SECONDS else 's'}"
    raise UsageError(f"{text!r} is not a duration", f"Did you mean {close}? {forms}")


def patience(text: str) -> float:
    """Seconds that an app may take for its answer: a duration that is not 0. Raises UsageError."""
    if seconds := duration(text):
        return seconds
    raise UsageError("no app answers in no time", "Give how long yours may take: 30s, or 2m")


def size(text: str) -> int:
    """Bytes of `64K`, `25MB` or `1GiB`, in powers of 1,024. Raises UsageError."""
    amount, unit = _amount(text)
    scale = re.sub(r"(?<=[KMGT])I?B$|^B$", "", unit.upper())
    if amount is not None and scale in _BYTES:
        return int(amount * 1024 ** _BYTES[scale])
    forms = "A size looks like 64K, 25MB or 1GiB"
    if amount is None or scale[:1] not in _BYTES:
        raise UsageError(f"{text!r} is not a size", forms)
    raise UsageError(f"{text!r} is not a size", f"Did you mean {amount:g}{scale[:1]}B? {forms}")


def _amount(text: str) -> tuple[float | None, str]:
    match = _AMOUNT.fullmatch(text.strip())
    return (float(match[1]), match[2]) if match else (None, "")


def moment(text: str, now: datetime) -> datetime:
    """Return the time, in UTC, of ISO 8601, a clock time of today, or a duration before `now`.

    Without an offset it is local time. Raises UsageError.
    """
    text = text.strip()
    try:
        if _CLOCK.fullmatch(text):
            clock = time.fromisoformat(f"0{text}" if text[1] == ":" else text)
            return datetime.combine(now.astimezone().date(), clock).astimezone(UTC)
        if _AMOUNT.fullmatch(text):
            return now.astimezone(UTC) - timedelta(seconds=duration(text))
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError, UsageError):
        raise UsageError(
            f"{text!r} is not a time",
            "A time looks like 14:10, 2026-11-24, 2026-11-24T22:35:01Z,"
            " or 90s, 2m, 12h, 7d for so long ago",
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A delivery as a person names it."""

    text: str
    """What to compare with the provider's delivery id, where `back` is None."""
    number: int | None = None
    """The store's id: tried before the provider's."""
    back: int | None = None
    """So many deliveries before the latest one."""

    @property
    def may_be_prefix(self) -> bool:
        """Whether the beginning of a provider's delivery id is enough."""
        return len(self.text) >= _SHORTEST_PREFIX and self.number is None


def reference(text: str) -> Reference:
    """Read `42`, `#42`, `latest`, `latest~N`, or a provider's delivery id. Raises UsageError."""
    text = text.strip()
    digits = text.removeprefix("#")
    if digits.isascii() and digits.isdigit():
        return Reference(text=digits, number=int(digits) if len(digits) <= _MOST_DIGITS else -1)
    if match := _LATEST.fullmatch(text):
        return Reference(text=text, back=int(match[1] or 0))
    if not text or text.startswith("latest"):
        raise UsageError(
            f"{text!r} names no delivery",
            "Name one by its number (42), as latest, as latest~1 for the one before,"
            " or by the provider's delivery id",
        )
    return Reference(text=text)


def header(text: str) -> tuple[str, str]:
    """Read `K: V` into a name and a value, a character a byte. Raises UsageError."""
    name, colon, value = text.partition(":")
    name, value = name.strip(), value.strip()
    if colon and _TOKEN.fullmatch(name) and not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
        return name, value.encode("utf-8", "surrogateescape").decode("latin-1")
    before, equals, after = text.partition("=")
    if not colon and equals and _TOKEN.fullmatch(before.strip()):
        hint = f"Did you mean '{before.strip()}: {after.strip()}'?"
    else:
        hint = "A header looks like 'Content-Type: text/plain'"
    raise UsageError(f"{text!r} is not a header", hint)


def status(text: str) -> int:
    """Read the status of a final answer, 200 to 599. Raises UsageError."""
    if re.fullmatch(r"[2-5][0-9]{2}", text.strip()):
        return int(text)
    raise UsageError(
        f"{text!r} is not an HTTP status of an answer",
        "A status is a number from 200 to 599, like 200, 404 or 503",
    )
