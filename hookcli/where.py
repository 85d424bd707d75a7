"""Which deliveries are meant: a jq expression, and globs over events."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import TYPE_CHECKING, Any

import jq

from hookcli.delivery import Delivery
from hookcli.errors import UsageError
from hookcli.grammar import nearest
from hookcli.records import delivery_record, dump
from hookcli.text import cut, escape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_UNDEFINED = re.compile(r"(\$?\w+)(?:/0)? is not defined")
_MESSAGE_CELLS = 200


def compile_where(
    expression: str, notice: Callable[[str, str], None]
) -> Callable[[dict[str, Any]], bool]:
    """Return whether a record's first result of the jq `expression` is neither false nor null.

    A record on which it fails is no match; `notice(message, hint)` tells of the first one.
    Raises UsageError where it does not compile.
    """
    try:
        program = jq.compile(expression)
    except ValueError as error:
        what = _first_line(error)
        raise UsageError(f"--where does not compile: {what}", _hint(expression, what)) from None
    noted = False

    def matches(record: dict[str, Any]) -> bool:
        nonlocal noted
        try:
            result = program.input_text(dump(record).decode()).first()
        except StopIteration:
            return False
        except ValueError as error:
            if not noted:
                noted = True
                what = cut(escape(_first_line(error)), _MESSAGE_CELLS)
                notice(
                    f"--where fails on #{record['id']}: {what}",
                    "Such deliveries do not match; ? passes over what is not there:"
                    " .payload.items[]?.id",
                )
            return False
        return result is not None and result is not False

    return matches


def event_matcher(globs: Sequence[str]) -> Callable[[Delivery], bool]:
    """Return whether `event` or `event.action` matches any of `globs`; none at all match all."""
    if not globs:
        return lambda _: True
    fits = re.compile("|".join(map(translate, globs))).match

    def matches(delivery: Delivery) -> bool:
        event = delivery.event
        if event is None:
            return False
        if fits(event):
            return True
        return delivery.action is not None and bool(fits(f"{event}.{delivery.action}"))

    return matches


def _first_line(error: ValueError) -> str:
    line = str(error).partition("\n")[0].removeprefix("jq: error: ")
    return line.replace(" at <top-level>, line 1,", " at").removesuffix(":")


def _hint(expression: str, what: str) -> str:
    example = """'.payload.action == "opened"'"""
    if undefined := _UNDEFINED.search(what):
        word = undefined[1]
        if re.search(rf"[=<>]\s*{re.escape(word)}", expression):
            return f'Text stands in double quotes: "{word}", as in {example}'
        fields = delivery_record(Delivery(method="", path=""), b"")
        if close := nearest(word, fields):
            return f"Did you mean .{close}? An expression looks like {example}"
    if "&&" in expression or "||" in expression:
        return f"jq writes and, or, not; an expression looks like {example}"
    return f"An expression looks like {example}; all of jq: https://jqlang.org/manual/"
