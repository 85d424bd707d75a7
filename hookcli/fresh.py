"""Values made anew for each sample: ids, tokens and times, where placeholders stand for them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from string import ascii_letters, digits
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PLACEHOLDER = re.compile(
    r"<(uuid|hex|token|digits|number|unix|ms|iso|shared)(?: (-?\d+))?(?: (\w+))?>"
)
_ALPHABETS = {"hex": "0123456789abcdef", "digits": digits, "token": digits + ascii_letters}


class Fresh:
    """Fills placeholders; the same one, written in the same way, always gets the same value.

    A placeholder is `<kind>`, `<kind AMOUNT>` or either with a name, to have several of a kind:
    `<uuid hook>`; `<hex 40 head>`, `<token 24>`, `<digits 6>` of so many characters; `<number 9>`,
    an integer of so many digits; `<unix -60>`, `<ms>` and `<iso>`, a time so many seconds from
    now; and `<shared user>`, a value that several samples have in common.
    """

    def __init__(
        self,
        *,
        now: float,
        random: Callable[[int], bytes],
        shared: Mapping[str, Any] | None = None,
    ) -> None:
        """`now` is in Unix seconds; `random` gives so many bytes."""
        self._now = now
        self._random = random
        self._shared = shared or {}
        self._made: dict[str, Any] = {}

    def fill(self, value: Any) -> Any:
        """Return a JSON value with its placeholders filled.

        One that is all of a string gives its own kind of value: an integer, or what is shared.
        """
        if isinstance(value, dict):
            return {name: self.fill(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.fill(each) for each in value]
        if not isinstance(value, str):
            return value
        if alone := _PLACEHOLDER.fullmatch(value):
            return self._value(alone)
        return self.text(value)

    def text(self, text: str) -> str:
        """Return a text with its placeholders filled."""
        return _PLACEHOLDER.sub(lambda match: str(self._value(match)), text)

    def _value(self, match: re.Match[str]) -> Any:
        placeholder = match[0]
        if placeholder not in self._made:
            self._made[placeholder] = self._make(match[1], int(match[2] or 0), match[3])
        return self._made[placeholder]

    def _make(self, kind: str, amount: int, name: str) -> Any:
        made: Any
        match kind:
            case "shared":
                made = self.fill(self._shared[name])
            case "uuid":
                made = str(UUID(bytes=self._random(16), version=4))
            case "number":
                first = self._characters(1, digits[1:])
                made = int(first + self._characters(amount - 1, digits))
            case "unix":
                made = int(self._now) + amount
            case "ms":
                made = int(self._now * 1000) + 1000 * amount
            case "iso":
                at = datetime.fromtimestamp(int(self._now) + amount, UTC)
                made = f"{at:%Y-%m-%dT%H:%M:%SZ}"
            case _:
                made = self._characters(amount, _ALPHABETS[kind])
        return made

    def _characters(self, count: int, alphabet: str) -> str:
        return "".join(alphabet[byte % len(alphabet)] for byte in self._random(count))
