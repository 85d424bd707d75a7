"""A listener is found while it answers for itself, and forgotten once it does not."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from hookcli.running import Status, announce, listener_on, listeners, port_taken
from hookcli.state import TunnelState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATH = "/.hookcli/3f2a"
THEN = datetime(2026, 11, 24, 22, 35, 1, 123456, tzinfo=UTC)

TYPED = {"type": "status", "tunnel": 5, "started_at": "2026-11-24T22:35:01Z"}


def make_status(**fields: Any) -> Status:
    """Return what a listener in good health says."""
    status = Status(
        local_url="http://127.0.0.1:4567",
        public_url="https://otter.ngrok-free.app",
        tunnel=TunnelState(
            state="online", public_url="https://otter.ngrok-free.app", at=THEN, reachable=True
        ),
        store="sqlite:/tmp/hooks.db",
        pid=4242,
        started_at=THEN,
        deliveries=14,
        bad=2,
        failed=1,
    )
    return replace(status, **fields)


@contextmanager
def answering(body: bytes) -> Iterator[int]:
    """Run a program that answers the status path with `body`; yield its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == PATH else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def listening(status: Status) -> Iterator[int]:
    """Run a listener that announces itself; yield its port."""
    with (
        answering(json.dumps(status.to_json()).encode()) as port,
        announce(port, f"http://127.0.0.1:{port}", PATH),
    ):
        yield port


def notes(home: Path) -> list[Path]:
    """Return the notes that lie there."""
    return sorted((home / "data" / "hookcli" / "run").glob("*"))


@pytest.mark.parametrize("tunnel", [make_status().tunnel, None])
def test_a_status_survives_json(tunnel: TunnelState | None) -> None:
    """What the listener says is what the other process reads."""
    status = make_status(tunnel=tunnel)

    assert Status.from_json(json.loads(json.dumps(status.to_json()))) == status
    assert status.to_json()["started_at"] == "2026-11-24T22:35:01.123456Z"


@pytest.mark.parametrize("answer", [None, [], "ok", 5, {}, {"type": 5}, TYPED])
def test_any_other_json_is_no_status(answer: object) -> None:
    """A foreign program's answer is told apart, whatever it is."""
    with pytest.raises(ValueError, match="this is"):
        Status.from_json(answer)


def test_a_running_listener_is_found_and_speaks_for_itself() -> None:
    """Its live state is asked for, not read from a file."""
    with listening(make_status()) as port:
        assert listeners() == [make_status()]
        assert listener_on(port) == make_status()


def test_the_most_recently_started_listener_is_last() -> None:
    """Several listeners are told apart by when they started."""
    newer = make_status(started_at=THEN.replace(hour=23), pid=2)

    with listening(newer), listening(make_status()):
        assert [status.pid for status in listeners()] == [4242, 2]


def test_a_note_is_gone_when_its_listener_ends(home: Path) -> None:
    """An ordered end leaves nothing behind."""
    with listening(make_status()):
        assert len(notes(home)) == 1

    assert notes(home) == []


def test_notes_are_private(home: Path) -> None:
    """Who knows the status path could read what runs here."""
    with listening(make_status()):
        (note,) = notes(home)

        assert note.stat().st_mode & 0o777 == 0o600
        assert note.parent.stat().st_mode & 0o777 == 0o700


def test_a_note_left_by_a_killed_listener_is_removed(home: Path) -> None:
    """Nothing answers there any more: none runs, and the note goes."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        with announce(port, f"http://127.0.0.1:{port}", PATH):
            assert listeners() == []
            assert notes(home) == []


@pytest.mark.parametrize("body", [b"ok", b"\xff", b"[]", b'{"pid": 1}', b"9" * 5000, b"[" * 99_999])
def test_a_foreign_program_on_the_port_is_not_taken_for_a_listener(body: bytes) -> None:
    """The port may have a new owner, who says whatever it likes."""
    with answering(body) as port, announce(port, f"http://127.0.0.1:{port}", PATH):
        assert listener_on(port) is None


def test_another_listener_s_note_is_left_alone(home: Path) -> None:
    """A listener that ends late does not take away what its successor wrote."""
    with announce(1, "http://127.0.0.1:1", "/old"):
        successor = announce(1, "http://127.0.0.1:1", "/new")
        successor.__enter__()

    assert "/new" in notes(home)[0].read_text()


def test_listening_goes_on_where_no_note_can_be_written(home: Path) -> None:
    """A read-only home is no reason to miss a delivery."""
    (home / "data").write_text("a file where the folder should be")

    with announce(4567, "http://127.0.0.1:4567", PATH):
        assert listeners() == []


def test_a_port_taken_by_hookcli_is_said_with_what_to_do() -> None:
    """It may well be the listener that the person forgot."""
    with listening(make_status()) as port:
        error = port_taken(port)

    assert error.message == f"Port {port} is taken by another hookcli (pid 4242)"
    assert "hookcli status" in error.hint
    assert "hookcli follow " in error.hint


def test_a_port_taken_by_another_program_is_said() -> None:
    """On Linux by name; a free port is always one command away."""
    with answering(b"") as port:
        error = port_taken(port)

    assert error.message.startswith(f"Port {port} is taken by ")
    assert error.hint == "hookcli listen 0 takes any free port"
    assert error.exit_code == 1
