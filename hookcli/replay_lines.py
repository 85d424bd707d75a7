"""The lines that tell of deliveries sent again: what to know first, and what came of all."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Literal, NamedTuple

from hookcli.lines import starred
from hookcli.text import human_duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hookcli.delivery import Attempt
    from hookcli.screen import Screen


class Remark(NamedTuple):
    """What a person may not expect of a delivery that is sent again."""

    kind: Literal["signed", "unsigned", "expired", "repeated", "untold", "nameless"]
    delivery: int
    provider: str
    """Its title; its name where a secret is lacking."""
    secret: str = ""
    """What to call the secret that signs."""

    def said(self) -> tuple[str, str]:
        """Return what there is to know, and what to do; nothing where there is nothing to do."""
        number, title = f"#{self.delivery}", self.provider
        match self.kind:
            case "signed":
                said = f"{number} is changed, so it is signed anew with the secret {self.secret}"
                return said, ""
            case "unsigned":
                said = f"{number} is changed, and its signature will not be right: no secret for it"
                return said, f"Give it: --secret {title}=env:NAME; or say --no-sign"
            case "expired":
                said = f"The signature of {number} is older than {title}'s libraries allow"
                return said, f"Sign it anew: hookcli replay {self.delivery} --sign"
            case "repeated":
                said = f"{number} goes with the same delivery id again"
                return said, "A handler may drop it as a duplicate: --new-delivery-id"
            case "untold":
                sender = title or "its sender"
                return (
                    f"{number} says nowhere that it is a retry: {sender} has no header for it",
                    "",
                )
            case "nameless":
                return f"{number} has no delivery id, so it gets no new one", ""


@dataclass
class Tally:
    """What came of all sends."""

    count: int = 0
    failed: int = 0
    _durations_ms: list[float] = field(default_factory=list)

    def add(self, attempt: Attempt) -> None:
        """Count one."""
        self.count += 1
        self.failed += attempt.failed or attempt.error is not None
        self._durations_ms.append(attempt.duration_ms)

    def percentile(self, share: float) -> float:
        """Return the seconds in which this share of them, from 0 to 1, had their answers."""
        ordered = sorted(self._durations_ms)
        return ordered[max(0, ceil(len(ordered) * share) - 1)] / 1000


def format_summary(tally: Tally, at: datetime, screen: Screen) -> list[str]:
    """Say how all of it went."""
    went = (
        f"{tally.count:,} sent, {tally.failed:,} failed"
        if tally.failed
        else f"{tally.count:,} sent"
    )
    half, most = (human_duration(tally.percentile(share)) for share in (0.5, 0.95))
    return screen.wrap([*starred(at, screen), ("", f" {went}; p50 {half}, p95 {most}")])


def said_of(deliveries: Sequence[int], times: int) -> str:
    """Say what is sent: which, or how many, and how often."""
    what = f"#{deliveries[0]}" if len(deliveries) == 1 else f"{len(deliveries):,} deliveries"
    if times == 1:
        return what
    return f"{what} {times:,} times" if len(deliveries) == 1 else f"{what}, {times:,} times each,"


def format_going(what: str, places: Sequence[tuple[str, str]], screen: Screen) -> list[str]:
    """Say what goes where: URLs, and why there."""
    lines: list[str] = []
    for url, why in places:
        start = f"Sending {what} to " if not lines else "    and to "
        lines += screen.wrap(
            [("", start), ("url", screen.word(url)), ("dim", f", {why}" if why else "")]
        )
    return lines
