"""Every line that tells of an answer reads as promised, whatever the app said."""

from __future__ import annotations

import gzip
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.answer_lines import EXCERPT, format_answer, format_outcome, format_pending
from hookcli.delivery import Attempt, Headers, Verdict
from hookcli.failures import sentence
from hookcli.screen import Screen
from hookcli.signatures.providers import GITHUB
from hookcli.text import width

AT = datetime(2026, 11, 24, 14, 6, 1, tzinfo=UTC)
NARROW, NORMAL, WIDE = (Screen(width=columns, zone=UTC) for columns in (50, 80, 120))
URL = "http://127.0.0.1:3000/stripe"
ANSWER = Attempt(kind="answer", delivery=50, started_at=AT, duration_ms=0.4, status=200)
FORWARD = replace(ANSWER, kind="forward", endpoint=URL, duration_ms=12)
REFUSED = replace(FORWARD, status=502, error="Nothing listens on 127.0.0.1:3000")


def failed(body: bytes, kind: str = "text/plain", **fields: Any) -> Attempt:
    """Return an app's answer that is no success."""
    headers = Headers([("Content-Type", kind)])
    return replace(FORWARD, **{"status": 400, "headers": headers, "body": body, **fields})


@pytest.mark.parametrize(
    ("attempt", "line"),
    [
        (ANSWER, "14:06:01 <-- #50 [200] 1 ms built in"),
        (replace(FORWARD, status=502), f"14:06:01 <-- #50 [502] 12 ms {URL}"),
        (
            replace(ANSWER, status=None, duration_ms=30_000),
            "14:06:31 <-- #50 [none] 30 s built in",
        ),
    ],
)
def test_an_answer_is_one_line(attempt: Attempt, line: str) -> None:
    assert format_answer(attempt, NORMAL) == [line]
    assert format_answer(attempt, WIDE) == [line]


def test_an_answer_to_what_is_not_kept_has_no_number() -> None:
    first, *rest = format_outcome(failed(b"no " * 300, delivery=0), NORMAL)

    assert (first, "show" in str(rest)) == (f"14:06:01 <-- [400] 12 ms {URL}", False)


def test_an_answer_to_a_set_up_request_says_which() -> None:
    answered = format_answer(ANSWER, NORMAL, "slack_challenge")
    refused = format_answer(replace(ANSWER, status=401), NORMAL, "discord_ping")

    assert answered == ["14:06:01 <-- #50 [200] 1 ms built in: answered Slack's challenge"]
    assert refused == ["14:06:01 <-- #50 [401] 1 ms built in: refused Discord's ping"]
    assert format_answer(FORWARD, NORMAL, "slack_challenge") == format_answer(FORWARD, NORMAL)


def test_a_narrow_terminal_breaks_after_the_status() -> None:
    assert format_answer(FORWARD, NARROW) == ["14:06:01 <-- #50 [200]", f"         12 ms {URL}"]
    assert format_pending(50, URL, AT, NARROW) == [
        "14:06:01 ... #50",
        f"         no answer yet from {URL}"[:48] + "…",
    ]


def test_a_long_url_is_cut() -> None:
    long = replace(FORWARD, endpoint=f"{URL}/{'x' * 5000}")

    [line] = format_answer(long, NORMAL)
    [late] = format_pending(50, f"{URL}/{'x' * 5000}", AT, NORMAL)

    assert (width(line), line[-3:]) == (79, "xx…")
    assert (width(late), late[-3:]) == (79, "xx…")


def test_an_answer_that_is_late_is_told_of() -> None:
    assert format_pending(47, "http://127.0.0.1:3000/hooks", AT, NORMAL) == [
        "14:06:01 ... #47 no answer yet from http://127.0.0.1:3000/hooks"
    ]


def test_what_the_app_says_to_a_failure_is_shown() -> None:
    said = b"No signatures found matching the expected signature for payload"

    assert format_outcome(failed(said), NORMAL) == [
        f"14:06:01 <-- #50 [400] 12 ms {URL}",
        f"  │ {said.decode()}",
    ]


@pytest.mark.parametrize("status", [200, 204, 299])
def test_what_it_says_to_a_success_is_not(status: int) -> None:
    assert len(format_outcome(failed(b"{}", status=status), NORMAL)) == 1


def test_nor_is_our_own_answer() -> None:
    assert len(format_outcome(replace(ANSWER, status=500, body=b"no"), NORMAL)) == 1


def test_json_is_laid_out_as_payloads_are() -> None:
    lines = format_outcome(failed(b'{"error": {"code": 7}}', "application/json"), NORMAL)

    assert lines[1:] == [
        "  │ {",
        '  │   "error": {',
        '  │     "code": 7',
        "  │   }",
        "  │ }",
    ]


def test_a_long_line_is_folded_and_the_rest_is_named() -> None:
    lines = format_outcome(failed(b"x" * 12_000), NORMAL)

    said = "".join(line.removeprefix("  │ ") for line in lines[1:-1])
    assert said == "x" * EXCERPT
    assert lines[-1] == "         12 kB more: hookcli show 50"


def test_many_lines_are_no_more_than_a_screenful() -> None:
    lines = format_outcome(failed(b"\n" * 400), Screen(height=12, zone=UTC))

    assert lines[1:] == ["  │ "] * 6 + ["         394 more lines: hookcli show 50"]


def test_what_was_compressed_is_no_more_than_a_screenful_either() -> None:
    headers = Headers([("Content-Encoding", "gzip")])
    bomb = gzip.compress(b"x" * 100_000)

    lines = format_outcome(failed(bomb, headers=headers), Screen(height=12, zone=UTC))

    assert lines[1:-1] == ["  │ " + "x" * 75] * 6
    assert lines[-1] == "         there is more: hookcli show 50"


def test_bytes_are_no_text() -> None:
    lines = format_outcome(failed(bytes(range(256)) * 5, "image/png"), NORMAL)

    assert lines[1:] == ["         Binary, 1.3 kB: hookcli show 50"]


def test_text_in_another_encoding_is_said_to_be_so() -> None:
    lines = format_outcome(failed("schlägt fehl".encode("latin-1")), NORMAL)

    assert lines[1:] == ["         Not UTF-8: shown as ISO-8859-1", "  │ schlägt fehl"]


def test_what_the_app_says_cannot_pass_for_ours() -> None:
    hostile = "14:06:01 *** \x1b[2J\u202efake\r\n14:06:01 --> #51\u2028x".encode()

    assert format_outcome(failed(hostile), NORMAL)[1:] == [
        r"  │ 14:06:01 *** \u001b[2J\u202efake",
        r"  │ 14:06:01 --> #51\u2028x",
    ]
    assert format_outcome(failed("é日".encode()), Screen(utf8=False, zone=UTC))[1:] == [
        r"  | \xe9\u65e5"
    ]


def test_an_app_that_is_not_there_is_to_be_started() -> None:
    assert format_outcome(REFUSED, NORMAL) == [
        f"14:06:01 <-- #50 [502] 12 ms {URL}",
        "       ! Nothing listens on 127.0.0.1:3000; the sender got 502",
        "         Do       start your app, then: hookcli replay 50",
    ]


def test_no_sender_got_anything_where_none_was_waiting() -> None:
    for attempt in (replace(REFUSED, status=None), replace(REFUSED, kind="replay")):
        assert format_outcome(attempt, NORMAL)[1:] == [
            "       ! Nothing listens on 127.0.0.1:3000",
            "         Do       start your app, then: hookcli replay 50",
        ]


def test_an_app_that_is_too_slow_is_to_work_afterwards() -> None:
    slow = replace(
        FORWARD, status=504, error="No answer from 127.0.0.1:3000 within 30 s", duration_ms=30_000
    )

    assert format_outcome(slow, NORMAL)[1:] == [
        "       ! No answer from 127.0.0.1:3000 within 30 s; the sender got 504",
        "         Do       answer first and work afterwards, or wait longer:",
        "                  --forward-timeout",
    ]
    assert "forward" not in format_outcome(replace(slow, delivery=0), WIDE)[-1]


@pytest.mark.parametrize(
    ("error", "todo"),
    [(ConnectionRefusedError(), "start your app"), (TimeoutError(), "answer first")],
)
def test_what_to_do_is_known_by_the_sentence_of_the_failure(error: OSError, todo: str) -> None:
    said = sentence(error, ("127.0.0.1", 3000), 30, begun=False)
    lines = format_outcome(replace(REFUSED, error=said), NORMAL)

    assert f"  Do       {todo}" in lines[2]


def test_an_app_that_refuses_what_is_signed_right_is_at_fault() -> None:
    headers = Headers([("Server", "Werkzeug/3.1.3")])
    right = Verdict("valid", "HMAC-SHA256 of the raw body matches the secret 'stripe'")

    assert format_outcome(failed(b"no", headers=headers), NORMAL, signature=right)[2:] == [
        "       ! The signature is right with the secret hookcli has (stripe): your app",
        "         has another secret, or checks a body it has re-encoded",
        "         Do       Flask: request.get_data(), not request.json",
        "                  hookcli replay 50 --sign",
    ]


def test_an_app_that_breaks_off_shows_what_it_said_until_then() -> None:
    lines = format_outcome(failed(b"half of", error="The app broke off"), NORMAL)

    assert lines[1:] == ["  │ half of", "       ! The app broke off; the sender got 400"]


@pytest.mark.parametrize(
    ("attempt", "retries", "then"),
    [
        (replace(FORWARD, duration_ms=10_001), False, "does not send it again"),
        (replace(FORWARD, duration_ms=10_001), True, "sends it again"),
        (replace(ANSWER, duration_ms=12_000), False, "does not send it again"),
    ],
)
def test_an_answer_after_the_sender_gave_up_is_too_slow(
    attempt: Attempt, retries: bool, then: str
) -> None:
    lines = format_outcome(attempt, NORMAL, replace(GITHUB, retries=retries))

    assert lines[1:] == [f"       ! Too slow: GitHub gives up after 10 s and {then}"]


def test_an_answer_in_time_is_not() -> None:
    assert len(format_outcome(replace(FORWARD, duration_ms=10_000), NORMAL, GITHUB)) == 1


def test_a_sender_that_gave_up_got_no_status() -> None:
    slow = replace(
        FORWARD, status=504, error="No answer from 127.0.0.1:3000 within 30 s", duration_ms=30_000
    )

    lines = format_outcome(slow, NORMAL, GITHUB)

    assert lines[1] == "       ! No answer from 127.0.0.1:3000 within 30 s"
    assert lines[-1] == "       ! Too slow: GitHub gives up after 10 s and does not send it again"


HOSTILE = st.text(st.characters(exclude_categories=[]))
BODIES = st.binary() | HOSTILE.map(lambda text: text.encode("utf-8", "surrogatepass"))
TYPES = st.sampled_from(["application/json", "text/html", "text/xml", "image/png", ""])
ATTEMPTS = st.builds(
    failed,
    BODIES.map(lambda body: 20 * body),
    TYPES,
    endpoint=HOSTILE,
    error=st.none() | HOSTILE,
    status=st.sampled_from([None, 200, 400, 502]),
    duration_ms=st.sampled_from([12, 30_000]),
)
SCREENS = st.builds(
    Screen,
    width=st.integers(40, 200),
    height=st.integers(5, 60),
    colour=st.booleans(),
    utf8=st.booleans(),
    zone=st.just(UTC),
)
OURS = re.compile(r"\d\d:\d\d:\d\d | {7}!| {9}|  [│|] ")


@given(ATTEMPTS, HOSTILE, SCREENS)
def test_nothing_answered_can_act_on_the_terminal_or_pass_for_ours(
    attempt: Attempt, url: str, screen: Screen
) -> None:
    """No line is too wide, holds a control or begins with what was received."""
    signature = Verdict("valid", f"It matches the secret '{url}'")

    lines = [
        *format_outcome(attempt, screen, GITHUB, signature=signature),
        *format_pending(50, url, AT, screen),
    ]

    plain = [re.sub(r"\x1b\[[0-9;]+m", "", line) if screen.colour else line for line in lines]
    categories = {unicodedata.category(character) for line in plain for character in line}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert max(map(width, plain)) < screen.width
    assert all(OURS.match(line) for line in plain if line)
    assert all(line.isascii() for line in plain) or screen.utf8
