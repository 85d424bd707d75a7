"""One delivery whole: the request as it came, what is known of it, and every attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookcli.answer_lines import format_answer, format_error
from hookcli.lines import INDENT, format_delivery, format_trouble
from hookcli.text import word
from hookcli.views import view

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hookcli.delivery import Attempt, Changed, Delivery, Headers
    from hookcli.screen import Line, Screen

_MARGIN = 20
_UNKNOWN = "Answer unknown: it is still to come, or hookcli ended before it came"


def format_whole(
    delivery: Delivery, body: bytes, attempts: Sequence[Attempt], screen: Screen
) -> list[str]:
    """Return all there is to see of a delivery.

    Long lines are folded, not cut. `body` may be only the start of the body: at most its first
    MiB is shown.
    """
    request = f"{delivery.method} {delivery.target} HTTP/{delivery.http_version}"
    lines = [*format_delivery(delivery, screen), *_facts(delivery, screen)]
    lines += screen.fold([("bold", request)])
    lines += _message(delivery.headers, body, delivery.size, screen)
    for attempt in attempts:
        lines += format_answer(attempt, screen, delivery.handshake)
        if attempt.request is not None:
            changed = ", ".join(_changed(attempt.request, delivery)) or "its spelling"
            lines += _note(f"Not sent as it came; what differs: {changed}", screen)
        if attempt.error:
            lines += format_error(attempt, screen)
        lines += _message(attempt.headers, attempt.body, len(attempt.body), screen)
        if attempt.body_truncated:
            lines += _note("Of this answer only the first 64 KiB are kept", screen)
    if not attempts:
        lines += format_trouble(_UNKNOWN, screen)
    return lines


def _changed(sent: Changed, delivery: Delivery) -> Iterator[str]:
    """Yield what was sent in another way than it came."""
    if sent.method != delivery.method:
        yield "the method"
    if sent.path != delivery.target:
        yield "the path"
    if sent.headers != delivery.headers:
        yield "headers"
    if sent.body is not None and sent.body != delivery.body:
        yield "the body"


def _facts(delivery: Delivery, screen: Screen) -> list[str]:
    at = delivery.received_at.astimezone(screen.zone)
    sender = f" from {word(delivery.remote)}" if delivery.remote else ""
    facts = {
        "Received": f"{at:%Y-%m-%d %H:%M:%S %z}{sender}",
        "Id": word(delivery.delivery_id) if delivery.delivery_id else "",
        "Repeats": f"#{delivery.repeats}" if delivery.repeats else "",
        "Signature": delivery.signature.message,
    }
    lines: list[str] = []
    for name, value in facts.items():
        if value:
            label: Line = [("", INDENT), ("dim", f"{name:{_MARGIN - len(INDENT)}}")]
            lines += screen.wrap([*label, ("", value)], _MARGIN)
    return lines


def _message(headers: Headers, body: bytes, size: int, screen: Screen) -> list[str]:
    lines: list[str] = []
    for name, value in headers:
        lines += screen.fold([("key", name), ("", ": "), ("", value)])
    shown = view(headers, body, size=size, limit=None, cells=screen.room)
    if shown.lines and lines:
        lines += screen.fold([])
    if shown.note:
        lines += _note(shown.note, screen)
    for line in shown.lines:
        lines += screen.fold(line)
    if shown.more:
        lines += _note(f"{shown.more}: --format body gives all", screen)
    return lines


def _note(text: str, screen: Screen) -> list[str]:
    return screen.wrap([("dim", INDENT + text)])
