"""A delivery is shown whole: nothing is cut, and nothing can act on the terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hookcli.delivery import HELD_BODY, Attempt, Changed, Delivery, Headers, Verdict
from hookcli.screen import Screen
from hookcli.text import width
from hookcli.whole import format_whole

AT = datetime(2026, 11, 24, 14, 3, 22, tzinfo=UTC)
SCREEN = Screen(zone=UTC)
DELIVERY = Delivery(
    id=42,
    method="POST",
    path="/github",
    query="a=1",
    headers=Headers([("Content-Type", "application/json"), ("X-Evil", "\x1b[31m")]),
    body=b'{"action": "opened"}',
    remote="140.82.115.7",
    received_at=AT,
    provider="github",
    event="issues",
    action="opened",
    delivery_id="72d3162e-cc78-11e3-81ab-4c9367dc0958",
    signature=Verdict("unchecked", "Signed, but there is no secret for it"),
)
ANSWER = Attempt(
    kind="answer",
    delivery=42,
    started_at=AT,
    duration_ms=1,
    status=200,
    headers=Headers([("Content-Type", "text/plain")]),
    body=b"ok",
)
BARE = replace(ANSWER, headers=Headers(), body=b"")
FORWARD = replace(
    ANSWER, kind="forward", endpoint="http://127.0.0.1:3000/github?a=1", duration_ms=12
)


def test_shows_the_request_what_is_known_of_it_and_its_answer() -> None:
    assert format_whole(DELIVERY, DELIVERY.body, [ANSWER], SCREEN) == [
        "14:03:22 --> #42 github issues.opened [unchecked] 20 B POST /github?a=1",
        "         Received   2026-11-24 14:03:22 +0000 from 140.82.115.7",
        "         Id         72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "         Signature  Signed, but there is no secret for it",
        "  │ POST /github?a=1 HTTP/1.1",
        "  │ Content-Type: application/json",
        r"  │ X-Evil: \u001b[31m",
        "  │ ",
        "  │ {",
        '  │   "action": "opened"',
        "  │ }",
        "14:03:22 <-- #42 [200] 1 ms built in",
        "  │ Content-Type: text/plain",
        "  │ ",
        "  │ ok",
    ]


def test_every_attempt_is_there_with_where_it_went_and_what_came_of_it() -> None:
    refused = "Nothing listens on 127.0.0.1:3000"
    attempts = [
        replace(FORWARD, status=400, body=b"not n\xf6w \x9b"),
        replace(FORWARD, status=502, error=refused, headers=Headers(), body=b""),
        replace(FORWARD, status=None, error=refused, headers=Headers(), body=b""),
    ]

    lines = format_whole(DELIVERY, DELIVERY.body, attempts, SCREEN)

    assert lines[11:] == [
        "14:03:22 <-- #42 [400] 12 ms http://127.0.0.1:3000/github?a=1",
        "  │ Content-Type: text/plain",
        "  │ ",
        "         Not UTF-8: shown as ISO-8859-1",
        r"  │ not nöw \u009b",
        "14:03:22 <-- #42 [502] 12 ms http://127.0.0.1:3000/github?a=1",
        "       ! Nothing listens on 127.0.0.1:3000; the sender got 502",
        "14:03:22 <-- #42 [none] 12 ms http://127.0.0.1:3000/github?a=1",
        "       ! Nothing listens on 127.0.0.1:3000",
    ]


def test_says_so_where_no_answer_is_kept() -> None:
    """It may be under way, or hookcli was killed meanwhile."""
    lines = format_whole(DELIVERY, DELIVERY.body, [], SCREEN)

    assert lines[-1] == (
        "       ! Answer unknown: it is still to come, or hookcli ended before it came"
    )


def test_long_lines_are_folded_not_cut() -> None:
    body = ("x" * 200).encode()

    lines = format_whole(replace(DELIVERY, headers=Headers()), body, [BARE], SCREEN)

    folded = [line.removeprefix("  │ ") for line in lines[-4:-1]]
    assert "".join(folded) == "x" * 200
    assert max(map(width, lines)) == 79


def test_says_what_went_wrong_with_an_attempt_and_what_of_it_is_kept() -> None:
    failed = replace(ANSWER, status=None, error="The sender went away", body_truncated=True)

    lines = format_whole(DELIVERY, DELIVERY.body, [failed], SCREEN)

    assert "       ! The sender went away" in lines
    assert lines[-1] == "         Of this answer only the first 64 KiB are kept"


def test_says_where_the_rest_of_a_very_large_body_is() -> None:
    large = replace(DELIVERY, body=b"", size=25_000_000, headers=Headers())

    lines = format_whole(large, b"x" * HELD_BODY, [BARE], SCREEN)

    assert lines[-2] == "         24 MB more: --format body gives all"


def test_says_why_a_body_is_not_shown_as_its_type_says() -> None:
    lines = format_whole(replace(DELIVERY, size=5), b"{oops", [BARE], SCREEN)

    assert lines[-3:-1] == [
        "         Says that it is JSON, but is not: shown as text",
        "  │ {oops",
    ]


def test_says_which_set_up_request_it_was() -> None:
    asked = replace(DELIVERY, handshake="slack_challenge")

    lines = format_whole(asked, asked.body, [BARE], SCREEN)

    assert any(line.endswith("built in: answered Slack's challenge") for line in lines)


def test_says_what_was_changed_before_it_was_sent() -> None:
    """As a replay may."""
    sent = Changed(method="PUT", path="/other", headers=Headers(), body=b"{}")
    replay = replace(ANSWER, kind="replay", endpoint="http://127.0.0.1:3000", request=sent)

    lines = format_whole(DELIVERY, DELIVERY.body, [replay], SCREEN)

    said = " ".join(line.strip() for line in lines)
    assert "Not sent as it came; what differs: the method, the path, headers, the body" in said
