"""Changes fields of a payload, `--set`, and leaves every other byte as it came."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote_plus, unquote_plus

from hookcli.errors import HookError, UsageError
from hookcli.text import word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_STEP = re.compile(r"\[([0-9]{1,9})\]|(?:^|\.)([^.\[\]]+)")
_SPACE = re.compile(r"[ \t\r\n]*")
_READ = json.JSONDecoder().raw_decode
_FORMS = "It looks like issue.title=Hello, commits[0].id=1a2b, or with a JSON value amount:=100"

Step = str | int


class _Set(NamedTuple):
    """One field and its new value."""

    path: str
    steps: list[Step]
    text: str
    is_json: bool


def setting(text: str) -> str:
    """Return `PATH=TEXT` or `PATH:=JSON` as it is, for `apply_sets`. Raises UsageError."""
    _parsed(text)
    return text


def apply_sets(payload: bytes, sets: Sequence[str]) -> bytes:
    """Return the payload, JSON or a form, with fields set one after the other.

    Each is `PATH=TEXT` or `PATH:=JSON`, where a PATH is like `issue.title` or `commits[0].id`, and
    in a form the name of a field. What is missing is added: members, and an item behind the last
    one. Raises UsageError where one is no such thing, and HookError where the payload has no place
    for it.
    """
    wanted = [_parsed(each) for each in sets]
    try:
        text = payload.decode()
        is_json = text.lstrip()[:1] in {"{", "["}
        if is_json:
            json.loads(text)
        for each in wanted:
            text = _in_json(text, each) if is_json else _in_form(text, each)
    except (ValueError, RecursionError):
        raise HookError(
            "The payload is neither JSON nor a form, so no field of it can be set",
            "Send another one in its place: a file",
        ) from None
    return text.encode("utf-8", "surrogateescape")


def _parsed(text: str) -> _Set:
    before, equals, value = text.partition("=")
    is_json = before.endswith(":")
    path = before.removesuffix(":")
    steps: list[Step] = [int(at) if at else name for at, name in _STEP.findall(path)]
    if not equals or not steps or _STEP.sub("", path):
        raise UsageError(f"{text!r} sets no field", _FORMS)
    if is_json:
        try:
            json.loads(value, parse_constant=_refused)
        except (ValueError, RecursionError):
            hint = f"For a text leave the colon out: {path}={value}"
            raise UsageError(f"{value!r} is no JSON", hint) from None
    return _Set(path, steps, value, is_json)


def _refused(name: str) -> Any:
    raise ValueError(name)


def _in_form(text: str, wanted: _Set) -> str:
    pairs = [pair for pair in text.split("&") if pair]
    if not all("=" in pair for pair in pairs):
        raise ValueError(text)
    name, value = quote_plus(wanted.path), quote_plus(wanted.text, errors="surrogateescape")
    names = [unquote_plus(pair.partition("=")[0]) for pair in pairs]
    if wanted.path in names:
        pairs[names.index(wanted.path)] = f"{name}={value}"
    else:
        pairs.append(f"{name}={value}")
    return "&".join(pairs)


def _in_json(text: str, wanted: _Set) -> str:
    value = wanted.text if wanted.is_json else json.dumps(wanted.text, ensure_ascii=False)
    start = _behind_space(text, 0)
    for depth, step in enumerate(wanted.steps):
        spans = dict(_children(text, start, step, wanted.path))
        if step not in spans:
            missing = wanted.steps[depth:]
            return _added(text, start, spans, path=wanted.path, steps=missing, value=value)
        start, end = spans[step]
    return text[:start] + value + text[end:]


def _children(
    text: str, start: int, step: Step, path: str
) -> Iterator[tuple[Step, tuple[int, int]]]:
    """Yield name or number, and where it stands, of all that is in an object or an array.

    The text is JSON. Raises HookError where there is neither as `step` wants it.
    """
    opening, closing, kind = ("[", "]", "array") if isinstance(step, int) else ("{", "}", "object")
    if text[start] != opening:
        raise HookError(
            f"{word(path)} cannot be set: there is no {kind} for {word(str(step))} to be in",
            "hookcli show prints the fields that a kept payload has",
        )
    at = _behind_space(text, start + 1)
    number = 0
    while text[at] != closing:
        name: Step = number
        if opening == "{":
            name, at = _READ(text, at)
            at = _behind_space(text, _behind_space(text, at) + 1)
        _, end = _READ(text, at)
        yield name, (at, end)
        number += 1
        at = _behind_space(text, end)
        if text[at] == ",":
            at = _behind_space(text, at + 1)


def _added(
    text: str,
    start: int,
    spans: dict[Step, tuple[int, int]],
    *,
    path: str,
    steps: Sequence[Step],
    value: str,
) -> str:
    """Return the text with a new member, or item, at the end of what begins at `start`."""
    step, *below = steps
    for inner in reversed(below):
        if isinstance(inner, int) and inner:
            raise _too_far(path, inner, 0)
        value = f"[{value}]" if isinstance(inner, int) else f"{{{_quoted(inner)}:{value}}}"
    if isinstance(step, int) and step != len(spans):
        raise _too_far(path, step, len(spans))
    new = value if isinstance(step, int) else f"{_quoted(step)}:{value}"
    if not spans:
        return f"{text[: start + 1]}{new}{text[start + 1 :]}"
    end = max(end for _, end in spans.values())
    return f"{text[:end]},{new}{text[end:]}"


def _too_far(path: str, number: int, count: int) -> HookError:
    return HookError(
        f"{word(path)} cannot be set: item {number} does not follow {count} others",
        f"The next one is [{count}]",
    )


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _behind_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
