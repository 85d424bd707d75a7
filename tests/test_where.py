"""Which deliveries an expression and a glob pick."""

from __future__ import annotations

from typing import Any

import pytest

from hookcli.delivery import Delivery
from hookcli.errors import UsageError
from hookcli.records import delivery_record
from hookcli.where import compile_where, event_matcher

BODY = b'{"action":"opened","labels":[{"name":"bug"}]}'


def make_record(body: bytes = BODY, path: str = "/github") -> dict[str, Any]:
    return delivery_record(Delivery(id=42, method="POST", path=path, body=body), body)


def unexpected(message: str, hint: str) -> None:
    pytest.fail(f"{message} {hint}")


def make_delivery(event: str | None, action: str | None = None) -> Delivery:
    return Delivery(method="POST", path="/", event=event, action=action)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('.payload.action == "opened"', True),
        ('.payload.action == "closed"', False),
        (".payload.missing", False),
        (".payload.labels[].name", True),
        ("false, true", False),
        ("0", True),
        ("empty", False),
    ],
)
def test_the_first_result_decides(expression: str, expected: bool) -> None:
    assert compile_where(expression, unexpected)(make_record()) is expected


def test_endless_results_are_not_waited_for() -> None:
    assert compile_where("repeat(1)", unexpected)(make_record())


def test_a_path_that_is_no_text_is_matched_all_the_same() -> None:
    record = make_record(path=b"/\xff".decode("utf-8", "surrogateescape"))

    assert compile_where('.method == "POST"', unexpected)(record)


def test_a_failing_record_is_no_match_and_noted_once() -> None:
    notes: list[tuple[str, str]] = []
    where = compile_where(".payload.action.name", lambda *note: notes.append(note))

    assert not where(make_record())
    assert not where(make_record())
    assert where(make_record(b'{"action":{"name":"x"}}'))
    assert [message for message, _ in notes] == [
        '--where fails on #42: Cannot index string with string ("name")'
    ]


def test_a_note_holds_nothing_harmful_and_is_short() -> None:
    notes: list[str] = []
    where = compile_where("error(.payload.x)", lambda message, _: notes.append(message))
    where(make_record(b'{"x":"\\u001b[31m\\u202e%s"}' % (b"x" * 10_000)))

    assert len(notes[0]) < 300
    assert notes[0].isprintable()


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        (".payload.action == opened", '"opened"'),
        ("payload.action", "Did you mean .payload?"),
        (".size > 1 && .id", "jq writes and, or, not"),
        (".a ==", "jqlang.org"),
        ("", "jqlang.org"),
        (".a\ud800", "jqlang.org"),
    ],
)
def test_what_does_not_compile_gets_a_hint(expression: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        compile_where(expression, unexpected)

    assert hint in caught.value.hint
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("globs", "expected"),
    [
        (["issues"], True),
        (["issues.opened"], True),
        (["issues.*"], True),
        (["push", "iss*"], True),
        (["issues.closed"], False),
        (["Issues"], False),
        (["issue"], False),
        (["opened"], False),
        ([], True),
    ],
)
def test_a_glob_is_of_the_event_or_the_event_and_its_action(
    globs: list[str], expected: bool
) -> None:
    assert event_matcher(globs)(make_delivery("issues", "opened")) is expected


def test_a_glob_of_actions_needs_an_action() -> None:
    assert not event_matcher(["push.*"])(make_delivery("push"))


def test_what_has_no_event_matches_no_glob() -> None:
    assert not event_matcher(["*"])(make_delivery(None))
