"""The doctor sees whether hookcli reaches the internet and back, and what time it is there."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.worlds import NOON, look

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET_TOKEN = "2abcDEF_ghijKLMNOPqrstu"


@contextmanager
def dated(at: datetime, status: int = 200) -> Iterator[str]:
    """Answer with that date; give the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            """Answer."""
            self.send_response_only(status)
            self.send_header("Date", format_datetime(at, usegmt=True))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_the_agent_is_found_with_its_version(tmp_path: Path) -> None:
    """The one that a variable names; one that is not there, or does not run, is bad."""
    agent = tmp_path / "ngrok"
    agent.write_text("#!/bin/sh\necho ngrok version 3.39.10\n")
    agent.chmod(0o700)
    home = {"HOME": os.environ["HOME"], "PATH": ""}
    found = look("Agent", environ=home | {"PYNGROK_NGROK_PATH": str(agent)})
    agent.write_text("#!/bin/sh\nexit 1\n")
    broken = look("Agent", environ=home | {"PYNGROK_NGROK_PATH": str(agent)})
    missing = look("Agent", environ=home | {"PYNGROK_NGROK_PATH": str(tmp_path / "no")})

    assert (found.level, found.what) == ("ok", f"ngrok 3.39.10, {agent}")
    assert [broken.level, missing.level] == ["bad", "bad"]
    assert broken.do
    assert "is not at" in missing.what


def test_a_token_is_named_by_where_it_is_from_and_never_shown(home: Path) -> None:
    """Not a part of it."""
    none = look("Token")
    by_variable = look("Token", environ={"HOME": str(home), "NGROK_AUTHTOKEN": SECRET_TOKEN})
    file = home / ".config" / "ngrok" / "ngrok.yml"
    file.parent.mkdir(parents=True)
    file.write_text(f'version: "3"\nagent:\n  authtoken: {SECRET_TOKEN}\n')
    by_file = look("Token", environ={"HOME": str(home)})
    file.write_text("agent: [")
    broken = look("Token", environ={"HOME": str(home)})

    assert none.level == "warn"
    assert "NGROK_AUTHTOKEN=TOKEN" in none.do
    assert by_variable == ("Token", "ok", "from NGROK_AUTHTOKEN", "")
    assert by_file.level == "ok"
    assert by_file.what.endswith("ngrok/ngrok.yml")
    assert SECRET_TOKEN[:4] not in repr(by_file)
    assert broken.level == "bad"


def test_the_network_reaches_ngrok_or_says_how_it_does_not() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        reached = look("Network", ngrok=listening.getsockname())
    refused = look("Network")
    unknown = look("Network", ngrok=("no.such.name.invalid", 443))

    assert reached.level == "ok"
    assert (refused.level, unknown.level) == ("bad", "bad")
    assert "no connection to 127.0.0.1:1: " in refused.what
    assert "no.such.name.invalid cannot be found" in unknown.what
    assert "--tunnel none" in refused.do


def test_the_way_to_ngrok_is_that_of_its_configuration(home: Path) -> None:
    """A proxy, or another address."""
    file = home / ".config" / "ngrok" / "ngrok.yml"
    file.parent.mkdir(parents=True)
    file.write_text("server_addr: 127.0.0.1:2\n")
    elsewhere = look("Network", environ={"HOME": str(home)})
    file.write_text("proxy_url: http://127.0.0.1:3\n")
    proxied = look("Network", environ={"HOME": str(home)})

    assert "no connection to 127.0.0.1:2: " in elsewhere.what
    assert "proxy" in proxied.what


@pytest.mark.parametrize(
    ("ahead_s", "level", "said"),
    [
        (0, "ok", "right, within 5 s"),
        (-4, "ok", "right, within 5 s"),
        (20, "warn", "20 s fast, "),
        (-20, "warn", "20 s slow, "),
        (420, "bad", "7 min fast, "),
    ],
)
def test_the_clock_is_compared_with_a_server_s(ahead_s: float, level: str, said: str) -> None:
    """Signatures are valid for minutes, some for seconds."""
    with dated(NOON - timedelta(seconds=ahead_s)) as url:
        found = look("Clock", clocks=[url], patience_s=3)

    assert found.level == level
    assert found.what.startswith(said)
    assert bool(found.do) == (level != "ok")


def test_any_answer_has_the_time_and_the_next_one_is_asked() -> None:
    """Also one that says that there is no such page."""
    with dated(NOON, status=404) as url:
        found = look("Clock", clocks=["http://127.0.0.1:1/", url], patience_s=3)

    assert found.level == "ok"
