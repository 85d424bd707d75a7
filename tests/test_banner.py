"""The banner says where things are, what is shown, and how to go public."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hookcli.banner import (
    answer_text,
    banner_answer,
    banner_config,
    banner_elsewhere,
    banner_forward,
    banner_github,
    banner_limits,
    banner_local,
    banner_no_token,
    banner_no_tunnel,
    banner_public,
    banner_secrets,
    banner_shown,
    banner_store,
    banner_try,
    banner_tunnel,
    banner_version,
)
from hookcli.routes import Endpoint, Routes, route
from hookcli.screen import Screen
from hookcli.secret import Secret
from hookcli.state import TunnelState
from hookcli.text import width

SCREEN = Screen()
URL = "https://brave-otter.ngrok-free.app"
ONLINE = TunnelState(
    state="online", public_url=URL, at=datetime(2026, 11, 24, tzinfo=UTC), reachable=True
)


def test_what_goes_by_itself_is_said() -> None:
    """And nothing is where nothing does."""
    assert banner_limits(["max_age 30d", "max_size 1GB"], SCREEN) == [
        "           the oldest go by themselves: max_age 30d, max_size 1GB"
    ]
    assert banner_limits([], SCREEN) == []


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
        *banner_try(SCREEN),
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
        "Try it     hookcli trigger github issues.opened",
    ]


def test_secrets_are_called_by_their_places() -> None:
    """On as many lines as they need; none where there is none."""
    labels = ["github (env GITHUB_WEBHOOK_SECRET)", "stripe (file .secrets/stripe)"]

    assert banner_secrets(labels, SCREEN) == [
        "Secrets    github (env GITHUB_WEBHOOK_SECRET), stripe (file .secrets/stripe)",
    ]
    assert len(banner_secrets([*labels, *labels], SCREEN)) == 2
    assert banner_secrets([], SCREEN) == []


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("env GITHUB_WEBHOOK_SECRET", "the value of GITHUB_WEBHOOK_SECRET"),
        ("file .secrets/github", "what stands in .secrets/github"),
        ("", "the one that you gave hookcli"),
    ],
)
def test_the_secret_for_github_is_where_it_was_read(source: str, told: str) -> None:
    lines = banner_github(URL, SCREEN, Secret(value="hunter2", source=source))

    assert lines[-1] == f"           Secret        {told}"
    assert lines[:-1] == banner_github(URL, SCREEN)


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
    text = answer_text(200, b"\x1b[31m\xff" + b"x" * 100, 0, SCREEN)

    assert text == r'200 "\u001b[31m' + "\N{REPLACEMENT CHARACTER}" + "x" * 28 + '…"'


def test_a_store_that_others_do_not_look_at_is_said() -> None:
    """Or a hint like `hookcli show 42` would show another delivery of that number."""
    assert banner_elsewhere("sqlite:/tmp/my hooks.db", SCREEN) == [
        "           hookcli show and others need --store 'sqlite:/tmp/my hooks.db' too"
    ]
    assert banner_elsewhere("memory", SCREEN) == []


def test_an_answer_without_a_body_is_its_status_alone() -> None:
    """Whatever body was asked for, none goes with these."""
    assert answer_text(204, b"ok", 0, SCREEN) == "204"
    assert answer_text(304, b"ok", 2, SCREEN) == "304 after 2 s"


def forward(
    *texts: str,
    down: tuple[str, ...] = (),
    answer: str | None = '200 "ok"',
    screen: Screen = SCREEN,
) -> list[str]:
    """Return the banner for such routes, where nothing listens at the URLs in `down`."""

    def is_down(endpoint: Endpoint) -> bool:
        return endpoint.url in down

    return banner_forward(Routes(map(route, texts)), screen, down=is_down, answer=answer)


def test_says_where_each_path_goes_and_what_becomes_of_the_rest() -> None:
    assert forward("/stripe=3000/hooks", down=("http://127.0.0.1:3000/hooks",)) == [
        "Forward    /stripe -> http://127.0.0.1:3000/hooks · nothing listens there yet",
        '           the rest -> built-in answer 200 "ok"',
    ]
    assert forward("8000", "/stripe=3000") == [
        "Forward    /stripe -> http://127.0.0.1:3000",
        "           the rest -> http://127.0.0.1:8000",
    ]


def test_one_app_for_all_needs_no_path() -> None:
    assert forward("3000") == ["Forward    http://127.0.0.1:3000"]


def test_the_rest_goes_nowhere_where_nobody_is_answered() -> None:
    assert forward("/a=3000", answer=None)[1:] == ["           the rest -> not sent"]


def test_a_long_url_is_given_whole() -> None:
    """On as many lines as it takes, also where there is no UTF-8."""
    url = f"https://staging.example.com/{'x' * 200}"

    lines = forward(f"/{'p' * 90}={url}", down=(url,), screen=Screen(width=50, utf8=False))

    assert max(map(width, lines)) < 50
    assert all(line.isascii() for line in lines)
    assert url in "".join(line[11:] for line in lines)


def test_names_the_files_that_settings_came_from() -> None:
    assert banner_config(["./hookcli.toml", "~/.config/x.toml"], SCREEN) == [
        "Config     ./hookcli.toml",
        "           ~/.config/x.toml",
    ]
    assert banner_config([], SCREEN) == []


def test_what_is_not_shown_is_forwarded_all_the_same() -> None:
    assert banner_shown(["issues.*"], SCREEN, forwarded=True) == [
        "Shown      only issues.*; all are kept, answered and forwarded"
    ]


def test_a_narrow_terminal_gets_more_lines() -> None:
    narrow = Screen(width=40)

    lines = banner_no_token(4567, narrow) + banner_github(URL, narrow)

    assert max(map(width, lines)) < 40
    assert "           NGROK_AUTHTOKEN=TOKEN" in lines
