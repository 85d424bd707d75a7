"""`status` shows what runs, and whether the internet reaches it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import orjson
import pytest

from hookcli import cli
from hookcli.commands.status import format_status, run
from hookcli.running import Status
from hookcli.screen import Screen
from tests.test_running import THEN, listening, make_status

NOW = THEN + timedelta(minutes=6, seconds=52)
STATUS = make_status()
TUNNEL = STATUS.tunnel


def shown(**fields: Any) -> list[str]:
    """Return the lines of a status."""
    return format_status(make_status(**fields), Screen(width=80), NOW)


def test_everything_is_said_on_a_line_of_its_own() -> None:
    """URLs, tunnel, store, process, counts."""
    assert shown() == [
        "Local      http://127.0.0.1:4567",
        "Public     https://otter.ngrok-free.app",
        "Tunnel     online for 6 min 52 s, checked end to end",
        "Store      sqlite:/tmp/hooks.db",
        "Process    4242, started 6 min 52 s ago",
        "Received   14 deliveries, 2 [BAD], 1 failed",
    ]


def test_what_did_not_happen_is_not_counted() -> None:
    """A quiet listener has little to say."""
    assert shown(deliveries=1, bad=0, failed=0)[-1] == "Received   1 delivery"


def test_a_listener_may_be_local_only() -> None:
    """No tunnel was asked for."""
    lines = shown(public_url=None, tunnel=None)

    assert lines[1:3] == ["Public     none", "Tunnel     none"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reachable": None}, "online for 6 min 52 s"),
        ({"reachable": False, "reason": "404"}, "UNREACHABLE for 6 min 52 s: 404"),
        (
            {"state": "offline", "reason": "no contact\x1b[2J with ngrok"},
            "OFFLINE for 6 min 52 s: no contact\\u001b[2J with ngrok",
        ),
        ({"state": "connecting", "reachable": None}, "CONNECTING for 6 min 52 s"),
    ],
)
def test_the_tunnel_is_as_it_is(changes: dict[str, Any], said: str) -> None:
    """What does not work stands out, with why."""
    assert TUNNEL
    lines = shown(tunnel=replace(TUNNEL, **changes))

    assert lines[2] == f"Tunnel     {said}"


def test_several_listeners_are_shown_one_after_the_other() -> None:
    """With an empty line between them."""
    out = BytesIO()

    run([STATUS, STATUS], out=out, screen=Screen(), now=NOW)

    assert out.getvalue().decode().count("Local ") == 2
    assert b"\n\nLocal " in out.getvalue()


def test_a_script_gets_a_record(capfdbinary: Any) -> None:
    """Just what the listener answered."""
    with listening(STATUS):
        code = cli.run(["status", "--json"])

    record = orjson.loads(capfdbinary.readouterr().out)
    assert code == 0
    assert record["type"] == "status"
    assert Status.from_json(record) == STATUS


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_that_none_runs_is_said(options: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """On stderr: there is no data."""
    code = cli.run(["status", *options])

    out, err = capfd.readouterr()
    assert (code, out) == (0, "")
    assert err == "No listener is running. Start one: hookcli listen 4567\n"
