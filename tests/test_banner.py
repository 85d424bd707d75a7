"""The banner says where things are, what is shown, and how to go public."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hookcli.banner import (
    banner_answer,
    banner_github,
    banner_local,
    banner_no_token,
    banner_no_tunnel,
    banner_public,
    banner_shown,
    banner_store,
    banner_try,
    banner_tunnel,
    banner_version,
)
from hookcli.screen import Screen
from hookcli.state import TunnelState
from hookcli.text import width

SCREEN = Screen()
URL = "https://brave-otter.ngrok-free.app"
ONLINE = TunnelState(
    state="online", public_url=URL, at=datetime(2026, 11, 24, tzinfo=UTC), reachable=True
)


def test_reads_as_promised_at_80_columns() -> None:
    lines = [
        *banner_version("0.1.0", SCREEN),
        *banner_local("http://127.0.0.1:4567", SCREEN),
        *banner_store("sqlite:/home/me/hooks.db", 1204, 38_000_000, "/home/me", SCREEN),
        *banner_answer(202, b"queued", 2, SCREEN),
        *banner_shown(["issues.*"], SCREEN),
        *banner_tunnel("ngrok 3.39.10", ONLINE, 0.41, SCREEN),
        *banner_public(URL, SCREEN),
        *banner_github(URL, SCREEN),
        *banner_try(URL, SCREEN),
    ]

    assert lines == [
        "hookcli 0.1.0 · Ctrl+C stops",
        "Local      http://127.0.0.1:4567",
        "Store      ~/hooks.db · 1,204 deliveries, 38 MB",
        'Answer     202 "queued" after 2 s',
        "Shown      only issues.*; all are kept and answered",
        "Tunnel     ngrok 3.39.10, checked end to end in 0.4 s",
        f"Public     {URL}",
        "",
        "GitHub     repository > Settings > Webhooks > Add webhook",
        f"           Payload URL   {URL}/github",
        "           Content type  application/json",
        f"Try it     curl -d hello=world {URL}/try",
    ]


def test_without_a_token_it_says_how_to_go_public() -> None:
    assert banner_no_token(4567, SCREEN) == [
        "Tunnel     none: no ngrok token found, so only this computer can reach hookcli",
        "           Go public: copy your token (the account is free) from",
        "           https://dashboard.ngrok.com/get-started/your-authtoken then run",
        "           NGROK_AUTHTOKEN=TOKEN hookcli listen 4567",
        "           Own tunnel: hookcli listen 4567 --public-url https://your.host",
    ]


def test_no_tunnel_may_be_what_was_asked_for() -> None:
    assert banner_no_tunnel(SCREEN) == [
        "Tunnel     none, as asked: only this computer can reach hookcli"
    ]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (
            replace(ONLINE, state="offline", reachable=None),
            (
                "ngrok 3.39.10, OFFLINE: no contact with ngrok. Retrying; until then"
                " only this computer reaches hookcli"
            ),
        ),
        (
            replace(ONLINE, reachable=False, reason="404, ERR_NGROK_3200"),
            (
                "ngrok 3.39.10, UNREACHABLE: our own request through it failed"
                " (404, ERR_NGROK_3200). Next check in 5 s."
            ),
        ),
        (replace(ONLINE, reachable=None), "ngrok 3.39.10"),
    ],
)
def test_a_tunnel_that_does_not_work_is_not_called_working(state: TunnelState, words: str) -> None:
    lines = banner_tunnel("ngrok 3.39.10", state, None, SCREEN)

    assert " ".join(" ".join(lines).split()) == f"Tunnel {words}"


def test_a_store_in_memory_is_told_apart() -> None:
    assert banner_store("memory", 0, 0, "", SCREEN) == [
        "Store      memory · all is gone when hookcli ends"
    ]


def test_counts_one_delivery_as_one() -> None:
    [line] = banner_store("sqlite:/tmp/x.db", 1, 10, "/home/me", SCREEN)

    assert line == "Store      /tmp/x.db · 1 delivery, 10 B"


def test_an_answer_that_is_no_text_is_harmless() -> None:
    [line] = banner_answer(200, b"\x1b[31m\xff" + b"x" * 100, 0, SCREEN)

    assert line == r'Answer     200 "\u001b[31m' + "\N{REPLACEMENT CHARACTER}" + "x" * 28 + '…"'


def test_a_narrow_terminal_gets_more_lines() -> None:
    narrow = Screen(width=40)

    lines = banner_no_token(4567, narrow) + banner_github(URL, narrow)

    assert max(map(width, lines)) < 40
    assert "           NGROK_AUTHTOKEN=TOKEN" in lines
