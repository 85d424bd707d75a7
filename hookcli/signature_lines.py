"""The lines that tell of a signature: why it fails, and how it was checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookcli.lines import INDENT, event_name, format_trouble, verdict_span, verdict_word
from hookcli.text import human_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hookcli.checking import Check
    from hookcli.delivery import Delivery
    from hookcli.screen import Line, Screen
    from hookcli.secret import Secret
    from hookcli.signatures.doctor import Diagnosis

_MARGIN = 11
"""Cells before the values of a check."""
_LABEL = 9
"""Cells of a label below a delivery."""


def format_signature(delivery: Delivery, diagnosis: Diagnosis | None, screen: Screen) -> list[str]:
    """Say what is wrong with a delivery's signature, and what to do; nothing where that is nothing.

    `diagnosis` is None where it was made elsewhere, and only the verdict is known.
    """
    verdict = delivery.signature
    if verdict.code == "unchecked" and delivery.provider:
        how = f"--secret {delivery.provider}=env:NAME"
        return screen.wrap([("dim", f"{INDENT}Signed, but no secret given: {how}")])
    if not verdict.failed:
        return []
    if diagnosis is None:
        lines = format_trouble(f"{verdict.code}: {verdict.message}", screen)
        return lines + _row("Do", [f"hookcli verify {delivery.id}"], screen)
    lines = format_trouble(f"{verdict.code}: {diagnosis.cause}", screen)
    lines += _row("Checked", [diagnosis.checked], screen)
    if screen.terminal:  # there are the lengths of secrets in it
        lines += _row("Tried", [diagnosis.tried], screen)
    return lines + _row("Do", diagnosis.do, screen)


def _row(label: str, values: Sequence[str], screen: Screen) -> list[str]:
    margin = len(INDENT) + _LABEL
    lines: list[str] = []
    for value in filter(None, values):
        name = "" if lines else label
        lines += screen.wrap([("", INDENT), ("dim", f"{name:{_LABEL}}"), ("", value)], margin)
    return lines


def format_check(check: Check, screen: Screen) -> list[str]:
    """Say step by step how a signature was checked, and then the verdict."""
    delivery, verdict = check.delivery, check.delivery.signature
    at = check.at.astimezone(screen.zone)
    rows: dict[str, list[Line]] = {
        "Delivery": [[("", _said(delivery, screen))]],
        "Sender": [[("", check.sender)]],
        "Sent to": [[("url", screen.word(check.url))]] if check.url else [],
        "Time": [[("", f"{at:%Y-%m-%d %H:%M:%S %z}, {check.why_at}")]],
        "Secret": [[("", _called(secret, screen))] for secret in check.secrets],
        "Checked": [[("", check.checked)]] if check.checked else [],
        "Verdict": [[verdict_span(verdict_word(verdict)), ("", f" {check.cause}")]],
        "Do": [[("", todo)] for todo in check.do],
    }
    if verdict.failed:
        rows["Verdict"][0].insert(1, ("bad", f" {verdict.code}:"))
    lines: list[str] = []
    for label, values in rows.items():
        for name, value in zip((label, *[""] * len(values)), values, strict=False):
            lines += screen.wrap([("dim", f"{name:{_MARGIN}}"), *value], _MARGIN)
    return lines


def _said(delivery: Delivery, screen: Screen) -> str:
    number = f"#{delivery.id}" if delivery.id else ""
    words = (delivery.provider, event_name(delivery), delivery.method, delivery.target)
    named = [screen.word(word) for word in words if word]
    return " ".join(filter(None, [number, *named, human_size(delivery.size)]))


def _called(secret: Secret, screen: Screen) -> str:
    count = len(secret.value)
    length = f", {count} character{'' if count == 1 else 's'}" if screen.terminal else ""
    return secret.label + length
