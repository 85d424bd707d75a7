"""Getting the ngrok agent, from a server on this computer."""

from __future__ import annotations

import io
import sys
import tarfile
import threading
import zipfile
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from hookcli.errors import HookError
from hookcli.tunnels.ngrok_download import download
from hookcli.tunnels.ngrok_errors import NoContactError
from tests.ngrok_edge.running import running_edge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PROGRAM = b"#!/bin/sh\necho ngrok version 3.39.10\n" * 9999


def tarred(name: str = "ngrok") -> bytes:
    """Return the archive as it is for Linux."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(PROGRAM)
        archive.addfile(info, io.BytesIO(PROGRAM))
    return buffer.getvalue()


def zipped() -> bytes:
    """Return the archive as it is for macOS."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("ngrok", PROGRAM)
    return buffer.getvalue()


@contextmanager
def serving(*answers: tuple[int, bytes, int]) -> Iterator[Callable[[], str]]:
    """Serve each answer once: its status, its body, and how much of the body to leave out."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, missing = left.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) - missing])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield lambda: f"http://127.0.0.1:{server.server_port}/ngrok"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert not left, "not all was asked for"


@pytest.mark.parametrize("archive", [tarred(), zipped()])
def test_the_program_is_taken_out_of_either_archive(
    tmp_path: Path, archive: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    """Executable, by its user alone; and nothing is printed where no terminal is."""
    target = tmp_path / "new" / "folder" / "ngrok"

    with serving((200, archive, 0)) as url:
        download(url(), target)

    assert target.read_bytes() == PROGRAM
    assert target.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in target.parent.iterdir()] == ["ngrok"]
    assert capfd.readouterr() == ("", "")


def test_a_terminal_sees_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On stderr."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")

    with serving((200, tarred(), 0)) as url:
        download(url(), tmp_path / "ngrok")

    assert "Downloading the ngrok agent" in terminal.getvalue()


def test_a_certificate_that_is_not_trusted_has_a_remedy(tmp_path: Path) -> None:
    """Corporate networks re-sign everything; trying again would not help."""
    with running_edge(tmp_path) as edge, pytest.raises(HookError) as caught:
        download(f"https://{edge.state()['addresses']['tunnel']}/", tmp_path / "ngrok", pause_s=60)

    assert "SSL_CERT_FILE" in caught.value.hint


def test_a_download_that_breaks_off_is_tried_again(tmp_path: Path) -> None:
    """And so is a server in trouble."""
    archive = tarred()

    with serving((200, archive, 9), (503, b"", 0), (200, archive, 0)) as url:
        download(url(), tmp_path / "ngrok", pause_s=0)

    assert (tmp_path / "ngrok").read_bytes() == PROGRAM


@pytest.mark.parametrize("answers", [(), ((503, b"", 0),) * 3, ((200, tarred(), 9),) * 3])
def test_no_network_may_end(tmp_path: Path, answers: tuple[tuple[int, bytes, int], ...]) -> None:
    """Whoever keeps trying may try that again later."""
    with serving(*answers) as url:
        there = url()
        if answers:
            with pytest.raises(NoContactError):
                download(there, tmp_path / "ngrok", pause_s=0)

    with pytest.raises(NoContactError, match="Connection refused"):
        download(there, tmp_path / "ngrok", pause_s=0)


@pytest.mark.parametrize("missing", [True, False])
def test_what_the_network_cannot_mend_does_not_count_as_its_absence(
    tmp_path: Path, *, missing: bool
) -> None:
    """Neither an agent that is not where it was, nor a folder that cannot be made."""
    target = tmp_path / "ngrok" if missing else tmp_path / "file" / "ngrok"
    (tmp_path / "file").touch()

    with serving(*([(404, b"", 0)] if missing else [])) as url, pytest.raises(HookError) as caught:
        download(url(), target, pause_s=0)

    assert not isinstance(caught.value, NoContactError)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (((404, b"", 0),), "404"),
        (((200, b"<html>log in to the network first", 0),), "not a gzip file"),
        (((200, tarred("other"), 0),), "ngrok"),
        (((200, tarred(), 9),) * 3, "bytes arrived"),
    ],
)
def test_what_is_not_the_agent_leaves_nothing_behind(
    tmp_path: Path, answers: tuple[tuple[int, bytes, int], ...], message: str
) -> None:
    """What was there before stays."""
    target = tmp_path / "ngrok"
    target.write_bytes(b"old")

    with serving(*answers) as url, pytest.raises(HookError, match=message) as caught:
        download(url(), target, pause_s=0)

    assert "https://ngrok.com/download" in caught.value.hint
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["ngrok"]
    assert target.read_bytes() == b"old"
