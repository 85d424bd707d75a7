"""Standard output is data: into files, into pipes, and to readers that go away."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from tests.end_to_end.support import (
    ISSUE,
    ISSUE_HEADERS,
    LISTEN,
    Running,
    Terminal,
    post,
    until,
)

if TYPE_CHECKING:
    from pathlib import Path

NAMES = (
    *("type", "id", "received_at", "method", "path", "query", "http_version", "remote"),
    *("headers", "size", "provider", "event", "action", "delivery_id", "handshake", "repeats"),
    *("signature", "payload", "body", "body_base64"),
)


def test_a_file_gets_whole_records_line_by_line(tmp_path: Path) -> None:
    """`> captured.ndjson` holds each delivery as soon as it is answered, and nothing else."""
    with Running(tmp_path, *LISTEN) as hookcli:
        post(hookcli.local_url, ISSUE, ISSUE_HEADERS)
        line = until(hookcli.out.read_text, "the record")
        hookcli.interrupt()

        assert hookcli.ends() == 0
        record = json.loads(line)
        assert tuple(record) == NAMES
        assert (record["provider"], record["event"], record["action"]) == (
            "github",
            "issues",
            "opened",
        )
        assert record["delivery_id"] == "72d3162e-cc78-11e3-81ab-4c9367dc0958"
        assert record["body"].encode() == ISSUE
        assert record["payload"] == json.loads(ISSUE)
        assert hookcli.out.read_text() == line


def test_a_person_sees_lines_while_a_file_gets_records(tmp_path: Path) -> None:
    """With stdout in a file, stderr on a terminal shows one line a delivery."""
    captured = tmp_path / "captured.ndjson"
    with Terminal(*LISTEN, redirected=f"> {captured}") as terminal:
        post(terminal.local_url, ISSUE, ISSUE_HEADERS)
        terminal.shows(r"--> #1 github issues\.opened \[unchecked\] 266 B POST /payload")
        terminal.presses_ctrl_c()

        assert terminal.ends() == 0
        assert "│" not in "\n".join(terminal.lines)
        assert json.loads(captured.read_text())["id"] == 1


def test_a_reader_that_goes_away_ends_it(tmp_path: Path) -> None:
    """`| head -1`: one record, then the end within a second, without another delivery."""
    reader, writer = os.pipe()
    with Running(tmp_path, *LISTEN, stdout=writer) as hookcli:
        os.close(writer)
        url = hookcli.local_url
        with os.fdopen(reader) as records:
            post(url, ISSUE, ISSUE_HEADERS)
            first = json.loads(records.readline())

        assert hookcli.ends(seconds=1) == 0
        assert first["event"] == "issues"
        assert "Error" not in hookcli.err.read_text()


def test_a_reader_that_is_gone_before_anything_arrives_ends_it(tmp_path: Path) -> None:
    """Even without a delivery the listener does not wait for a reader that is no more."""
    reader, writer = os.pipe()
    with Running(tmp_path, *LISTEN, stdout=writer) as hookcli:
        os.close(writer)
        assert hookcli.local_url
        os.close(reader)

        assert hookcli.ends(seconds=1) == 0


def test_body_gives_the_payloads_alone(tmp_path: Path) -> None:
    """One line each: JSON made compact, anything else as it came."""
    with Running(tmp_path, *LISTEN, "--format", "body", "--count", "3") as hookcli:
        for body in (b'{ "odd" :  1 }', b"plain", b"line\n"):
            post(hookcli.local_url, body)

        assert hookcli.ends() == 0
        assert hookcli.out.read_bytes() == b'{"odd":1}\nplain\nline\n'


def test_records_tell_everything(tmp_path: Path) -> None:
    """Ready first, then each delivery, then its answer."""
    with Running(tmp_path, *LISTEN, "--format", "records", "--count", "1") as hookcli:
        post(hookcli.local_url, ISSUE, ISSUE_HEADERS)

        assert hookcli.ends() == 0
        records = [json.loads(line) for line in hookcli.out.read_text().splitlines()]
        kinds = [record["type"] for record in records if record["type"] != "tunnel"]
        assert kinds == ["ready", "delivery", "attempt"]
        ready, _, attempt = (record for record in records if record["type"] != "tunnel")
        assert ready["local_url"] == hookcli.local_url
        assert ready["pid"] == hookcli.process.pid
        assert (attempt["kind"], attempt["status"], attempt["body"]) == ("answer", 200, "ok")


def test_a_slow_reader_misses_nothing_and_holds_up_nobody(tmp_path: Path) -> None:
    """A pipe that is full for a while gets every record later; the senders are answered anyway."""
    body = json.dumps({"text": "x" * 50_000}).encode()
    reader, writer = os.pipe()
    with (
        Running(tmp_path, *LISTEN, "--count", "40", stdout=writer) as hookcli,
        os.fdopen(reader, "rb") as records,
    ):
        os.close(writer)
        url = hookcli.local_url
        statuses = [post(url, body) for _ in range(40)]
        numbers = [json.loads(line)["id"] for line in records]

        assert statuses == [200] * 40
        assert numbers == list(range(1, 41))
        assert hookcli.ends() == 0
