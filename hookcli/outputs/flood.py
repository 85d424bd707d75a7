"""Notices when more comes in than a person can read, and from then on only counts it."""

from __future__ import annotations

import re
from collections import Counter, deque
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from hookcli.delivery import Delivery
from hookcli.lines import Flood, verdict_word

if TYPE_CHECKING:
    from datetime import datetime

    from hookcli.delivery import Entry, Verdict

SHOWN = 20
"""Deliveries within a second that are shown; one more is a flood."""
CALM = 10
"""With fewer than so many a second, for two seconds, a flood is over."""
NOTABLE = 5
"""Bad signatures and failed answers a second that are shown even then, and notices of a kind."""

_NUMBER = re.compile(r"\d+")
_SECOND = timedelta(seconds=1)
_OLD = timedelta(seconds=5)
"""What came in before that is shown because it was asked for, however much it is."""


class Start(NamedTuple):
    """From now on entries are only counted."""

    rate: int
    """Deliveries a second."""


class Second(NamedTuple):
    """What came in a second of it."""

    flood: Flood
    notable: list[Entry]


class End(NamedTuple):
    """From now on entries are shown again."""

    hidden: int
    """Deliveries that were only counted."""
    since: datetime


class FloodWatch:
    """Tells which entries to show, and what to say in place of the others.

    Every `now` is a reading of the same clock.
    """

    def __init__(self) -> None:
        self._recent: deque[tuple[datetime, datetime]] = deque(maxlen=SHOWN + 1)
        self._since: datetime | None = None
        self._due: datetime | None = None
        self._hidden = 0
        self._quiet_seconds = 0
        self._counts = _Counts()

    def admit(self, entry: Entry, now: datetime) -> bool | Start:
        """Return whether to show `entry`, or the start of the flood of which it is the first."""
        start = None
        if self._since is None:
            if not isinstance(entry, Delivery) or now - entry.received_at > _OLD:
                return True
            self._recent.append((now, entry.received_at))
            if len(self._recent) <= SHOWN or abs(now - self._recent[0][0]) >= _SECOND:
                return True
            start = self._start(now)
        self._counts.add(entry)
        return start or False

    def _start(self, now: datetime) -> Start:
        span = (self._recent[-1][1] - self._recent[0][1]).total_seconds()
        self._since, self._due = now, now + _SECOND
        self._hidden = self._quiet_seconds = 0
        self._recent.clear()
        return Start(round(SHOWN / max(span, 0.01)))

    def tick(self, now: datetime) -> list[Second | End]:
        """Return what is to be said by now; to be called a few times a second."""
        if self._since is None or self._due is None:
            return []
        # A clock that was set back must not keep it quiet.
        if timedelta() < self._due - now <= _SECOND:
            return []
        quiet = self._counts.deliveries < CALM
        self._quiet_seconds = self._quiet_seconds + 1 if quiet else 0
        said = self.rest()
        self._due = now + _SECOND
        if self._quiet_seconds == 2:
            said.append(End(self._hidden, self._since))
            self._since = None
        return said

    def rest(self) -> list[Second | End]:
        """Return what was counted and not yet said."""
        counts, self._counts = self._counts, _Counts()
        self._hidden += counts.deliveries
        return [counts.told()] if counts.any else []


class NoticeWatch:
    """Tells which notices to show: of a kind that comes by the hundred only the first ones.

    Two are of a kind that begin with the same three words, whatever the numbers in them. Every
    `now` is a reading of the same clock.
    """

    def __init__(self) -> None:
        self._due: datetime | None = None
        self._counts: Counter[str] = Counter()

    def admit(self, text: str, now: datetime) -> bool:
        """Return whether to show a notice."""
        self._due = self._due or now + _SECOND
        kind = _NUMBER.sub("N", " ".join(text.split(maxsplit=3)[:3]))
        self._counts[kind] += 1
        return self._counts[kind] <= NOTABLE

    def tick(self, now: datetime) -> list[tuple[str, int]]:
        """Return of which kinds how many were not shown, once a second; call it more often."""
        # A clock that was set back must not keep it quiet.
        if self._due is None or timedelta() < self._due - now <= _SECOND:
            return []
        return self.rest()

    def rest(self) -> list[tuple[str, int]]:
        """Return of which kinds how many were not shown and not yet told."""
        counts, self._counts, self._due = self._counts, Counter(), None
        return [(kind, count - NOTABLE) for kind, count in counts.items() if count > NOTABLE]


class _Counts:
    def __init__(self) -> None:
        self.deliveries = 0
        self._first = self._last = 0
        self._verdicts: Counter[Verdict] = Counter()
        self._statuses: Counter[int | None] = Counter()
        self._durations: list[float] = []
        self._notable: list[Entry] = []

    @property
    def any(self) -> bool:
        return bool(self.deliveries or self._statuses)

    def add(self, entry: Entry) -> None:
        if isinstance(entry, Delivery):
            self._first = self._first or entry.id
            self._last = entry.id
            self.deliveries += 1
            self._verdicts[entry.signature] += 1
            failed = entry.signature.failed
        else:
            self._statuses[entry.status] += 1
            self._durations.append(entry.duration_ms)
            failed = entry.failed
        if failed and len(self._notable) < NOTABLE:
            self._notable.append(entry)

    def told(self) -> Second:
        verdicts: Counter[str] = Counter()
        for verdict, count in self._verdicts.items():
            verdicts[verdict_word(verdict)] += count
        durations = sorted(self._durations) or [0.0]
        median = durations[len(durations) // 2]
        flood = Flood(self._first, self._last, verdicts, self._statuses, median)
        return Second(flood, self._notable)
