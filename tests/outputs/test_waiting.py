"""A late answer is told of once, if its delivery is shown and still not answered."""

from __future__ import annotations

from datetime import UTC, datetime

from hookcli.outputs.waiting import REMEMBERED, Known, Late, Waiting
from tests.stores.builders import make_delivery

AT = datetime(2026, 11, 24, 14, 4, 11, tzinfo=UTC)


APP = "http://127.0.0.1:3000/hooks"


def late(number: int = 47, url: str = APP) -> Late:
    return Late(number, url, AT)


def shown(*numbers: int) -> Waiting:
    """Return one that knows these to be shown."""
    waiting = Waiting()
    for number in numbers:
        waiting.shown(make_delivery(id=number))
    return waiting


def test_a_late_answer_is_told_of_once() -> None:
    waiting = shown(46, 47, 48)

    for number in (48, 47):
        waiting.late(late(number))

    assert waiting.due() == [late(47), late(48)]
    waiting.late(late())
    assert waiting.due() == []


def test_it_waits_until_the_delivery_is_shown() -> None:
    waiting = shown()
    waiting.late(late())

    assert waiting.due() == []
    waiting.shown(make_delivery(id=47))
    assert waiting.due() == [late()]


def test_an_answer_that_comes_first_needs_no_telling() -> None:
    """Whether it comes before or after the delivery was found to wait."""
    waiting = shown(47, 48)

    waiting.late(late(47))
    waiting.answered(47, APP)
    waiting.answered(48, APP)
    waiting.late(late(48))

    assert waiting.due() == []


def test_each_app_is_waited_for_by_itself() -> None:
    """That its sender has an answer says nothing of a second app."""
    waiting = shown(47)

    waiting.answered(47, None)
    waiting.late(late(47, APP))
    waiting.late(late(47, "http://other"))
    waiting.answered(47, "http://other")

    assert waiting.due() == [late(47, APP)]


def test_an_answer_is_told_with_what_is_known_of_its_delivery() -> None:
    waiting = Waiting()
    challenge = make_delivery(id=47, provider="slack", handshake="slack_challenge")

    waiting.shown(challenge)

    assert waiting.answered(47, None) == Known("slack", "slack_challenge", challenge.signature)
    assert waiting.answered(99, APP) == Known()


def test_no_more_is_remembered_than_is_of_use() -> None:
    waiting = shown(*range(2 * REMEMBERED))

    for number in range(3 * REMEMBERED):
        waiting.late(late(number))

    assert (len(waiting._shown), len(waiting._late)) == (REMEMBERED, REMEMBERED)
    assert waiting.due() == []
    waiting.late(late(2 * REMEMBERED - 1))
    assert len(waiting.due()) == 1
