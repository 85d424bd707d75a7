"""A sample goes where it is wanted, and it is told what was sent and what came of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hookcli.delivery import Delivery, Headers, Verdict
from hookcli.errors import HookError
from hookcli.routes import endpoint
from hookcli.screen import Screen
from hookcli.triggering import Goal, format_sent, goal_of, run
from tests.apps import OK, answering, free_port, running
from tests.test_running import THEN, listening, make_status

SCREEN = Screen(width=100)
PUSH = Delivery(
    method="POST",
    path="/github",
    headers=Headers([("X-GitHub-Event", "push"), ("Content-Type", "application/json")]),
    body=b"{}",
    provider="github",
    signature=Verdict("valid", "Signed with the secret 'github'"),
)


async def sent(goal: Goal, delivery: Delivery = PUSH) -> tuple[bool, list[str]]:
    """Send it; return whether that went well, and what was said of it."""
    lines: list[str] = []
    went_well = await run(delivery, goal, say=lines.extend, screen=SCREEN)
    return went_well, [line.partition(" ")[2] if line[0].isdigit() else line for line in lines]


async def test_it_is_told_what_was_sent_and_what_was_answered() -> None:
    async with running(answering(OK)) as app:
        went_well, lines = await sent(Goal(app.endpoint))

    assert went_well
    assert lines[:2] == [
        "--> github push [valid] 2 B POST /github",
        "         Signed with the secret 'github'",
    ]
    assert lines[2].startswith("<-- [200] ")
    assert lines[2].endswith(f" ms {app.url}")
    assert app.requests[0].startswith(b"POST /github HTTP/1.1\r\n")


async def test_an_answer_that_is_not_2xx_is_shown_with_what_to_do() -> None:
    refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 7\r\n\r\nno, no!"

    async with running(answering(refusal)) as app:
        went_well, lines = await sent(Goal(endpoint(f"{app.port}/in")))

    assert not went_well
    assert lines[0].endswith("POST /in")
    assert "  │ no, no!" in lines
    assert any("your app has another secret" in line for line in lines)


async def test_nobody_at_a_goal_that_was_named_is_a_failure() -> None:
    port = free_port()

    went_well, lines = await sent(Goal(endpoint(str(port))))

    assert not went_well
    assert f"       ! Nothing listens on 127.0.0.1:{port}" in lines


async def test_nobody_where_a_listener_is_expected_is_an_error() -> None:
    """Nothing is said of a delivery then, as none is sent."""
    port = free_port()

    with pytest.raises(HookError, match=f"nothing listens on 127.0.0.1:{port}") as caught:
        await sent(Goal(endpoint(str(port)), named=False))

    assert "hookcli listen 4567" in caught.value.hint


async def test_what_cannot_be_known_without_its_signature_is_known_to_who_sends_it() -> None:
    """Stripe has nothing else that marks it."""
    event = Delivery(method="POST", path="/", body=b'{"type": "invoice.paid"}', provider="stripe")

    lines = format_sent(event, endpoint("3000"), SCREEN)

    assert [line.partition(" ")[2] for line in lines] == [
        "--> stripe invoice.paid [unsigned] 24 B POST /"
    ]


def test_by_default_it_goes_to_the_listener_started_last() -> None:
    later = make_status(started_at=THEN + timedelta(hours=1), local_url="http://127.0.0.1:4999")

    with listening(make_status()), listening(later):
        goal = goal_of(None)

    assert goal == Goal(endpoint("4999"), "https://otter.ngrok-free.app", named=False)
    assert goal.url(PUSH) == "https://otter.ngrok-free.app/github"


def test_without_a_listener_it_goes_to_the_usual_port() -> None:
    assert goal_of(None) == Goal(endpoint("4567"), None, named=False)


def test_what_is_signed_for_a_url_is_signed_for_the_one_that_is_seen_there() -> None:
    """A listener with a public URL expects that; an app of yours, its own."""
    with listening(make_status()) as port:
        public = goal_of(endpoint(f"{port}/in"))
    own = goal_of(endpoint("3000/in?a=1"))
    far = goal_of(endpoint("https://staging.example"))

    assert public.url(PUSH) == "https://otter.ngrok-free.app/in"
    assert own.url(PUSH) == "http://127.0.0.1:3000/in?a=1"
    assert far.url(PUSH) == "https://staging.example/github"
