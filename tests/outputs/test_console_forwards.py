"""A person sees what the apps answered, how late, and which of them are not there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from hookcli.delivery import UNSIGNED
from hookcli.endpoint_lines import EndpointChange
from hookcli.outputs.flood import SHOWN
from tests.outputs.test_console import ANSWER, AT, DELIVERY, FORWARD, Desk

if TYPE_CHECKING:
    from hookcli.delivery import Attempt

PUSH = replace(DELIVERY, event="push", action=None, body=b"", size=0)
CAME = "14:03:22 --> #42 github push [valid] 0 B POST /github"
APP = "http://127.0.0.1:3000/hooks"
PENDING = f"14:03:22 ... #42 no answer yet from {APP}"
ANSWERED = f"14:03:22 <-- #42 [200] 1 ms {APP}"


async def test_shows_what_the_app_said_to_a_failure() -> None:
    desk = Desk()

    await desk.console.handle([PUSH, replace(FORWARD, status=404, body=b"no\x1b[2J")])

    assert desk.shown == [
        CAME,
        f"14:03:22 <-- #42 [404] 1 ms {APP}",
        r"  │ no\u001b[2J",
    ]


async def test_an_answer_that_breaks_off_late_stays_the_apps_own() -> None:
    """The sender has its beginning, or there was none: nobody got anything in its place."""
    desk = Desk()

    await desk.console.handle([PUSH, replace(FORWARD, body_truncated=True, error="It broke off")])

    assert desk.shown == [CAME, ANSWERED, "       ! It broke off"]


async def test_shows_a_line_alone_where_payloads_are_not_wanted() -> None:
    desk = Desk(payloads=False)
    slow = replace(FORWARD, status=400, body=b"no", error="It broke off", duration_ms=12_000)

    await desk.console.handle([PUSH, slow])

    assert desk.shown == [CAME, f"14:03:34 <-- #42 [400] 12 s {APP}"]


@pytest.mark.parametrize("answer", [FORWARD, ANSWER])
async def test_says_that_an_answer_came_too_late_for_who_sent_it(answer: Attempt) -> None:
    """Of an app, or of our own, which may be delayed."""
    desk = Desk()
    slow = replace(answer, duration_ms=12_000)

    await desk.console.handle([PUSH, slow])

    assert desk.shown[2:] == [
        "       ! Too slow: GitHub gives up after 10 s and does not send it again"
    ]


async def test_nobody_is_too_late_where_no_sender_waits_or_it_is_not_known_who() -> None:
    slow = replace(FORWARD, duration_ms=12_000)

    for desk, delivery in ((Desk(awaited=False), PUSH), (Desk(), replace(PUSH, provider=None))):
        await desk.console.handle([delivery, slow])

        assert len(desk.shown) == 2


async def test_says_that_the_app_is_at_fault_where_the_signature_is_right() -> None:
    refused = replace(FORWARD, status=401, body=b"no")

    for desk, delivery in ((Desk(), PUSH), (Desk(), replace(PUSH, signature=UNSIGNED))):
        await desk.console.handle([delivery, refused])

        right = any("The signature is right" in line for line in desk.shown)
        assert right == (delivery is PUSH)


async def test_says_what_it_answered_to_a_set_up_request() -> None:
    for desk in (Desk(), Desk(payloads=False)):
        await desk.console.handle([replace(PUSH, handshake="slack_challenge"), ANSWER])

        assert desk.shown[1:] == [
            "14:03:22 <-- #42 [200] 1 ms built in: answered Slack's challenge"
        ]


async def test_says_that_an_answer_is_late() -> None:
    desk = Desk()

    await desk.console.handle([PUSH])
    desk.console.pending(42, APP)
    desk.console.pending(42, APP)
    await desk.console.handle([FORWARD])

    assert desk.shown == [CAME, PENDING, ANSWERED]


async def test_says_so_behind_the_delivery_however_late_that_is_shown() -> None:
    """With the time at which there was no answer."""
    desk = Desk()

    desk.console.pending(42, APP)
    desk.now += timedelta(seconds=3)
    await desk.console.handle([PUSH])

    assert desk.shown == [CAME, PENDING]


async def test_says_nothing_once_the_answer_is_there() -> None:
    desk = Desk()

    desk.console.pending(42, APP)
    await desk.console.handle([PUSH, FORWARD])
    desk.console.pending(42, APP)

    assert desk.shown == [CAME, ANSWERED]


async def test_says_nothing_while_the_answer_is_about_to_be_shown() -> None:
    """It stands in the same page of the log."""
    desk = Desk()

    handling = asyncio.ensure_future(desk.console.handle([PUSH, FORWARD]))
    await desk.written.wait()
    desk.console.pending(42, APP)
    await handling

    assert desk.shown == [CAME, ANSWERED]


async def test_says_nothing_of_a_delivery_that_is_not_shown() -> None:
    """Somebody asked for others only, or it came in a flood."""
    desk = Desk(payloads=False)

    desk.console.pending(7, APP)
    await desk.console.handle([replace(PUSH, id=number) for number in range(100, 101 + SHOWN)])
    desk.console.pending(100 + SHOWN, APP)

    assert not [line for line in desk.shown if "..." in line]


async def test_counts_what_apps_answer_in_a_flood_by_status() -> None:
    desk = Desk(payloads=False)
    refused = replace(FORWARD, status=502, error="Nothing listens on 127.0.0.1:3000")
    deliveries = [
        replace(PUSH, id=number, received_at=AT + timedelta(seconds=number / 412))
        for number in range(21)
    ]

    await desk.console.handle([*deliveries, refused, *[replace(FORWARD, duration_ms=12)] * 3])
    desk.now += timedelta(seconds=1)
    desk.console.tick()

    assert desk.shown[-2:] == [
        "14:03:23 *** #20-#20: 1 [valid]; 3 [200] 1 [502]; median 12 ms",
        f"14:03:22 <-- #42 [502] 1 ms {APP}",
    ]


def test_tells_of_an_app_that_goes_and_comes() -> None:
    desk, follower = Desk(), Desk(awaited=False)
    down = EndpointChange("http://127.0.0.1:3000", up=False, since=AT, missed=1)

    for each in (desk, follower):
        each.console.endpoint(down)
    desk.now += timedelta(seconds=12)
    desk.console.endpoint(down._replace(up=True))

    assert desk.told == [
        "14:03:22 *** http://127.0.0.1:3000 DOWN: nothing listens there, senders get 502",
        "14:03:34 *** http://127.0.0.1:3000 UP after 12 s",
        "         1 delivery failed meanwhile: hookcli list --failed --since 14:03",
    ]
    assert follower.told == ["14:03:22 *** http://127.0.0.1:3000 DOWN: nothing listens there"]
