"""A person sees each delivery and its answer, and in a flood what matters of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hookcli.delivery import HELD_BODY, Attempt, Delivery, Headers, Verdict
from hookcli.outputs import console as module
from hookcli.outputs.console import Console, Pane
from hookcli.screen import Screen
from hookcli.state import TunnelState
from hookcli.tunnel_lines import Total
from hookcli.views import VIEWED

if TYPE_CHECKING:
    import pytest

AT = datetime(2026, 11, 24, 14, 3, 22, tzinfo=UTC)
DELIVERY = Delivery(
    id=42,
    method="POST",
    path="/github",
    headers=Headers([("Content-Type", "application/json")]),
    body=b'{"action": "opened", "numbers": [1, 2, 3, 4, 5]}',
    received_at=AT,
    provider="github",
    event="issues",
    action="opened",
    signature=Verdict("valid", "It matches"),
)
ANSWER = Attempt(kind="answer", delivery=42, started_at=AT, duration_ms=1, status=200)
FORWARD = replace(ANSWER, kind="forward", endpoint="http://127.0.0.1:3000/hooks")
ONLINE = TunnelState(
    state="online", public_url="https://brave-otter.ngrok-free.app", at=AT, reachable=True
)


class Desk:
    """A console, and the person in front of it."""

    def __init__(
        self, *, payloads: bool = True, may_skip: bool = True, awaited: bool = True
    ) -> None:
        self.shown: list[str] = []
        self.told: list[str] = []
        self.now = AT
        self.total = Total()
        self.written = asyncio.Event()
        self.console = Console(
            deliveries=Pane(self.show, lambda: Screen(height=12, zone=UTC)),
            notices=Pane(self.tell, lambda: Screen(zone=UTC)),
            clock=lambda: self.now,
            body=self.body,
            payloads=payloads,
            may_skip=may_skip,
            total=self.total,
            awaited=awaited,
        )

    def show(self, text: str) -> None:
        """Take what is shown."""
        self.shown += text.splitlines()
        self.written.set()

    def tell(self, text: str) -> None:
        """Take what is told beside it."""
        self.told += text.splitlines()

    async def body(self, delivery: int, limit: int) -> bytes:
        """Give the start of a body, in which is what was asked for."""
        return f"[{delivery}, {limit}".encode()


async def test_shows_a_delivery_a_screenful_of_its_payload_and_its_answer() -> None:
    desk = Desk()

    await desk.console.handle([DELIVERY, ANSWER])

    assert desk.shown == [
        "14:03:22 --> #42 github issues.opened [valid] 48 B POST /github",
        "  │ {",
        '  │   "action": "opened",',
        '  │   "numbers": [',
        "  │     1,",
        "  │     2,",
        "  │     3,",
        "         4 more lines: hookcli show 42",
        "14:03:22 <-- #42 [200] 1 ms built in",
    ]


async def test_shows_only_the_lines_where_payloads_are_not_wanted() -> None:
    desk = Desk(payloads=False)

    await desk.console.handle([DELIVERY, replace(ANSWER, status=None, error="gone")])

    assert desk.shown == [
        "14:03:22 --> #42 github issues.opened [valid] 48 B POST /github",
        "14:03:22 <-- #42 [none] 1 ms built in",
    ]


async def test_says_why_there_was_no_answer() -> None:
    desk = Desk()

    await desk.console.handle([replace(ANSWER, status=None, error="The sender went away")])

    assert desk.shown[1:] == ["       ! The sender went away"]


async def test_reads_the_start_of_a_body_that_is_not_held() -> None:
    desk = Desk()

    await desk.console.handle([replace(DELIVERY, body=b"", size=HELD_BODY + 1)])

    assert desk.shown[1:] == [
        "  │ [",
        "  │   42,",
        f"  │   {VIEWED}",
        "         1 MB more: hookcli show 42",
    ]


async def test_counts_a_flood_and_shows_what_is_bad() -> None:
    desk = Desk(payloads=False)
    bad = replace(DELIVERY, id=30, signature=Verdict("mismatch", ""))
    many = [replace(DELIVERY, received_at=AT + timedelta(seconds=n / 412)) for n in range(21)]

    await desk.console.handle([*many, bad, replace(ANSWER, status=500), *[ANSWER] * 21])
    desk.now += timedelta(seconds=1)
    desk.console.tick()

    assert desk.shown[20:] == [
        "14:03:22 *** 412 a second: payloads no longer shown; all are kept and answered",
        "14:03:23 *** #42-#30: 1 [valid] 1 [BAD]; 21 [200] 1 [500]; median 1 ms",
        "14:03:22 --> #30 github issues.opened [BAD] 48 B POST /github",
        "14:03:22 <-- #42 [500] 1 ms built in",
    ]


async def test_shows_again_when_it_is_calm() -> None:
    desk = Desk(payloads=False)
    await desk.console.handle([DELIVERY] * 21)

    for _ in range(2):
        desk.now += timedelta(seconds=1)
        desk.console.tick()
    await desk.console.handle([DELIVERY])

    assert desk.shown[-2:] == [
        "14:03:24 *** Calm again, 1 payload not shown: hookcli list --since 14:03",
        "14:03:22 --> #42 github issues.opened [valid] 48 B POST /github",
    ]


async def test_a_file_misses_nothing() -> None:
    desk = Desk(payloads=False, may_skip=False)

    await desk.console.handle([DELIVERY] * 100)
    desk.console.tick()

    assert len(desk.shown) == 100


async def test_runs_on_while_nothing_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last second of a flood is told without waiting for a delivery."""
    monkeypatch.setattr(module, "TICK_S", 0.001)
    desk = Desk(payloads=False)
    await desk.console.handle([DELIVERY] * 21)
    desk.written.clear()
    desk.now += timedelta(seconds=1)

    running = asyncio.ensure_future(desk.console.run())
    await asyncio.wait_for(desk.written.wait(), 5)
    running.cancel()

    assert desk.shown[-1] == "14:03:23 *** #42-#42: 1 [valid]"


def test_tells_of_the_tunnel_once_the_banner_is_done() -> None:
    desk = Desk()
    lost = replace(ONLINE, state="offline", reachable=None)

    desk.console.tunnel(ONLINE)
    desk.console.ready("ngrok 3.39.10")
    desk.console.tunnel(lost)
    desk.console.tunnel(replace(ONLINE, state="connecting", public_url=None))
    desk.console.tunnel(replace(ONLINE, offline_s=30))

    assert desk.told == [
        "14:03:22 *** TUNNEL OFFLINE since 14:03:22: no contact with ngrok. Retrying.",
        "         Nothing from outside arrives; this computer still reaches hookcli.",
        "14:03:22 *** TUNNEL ONLINE after 30 s, same URL, checked end to end",
    ]
    assert desk.shown == []


def test_tells_notices_apart_from_deliveries() -> None:
    desk = Desk()

    desk.console.notice("Not stored: the disk is full", "Free some space")

    assert desk.told == [
        "14:03:22 *** Not stored: the disk is full",
        "         Free some space",
    ]


def test_notices_by_the_hundred_are_counted() -> None:
    """Whoever sends what is no HTTP fills neither the terminal nor, where that is slow, memory."""
    desk = Desk()
    for _ in range(412):
        desk.console.notice("A malformed request from 10.0.0.9 was refused (400): Bad status line")
    desk.now += timedelta(seconds=1)

    desk.console.tick()

    assert len(desk.told) == 5 * 2 + 1
    assert desk.told[-1] == (
        "14:03:23 *** 407 more that begin with 'A malformed request' were not shown"
    )


def test_the_end_sums_up_all_that_came_in() -> None:
    """Also what was not shown here."""
    desk = Desk()
    desk.console.tunnel(ONLINE)
    desk.total.received(42, DELIVERY)
    desk.total.answered(replace(ANSWER, status=500))

    desk.console.end()

    assert desk.told == [
        "14:03:22 *** Stopped. 1 delivery, #42: 1 failed",
        "         GitHub still sends to brave-otter.ngrok-free.app",
    ]


async def test_the_end_of_a_flood_is_not_lost() -> None:
    desk = Desk(payloads=False)
    await desk.console.handle([DELIVERY] * 30)

    desk.console.end()

    assert desk.shown[-1] == "14:03:22 *** #42-#42: 10 [valid]"
