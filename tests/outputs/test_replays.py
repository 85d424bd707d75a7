"""Who replays sees a line for each send, and programs get a record."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hookcli.delivery import UNSIGNED, Attempt
from hookcli.outputs.replays import Streams, Telling
from hookcli.progress import Bar
from hookcli.replay_lines import Remark
from hookcli.replaying import Result
from hookcli.screen import Screen
from tests.stores.builders import make_delivery

AT = datetime(2026, 11, 24, 14, 6, 1, tzinfo=UTC)
URL = "http://127.0.0.1:3000"
ATTEMPT = Attempt(
    kind="replay", id=7, delivery=5, endpoint=URL, started_at=AT, duration_ms=12, status=200
)


class Stream(io.TextIOWrapper):
    """Text in memory, on a terminal or not."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__(io.BytesIO(), "utf-8")
        self._terminal = terminal

    def isatty(self) -> bool:
        """Return which."""
        return self._terminal

    @property
    def lines(self) -> list[str]:
        """Return what was written."""
        self.flush()
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue().decode().splitlines()


def told(*, terminal: bool, attempts: list[Attempt], remarks: list[Remark]) -> list[list[str]]:
    """Return what stands on standard output, and on standard error."""
    streams = Streams(Stream(terminal=terminal), Stream(terminal=False))
    with Bar(len(attempts), streams.err, {}) as bar:
        telling = Telling(streams, Screen(zone=UTC), bar)
        for remark in remarks:
            telling.say(remark)
        for attempt in attempts:
            telling.done(Result(attempt, make_delivery(id=5), UNSIGNED))
    telling.summary()
    return [stream.lines for stream in streams if isinstance(stream, Stream)]


def test_a_terminal_shows_lines() -> None:
    """And no record."""
    out, err = told(terminal=True, attempts=[ATTEMPT], remarks=[])

    assert out == [f"14:06:01 <-- #5 [200] 12 ms {URL}"]
    assert err == []


def test_a_program_gets_records_and_a_person_the_lines() -> None:
    out, err = told(terminal=False, attempts=[ATTEMPT], remarks=[])

    assert [json.loads(line)["id"] for line in out] == [7]
    assert err == [f"14:06:01 <-- #5 [200] 12 ms {URL}"]


def test_what_failed_is_explained() -> None:
    down = replace(ATTEMPT, status=None, error="Nothing listens on 127.0.0.1:3000")

    out, _ = told(terminal=True, attempts=[down], remarks=[])

    assert out[0] == f"14:06:01 <-- #5 [none] 12 ms {URL}"
    assert out[1] == "       ! Nothing listens on 127.0.0.1:3000"


def test_several_have_a_summary() -> None:
    _, err = told(terminal=True, attempts=[ATTEMPT, replace(ATTEMPT, status=500)], remarks=[])

    assert err[0].endswith(" *** 2 sent, 1 failed; p50 12 ms, p95 12 ms")


@pytest.mark.parametrize(("provider", "count"), [("GitHub", 1), ("Stripe", 2)])
def test_what_has_to_be_known_is_said_once(provider: str, count: int) -> None:
    """Of each provider."""
    remarks = [Remark("repeated", 5, "GitHub"), Remark("repeated", 6, provider)]

    _, err = told(terminal=True, attempts=[], remarks=remarks)

    assert err[:2] == [
        "Notice: #5 goes with the same delivery id again",
        "Hint: A handler may drop it as a duplicate: --new-delivery-id",
    ]
    assert len(err) == 2 * count
