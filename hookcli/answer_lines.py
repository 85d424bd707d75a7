"""The lines that tell how a delivery was answered: by whom, with what, how late, or why not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hookcli.delivery import UNSIGNED
from hookcli.handshakes import what_was_done
from hookcli.lines import INDENT, arrow, format_trouble, status_span, told
from hookcli.signatures.app_side import app_fault
from hookcli.text import human_duration, human_size
from hookcli.views import view

if TYPE_CHECKING:
    from datetime import datetime

    from hookcli.delivery import Attempt, Verdict
    from hookcli.screen import Screen, Span
    from hookcli.signatures.providers import Provider

EXCERPT = 500
"""Bytes of an app's answer that are shown where it is not 2xx."""

_DO = {
    "Nothing listens": ("start your app", ", then: hookcli replay {}"),
    "No answer from": (
        "answer first and work afterwards",
        ", or wait longer: --forward-timeout",
    ),
}
"""What to do about an error, by how its sentence begins; and what more if there is a delivery."""


def format_answer(attempt: Attempt, screen: Screen, handshake: str | None = None) -> list[str]:
    """Say how a delivery was answered, and by whom; `handshake` is its name, if it was one."""
    at = attempt.started_at + timedelta(milliseconds=attempt.duration_ms)
    done = f": {what_was_done(handshake, refused=attempt.failed)}" if handshake else ""
    by: Span = ("dim", f"built in{done}")
    if attempt.endpoint:
        by = ("url", screen.word(attempt.endpoint))
    head = arrow(at, "<--", attempt.delivery, screen)
    head.append(status_span(attempt.status))
    return told(screen, head, [("dim", human_duration(attempt.duration_ms / 1000)), by], by)


def format_pending(delivery: int, url: str, at: datetime, screen: Screen) -> list[str]:
    """Say that the app at `url` had not answered a delivery by then."""
    by: Span = ("url", screen.word(url))
    head = arrow(at, "...", delivery, screen)
    return told(screen, head, [("", "no answer yet from"), by], by)


def format_outcome(
    attempt: Attempt,
    screen: Screen,
    provider: Provider | None = None,
    *,
    handshake: str | None = None,
    signature: Verdict = UNSIGNED,
) -> list[str]:
    """Say how a delivery was answered, and all that is wrong with that.

    `provider` is who waited for it; None where nobody did, or it is not known who. `handshake`
    and `signature` are the delivery's.
    """
    lines = format_answer(attempt, screen, handshake)
    if attempt.endpoint and not attempt.accepted:
        lines += _excerpt(attempt, screen)
    late = bool(provider and attempt.duration_ms > 1000 * provider.deadline_s)
    if attempt.error:
        lines += format_error(attempt, screen, heard=not late)
        lines += _do(_todo(attempt), screen)
    if fault := app_fault(signature, attempt):
        lines += format_trouble(fault.said, screen) + _do(fault.todo, screen)
        if attempt.delivery:
            again = f"hookcli replay {attempt.delivery} --sign"
            lines.append(screen.line([("", f"{2 * INDENT}{again}")]))
    if provider and late:
        lines += format_trouble(_too_slow(provider), screen)
    return lines


def format_error(attempt: Attempt, screen: Screen, *, heard: bool = True) -> list[str]:
    """Say why an app gave no answer; and what its sender got instead, if that was `heard`."""
    # For a replay no sender waits; what broke off late had gone out as the app's own.
    told = heard and attempt.kind != "replay" and not attempt.body_truncated
    instead = f"; the sender got {attempt.status}" if attempt.status and told else ""
    return format_trouble(f"{attempt.error}{instead}", screen)


def _excerpt(attempt: Attempt, screen: Screen) -> list[str]:
    """Return the beginning of an app's answer behind the bar: whole, as it is short."""
    size, limit = len(attempt.body), screen.screenful
    shown = view(attempt.headers, attempt.body[:EXCERPT], size=size, limit=limit, cells=EXCERPT)
    where = f": hookcli show {attempt.delivery}" if attempt.delivery else ""
    if shown.binary:
        return _note(f"Binary, {human_size(size)}{where}", screen)
    lines = [part for line in shown.lines for part in screen.fold(line)]
    # What was compressed may be far longer than what came.
    more = shown.more if len(lines) <= limit else "there is more"
    return [
        *(_note(shown.note, screen) if shown.note else []),
        *lines[:limit],
        *(_note(f"{more}{where}", screen) if more else []),
    ]


def _note(text: str, screen: Screen) -> list[str]:
    return screen.wrap([("dim", INDENT + text)])


def _todo(attempt: Attempt) -> str:
    for beginning, (todo, more) in _DO.items():
        if (attempt.error or "").startswith(beginning):
            return todo + more.format(attempt.delivery) if attempt.delivery else todo
    return ""


def _do(todo: str, screen: Screen) -> list[str]:
    return screen.wrap([("", f"{INDENT}Do       {todo}")], 2 * len(INDENT)) if todo else []


def _too_slow(provider: Provider) -> str:
    then = "sends it again" if provider.retries else "does not send it again"
    return f"Too slow: {provider.title} gives up after {provider.deadline_s:g} s and {then}"
