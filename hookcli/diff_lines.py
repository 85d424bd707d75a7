"""Tells a person what differs between two deliveries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hookcli.comparing import MISSING, common_start
from hookcli.lines import INDENT, format_delivery
from hookcli.text import fits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hookcli.comparing import Change
    from hookcli.delivery import Delivery
    from hookcli.diffing import Bodies, Difference, Told
    from hookcli.screen import Line, Screen, Span, Style

    Said = Callable[[Any], str]
    """Returns a received value as it stands in a line of ours."""

_MARKS: dict[str, Style] = {"~": "warn", "+": "good", "-": "bad"}
_MARGIN = "       "
_BEFORE = 12
"""Characters that are shown of what two long values begin with."""


def format_difference(old: Delivery, new: Delivery, found: Difference, screen: Screen) -> list[str]:
    """Return what differs, each value on a line where it fits."""
    lines = [*format_delivery(old, screen), *format_delivery(new, screen)]
    lines += _repeated(old, new, found, screen)
    if found.request:
        lines += _heading("Request", screen)
        lines += _changes(found.request, screen.word, screen)
    if found.headers.changes or found.volatile:
        lines += _heading("Headers", screen)
        lines += _told(found.headers, screen.word, screen)
        lines += _volatile(found.volatile, screen)
    if found.bodies:
        lines += _bodies(found.bodies, screen)
    if not found:
        lines += _note("Nothing else differs" if found.volatile else "Nothing differs", screen)
    return lines


def _repeated(old: Delivery, new: Delivery, found: Difference, screen: Screen) -> list[str]:
    if not found.same_id or old.id == new.id:
        return []
    first, second = sorted((old.id, new.id))
    if found.bodies is None:
        return _note(
            f"#{second} is a redelivery of #{first}: the same id and the same body", screen
        )
    return _note(f"#{second} has the id of #{first}, though not its body", screen)


def _bodies(bodies: Bodies, screen: Screen) -> list[str]:
    lines = _heading("Payload" if bodies.values.changes else "Body", screen)
    lines += _told(bodies.values, _json, screen)
    for line in bodies.lines:
        if line == "@@":
            lines += _note(screen.ellipsis, screen)
        else:
            style = _MARKS.get(line[0], "")
            lines.append(screen.received([(style, line[0]), (style, line[1:])]))
    if bodies.more_lines:
        lines += _note(f"{bodies.more_lines:,} more lines", screen)
    return lines + (_note(bodies.note, screen) if bodies.note else [])


def _told(told: Told, said: Said, screen: Screen) -> list[str]:
    lines = _changes(told.changes, said, screen)
    return lines + (_note(f"{told.more:,} more values differ", screen) if told.more else [])


def _volatile(names: Sequence[str], screen: Screen) -> list[str]:
    if not names:
        return []
    count = f"{len(names)} volatile header{' differs' if len(names) == 1 else 's differ'}"
    return _note(f"{count}: {', '.join(map(screen.word, names))}", screen)


def _changes(changes: Sequence[Change], said: Said, screen: Screen) -> list[str]:
    return [line for change in changes for line in _change(change, said, screen)]


def _change(change: Change, said: Said, screen: Screen) -> Iterator[str]:
    """Yield a value that differs on one line, or the old and the new one below its path."""
    most = 4 * screen.width
    path: Span = ("key", change.path[:most] or "payload")
    if change.old is MISSING:
        yield _marked("+", [path, ("", f": {said(change.new)[:most]}")], screen)
        return
    if change.new is MISSING:
        yield _marked("-", [path, ("", f": {said(change.old)[:most]}")], screen)
        return
    old, new = said(change.old), said(change.new)
    both = f": {old} -> {new}"
    if fits(screen.safe(f"{_MARGIN}~ {path[1]}{both}"), screen.width - 1):
        yield _marked("~", [path, ("", both)], screen)
        return
    same = common_start(old, new) - _BEFORE
    if same > _BEFORE:
        old, new = screen.ellipsis + old[same:], screen.ellipsis + new[same:]
    yield _marked("~", [path], screen)
    yield _marked("-", [("", old[:most])], screen)
    yield _marked("+", [("", new[:most])], screen)


def _marked(mark: str, spans: Line, screen: Screen) -> str:
    return screen.line([("", _MARGIN), (_MARKS[mark], mark), ("", " "), *spans])


def _heading(text: str, screen: Screen) -> list[str]:
    return [screen.line([("", INDENT), ("bold", text)])]


def _note(text: str, screen: Screen) -> list[str]:
    return screen.wrap([("dim", INDENT + text)])


def _json(value: Any) -> str:
    # An ellipsis says that something was cut, so it is always ours.
    return json.dumps(value, ensure_ascii=False).replace("…", r"\u2026")
