"""What a person sees at a terminal."""

from __future__ import annotations

import json
import re

import pytest

from tests.end_to_end.support import ISSUE, ISSUE_HEADERS, LISTEN, Terminal, post

TIME = re.compile(r"^\d\d:\d\d:\d\d")


def timeless(lines: list[str]) -> list[str]:
    """Return the lines with times and the port, which differ each time, made the same."""
    return [re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", TIME.sub("HH:MM:SS", s)) for s in lines]


def test_the_banner_tells_where_it_listens_and_how_to_go_public() -> None:
    """Without a token nothing is hidden: only this computer reaches it, and here is the remedy."""
    with Terminal("listen", "0") as terminal:
        terminal.shows("^ +Own tunnel:")

        port = terminal.local_url.rpartition(":")[2]
        lines = terminal.lines
        assert re.fullmatch(r"hookcli \d+\.\d+\.\d+ · Ctrl\+C stops", lines[0])
        assert lines[1] == f"Local      http://127.0.0.1:{port}"
        start = next(number for number, line in enumerate(lines) if line.startswith("Tunnel"))
        assert lines[start : start + 5] == [
            "Tunnel     none: no ngrok token found, so only this computer can reach hookcli",
            "           Go public: copy your token (the account is free) from",
            "           https://dashboard.ngrok.com/get-started/your-authtoken then run",
            f"           NGROK_AUTHTOKEN=TOKEN hookcli listen {port}",
            f"           Own tunnel: hookcli listen {port} --public-url https://your.host",
        ]


def test_a_delivery_at_80_columns() -> None:
    """The delivery of GitHub's documentation: what arrived, its payload, what was answered."""
    with Terminal(*LISTEN) as terminal:
        post(terminal.local_url, ISSUE, ISSUE_HEADERS)
        terminal.shows("<-- #1 ")

        lines = timeless(terminal.lines)
        start = lines.index("HH:MM:SS --> #1 github issues.opened [unchecked] 266 B POST /payload")
        end = next(number for number, line in enumerate(lines) if "<-- #1" in line)
        assert re.fullmatch(r"HH:MM:SS <-- #1 \[200\] \d+ ms built in", lines[end])
        payload = [
            line.removeprefix("  │ ") for line in lines[start:end] if line.startswith("  │ ")
        ]
        assert json.loads("\n".join(payload)) == json.loads(ISSUE)
        assert payload[:3] == ["{", '  "action": "opened",', '  "issue": {']


def test_a_delivery_at_120_columns_ends_with_the_providers_id() -> None:
    """Where there is room, the id by which GitHub's own page finds the delivery is there too."""
    with Terminal(*LISTEN, columns=120) as terminal:
        post(terminal.local_url, ISSUE, ISSUE_HEADERS)

        assert terminal.shows(r"--> #1 .*POST /payload.* 72d3162e-cc78-11e3-81ab-4c9367dc0958$")


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_no_line_reaches_the_last_column(columns: int) -> None:
    """Whatever arrives, the terminal never has to wrap a line of ours."""
    long = json.dumps({"text": "wide 漢字 " * 200, "nested": [[["deep"] * 50]]}).encode()
    with Terminal(*LISTEN, columns=columns) as terminal:
        post(terminal.local_url, long, {"X-GitHub-Event": "x" * 300}, path="/long" * 100)
        post(terminal.local_url, b"line of text " * 100, {"Content-Type": "text/plain"})
        terminal.shows("<-- #2 ")

        wide = [line for line in terminal.screen.display if line[columns - 1] != " "]
        assert wide == []


def test_nothing_received_can_move_the_cursor_or_fake_a_line() -> None:
    """Escapes are shown as text, and received text never stands where our lines begin."""
    fake = "\x1b[2J\x1b[H\r\n14:03:22 --> #9 github push [valid] 1 B POST /"
    body = json.dumps({"text": fake, "override": "\u202egpj.exe"}).encode()
    with Terminal(*LISTEN) as terminal:
        post(terminal.local_url, body, {"X-GitHub-Event": "push [valid] 9 kB POST /x"})
        post(terminal.local_url, fake.encode() + b"\x9b31m\x07", {"Content-Type": "text/plain"})
        terminal.shows("<-- #2 ")

        text = "\n".join(terminal.lines)
        assert text.startswith("hookcli ")
        assert "\u202e" not in text
        assert '--> #1 github "push [valid] 9 kB POST /x"' in text
        assert not re.search(r"^14:03:22", text, re.MULTILINE)


def test_ctrl_c_says_what_came_of_it_and_ends_well() -> None:
    """The last line counts the deliveries; the exit code is 0."""
    with Terminal(*LISTEN) as terminal:
        post(terminal.local_url)
        post(terminal.local_url)
        terminal.shows("<-- #2 ")
        terminal.presses_ctrl_c()

        assert terminal.ends() == 0
        assert re.search(r"\*\*\* Stopped\. 2 deliveries, #1-#2", "\n".join(terminal.lines))


def test_no_colour_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR leaves the words, which say everything."""
    monkeypatch.setenv("NO_COLOR", "1")
    with Terminal(*LISTEN) as terminal:
        post(terminal.local_url, ISSUE, ISSUE_HEADERS)
        terminal.shows("<-- #1 ")

        assert {cell.fg for row in terminal.screen.buffer.values() for cell in row.values()} == {
            "default"
        }
