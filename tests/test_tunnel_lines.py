"""What becomes of the tunnel is told once, and the end says who still sends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from hookcli.delivery import Delivery, Headers
from hookcli.screen import Screen
from hookcli.state import TunnelState
from hookcli.tunnel_lines import Total, format_end, format_tunnel

SCREEN = Screen(zone=UTC)
AT = datetime(2026, 11, 24, 14, 20, 41, tzinfo=UTC)
URL = "https://brave-otter.ngrok-free.app"
ONLINE = TunnelState(state="online", public_url=URL, at=AT, reachable=True)
OFFLINE = TunnelState(
    state="offline",
    public_url=URL,
    at=AT - timedelta(seconds=15),
    reason="no contact with ngrok",
)
BACK = replace(ONLINE, offline_s=996.0)


def test_offline_says_since_when_and_what_that_means() -> None:
    assert format_tunnel(OFFLINE, ONLINE, AT, SCREEN) == [
        "14:20:41 *** TUNNEL OFFLINE since 14:20:26: no contact with ngrok. Retrying.",
        "         Nothing from outside arrives; this computer still reaches hookcli.",
    ]


def test_does_not_promise_to_retry_where_another_reason_is_given() -> None:
    lines = format_tunnel(replace(OFFLINE, reason="it was asked to stop"), ONLINE, AT, SCREEN)

    assert lines[0] == "14:20:41 *** TUNNEL OFFLINE since 14:20:26: it was asked to stop."


def test_back_online_says_for_how_long_it_was_not() -> None:
    assert format_tunnel(BACK, OFFLINE, AT, SCREEN) == [
        "14:20:41 *** TUNNEL ONLINE after 16 min 36 s, same URL, checked end to end"
    ]


def test_who_does_not_send_again_is_named() -> None:
    assert format_tunnel(BACK, OFFLINE, AT, SCREEN, total=Total(providers=["github"]))[1:] == [
        "         Sent meanwhile: GitHub does not send again by itself, redeliver:",
        "         repository > Settings > Webhooks > Recent Deliveries",
    ]


def told_of(body: object, **headers: str) -> str:
    """Return where to redeliver, by the last delivery of GitHub's."""
    total = Total()
    given = [(name.replace("_", "-"), value) for name, value in headers.items()]
    github = Delivery(
        method="POST",
        path="/",
        headers=Headers(given),
        body=orjson.dumps(body),
        provider="github",
    )
    total.received(7, github)
    return format_tunnel(BACK, OFFLINE, AT, SCREEN, total=total)[-1].strip()


def test_githubs_page_is_that_of_the_repository_or_organization_that_sent() -> None:
    body = {"repository": {"full_name": "octocat/hello"}, "organization": {"login": "octo-org"}}
    kind = "X_GitHub_Hook_Installation_Target_Type"

    assert told_of(body) == "https://github.com/octocat/hello/settings/hooks"
    assert (
        told_of(body, **{kind: "organization"})
        == "https://github.com/organizations/octo-org/settings/hooks"
    )


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"zen": "Keep it logically awesome."}, {}),
        ([], {}),
        ({"repository": {"full_name": "octocat/hello/../../evil"}}, {}),
        ({"repository": {"full_name": "octocat/\x1b[31m"}}, {}),
        ({"repository": {"full_name": "a/b"}}, {"X_GitHub_Enterprise_Host": "git.example.com"}),
        (
            {"repository": {"full_name": "a/b"}},
            {"X_GitHub_Hook_Installation_Target_Type": "integration"},
        ),
    ],
)
def test_githubs_page_is_described_where_it_is_not_known(
    body: object, headers: dict[str, str]
) -> None:
    """What was received chooses no other place than a page of github.com's settings."""
    assert told_of(body, **headers) == "repository > Settings > Webhooks > Recent Deliveries"


@pytest.mark.parametrize(
    ("providers", "said"),
    [
        (["stripe"], ["Sent meanwhile: Stripe retries by itself"]),
        (
            ["stripe", "github"],
            [
                "Sent meanwhile: Stripe retries by itself; GitHub does not, redeliver:",
                "repository > Settings > Webhooks > Recent Deliveries",
            ],
        ),
        (["stripe", "svix"], ["Sent meanwhile: Stripe and Svix retry by themselves"]),
        (["nobody"], []),
    ],
)
def test_who_sends_again_is_named_as_well(providers: list[str], said: list[str]) -> None:
    """By what is known of them."""
    lines = format_tunnel(BACK, OFFLINE, AT, SCREEN, total=Total(providers=providers))

    assert [line.strip() for line in lines[1:]] == said


def test_a_new_url_is_shouted() -> None:
    moved = replace(BACK, public_url="https://calm-fox.ngrok-free.app")

    assert format_tunnel(moved, OFFLINE, AT, SCREEN) == [
        "14:20:41 *** TUNNEL ONLINE after 16 min 36 s, THE URL CHANGED",
        "         old  https://brave-otter.ngrok-free.app",
        "         new  https://calm-fox.ngrok-free.app",
        "         Put the new one wherever you pasted the old one",
    ]


def test_online_is_not_believed_without_a_request_of_our_own() -> None:
    dead = replace(ONLINE, reachable=False, reason="404, ERR_NGROK_3200")

    assert format_tunnel(dead, ONLINE, AT, SCREEN) == [
        "14:20:41 *** TUNNEL UNREACHABLE: ngrok says online, but our own request through",
        "         it failed (404, ERR_NGROK_3200). Next check in 5 s.",
    ]
    assert format_tunnel(dead, ONLINE, AT, SCREEN, label="your own")[0].startswith(
        "14:20:41 *** TUNNEL UNREACHABLE: our own request"
    )
    assert format_tunnel(ONLINE, dead, AT, SCREEN) == [
        "14:20:41 *** TUNNEL ONLINE, checked end to end"
    ]


def test_the_first_time_online_gives_the_url() -> None:
    assert format_tunnel(BACK, replace(OFFLINE, public_url=None), AT, SCREEN) == [
        "14:20:41 *** TUNNEL ONLINE after 16 min 36 s, checked end to end",
        f"         {URL}",
    ]


@pytest.mark.parametrize("state", [ONLINE, replace(ONLINE, state="connecting")])
def test_what_changes_nothing_for_a_person_is_not_told(state: TunnelState) -> None:
    assert format_tunnel(state, ONLINE, AT, SCREEN) == []


@pytest.mark.parametrize(
    ("total", "words"),
    [
        (Total(), "No deliveries"),
        (Total(1, 42, 42), "1 delivery, #42"),
        (Total(14, 42, 55, bad=2, failed=1), "14 deliveries, #42-#55: 2 [BAD], 1 failed"),
        (Total(2000, 1, 2000, failed=1), "2,000 deliveries, #1-#2000: 1 failed"),
    ],
)
def test_the_end_says_what_came_in(total: Total, words: str) -> None:
    assert format_end(total, URL, AT, SCREEN) == [f"14:20:41 *** Stopped. {words}"]


def test_the_end_names_who_still_sends() -> None:
    total = Total(1, 1, 1, providers=["github"])

    assert format_end(total, URL, AT, SCREEN)[1:] == [
        "         GitHub still sends to brave-otter.ngrok-free.app"
    ]
    assert format_end(total, None, AT, SCREEN)[1:] == []
