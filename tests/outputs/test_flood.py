"""A flood is noticed, counted once a second, and over when it is calm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hookcli.delivery import UNSIGNED, Attempt, Delivery, Verdict
from hookcli.lines import Flood
from hookcli.outputs.flood import NOTABLE, SHOWN, End, FloodWatch, NoticeWatch, Second, Start

NOW = datetime(2026, 11, 24, 14, 10, tzinfo=UTC)
BAD = Verdict("mismatch", "")


def at(seconds: float) -> datetime:
    """Return a time so many seconds after the start."""
    return NOW + timedelta(seconds=seconds)


def make_delivery(number: int, seconds: float = 0, verdict: Verdict = UNSIGNED) -> Delivery:
    return Delivery(id=number, method="POST", path="/", received_at=at(seconds), signature=verdict)


def make_answer(number: int, status: int | None = 200, duration_ms: float = 1) -> Attempt:
    return Attempt(
        kind="answer", delivery=number, started_at=NOW, duration_ms=duration_ms, status=status
    )


def flooded() -> FloodWatch:
    """Return a watch whose flood has just begun with delivery 21."""
    watch = FloodWatch()
    for number in range(1, SHOWN + 2):
        watch.admit(make_delivery(number, number / 400), NOW)
    return watch


def test_what_a_person_can_read_is_shown() -> None:
    watch = FloodWatch()

    shown = [watch.admit(make_delivery(n), at(n / SHOWN)) for n in range(100)]

    assert shown == [True] * 100
    assert watch.tick(at(100)) == []


def test_one_more_within_a_second_is_a_flood() -> None:
    watch = FloodWatch()

    shown = [watch.admit(make_delivery(n, n / 400), NOW) for n in range(SHOWN + 2)]

    assert shown == [*[True] * SHOWN, Start(rate=400), False]
    assert watch.admit(make_answer(1), NOW) is False


def test_what_came_in_long_ago_is_no_flood() -> None:
    """Somebody asked for it."""
    watch = FloodWatch()

    assert all(watch.admit(make_delivery(n, n / 400), at(60)) is True for n in range(100))


def test_answers_alone_are_no_flood() -> None:
    watch = FloodWatch()

    assert all(watch.admit(make_answer(n), NOW) is True for n in range(100))


def test_a_second_of_it_is_summed_up() -> None:
    watch = flooded()
    bad, failed = make_delivery(22, verdict=BAD), make_answer(21, 500, 30)
    for entry in (bad, make_answer(22, 200, 10), make_answer(22, 200, 20), failed):
        watch.admit(entry, at(0.5))

    assert watch.tick(at(0.9)) == []
    [second] = watch.tick(at(1))

    assert second == Second(
        Flood(21, 22, {"unsigned": 1, "BAD": 1}, {200: 2, 500: 1}, 20), [bad, failed]
    )
    assert watch.tick(at(1.5)) == []


def test_failures_are_shown_a_few_a_second() -> None:
    watch = flooded()
    for number in range(100):
        watch.admit(make_delivery(number, verdict=BAD), NOW)

    [second] = watch.tick(at(1))

    assert isinstance(second, Second)
    assert len(second.notable) == NOTABLE


def test_two_quiet_seconds_end_it() -> None:
    watch = flooded()
    for number in range(50):
        watch.admit(make_delivery(number), NOW)

    said = [watch.tick(at(seconds)) for seconds in (1, 2, 3)]

    assert [len(each) for each in said] == [1, 0, 1]
    assert said[2] == [End(hidden=51, since=NOW)]
    assert watch.admit(make_delivery(99), at(3)) is True


def test_a_busy_second_starts_the_waiting_again() -> None:
    watch = flooded()
    watch.tick(at(1))
    for number in range(10):
        watch.admit(make_delivery(number), at(1.5))

    said = [watch.tick(at(seconds)) for seconds in (2, 3, 4)]

    assert [len(each) for each in said] == [1, 0, 1]


def test_a_clock_that_is_set_back_does_not_keep_it_quiet() -> None:
    watch = flooded()

    assert len(watch.tick(at(-3600))) == 1


def test_what_is_left_can_be_said_at_the_end() -> None:
    watch = flooded()

    assert watch.rest() == [Second(Flood(21, 21, {"unsigned": 1}, {}, 0), [])]
    assert watch.rest() == []


def test_notices_of_a_kind_are_counted_once_there_are_too_many() -> None:
    """Whatever the numbers in them; another kind is shown all the same."""
    watch = NoticeWatch()

    shown = [watch.admit(f"#{n} was not saved: the disk is full", NOW) for n in range(NOTABLE + 7)]

    assert shown == [True] * NOTABLE + [False] * 7
    assert watch.admit("Storing again", NOW)
    assert watch.tick(at(0.9)) == []
    assert watch.tick(at(1)) == [("#N was not", 7)]
    assert watch.admit("#99 was not saved: the disk is full", at(1))
    assert watch.rest() == []


def test_a_clock_that_is_set_back_hides_no_notice_for_long() -> None:
    watch = NoticeWatch()
    for _ in range(NOTABLE + 1):
        watch.admit("A request from", NOW)

    assert watch.tick(at(-60)) == [("A request from", 1)]
