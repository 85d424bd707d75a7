"""The servers that are compared, and the load that meets them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.load import Report
from tests.benchmarks.processes import ROOT, Server, Stream, free_port, python

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING_SHOWN = ("--event", "none.of.these")
"""Every delivery is kept and answered, and none is shown."""


def bare() -> Server:
    """B: read the body, answer 204."""
    port = free_port()
    return Server(python("-m", "tests.benchmarks.bare", str(port)), port)


def hookcli(
    store: Path,
    *options: str,
    stdout: Stream = subprocess.DEVNULL,
    stderr: Stream | None = None,
) -> Server:
    """Make hookcli listen, without a tunnel."""
    port = free_port()
    return Server(
        python(
            "-m",
            "hookcli",
            "listen",
            str(port),
            "--tunnel",
            "none",
            "--store",
            f"sqlite:{store}",
            *options,
        ),
        port,
        stdout=stdout,
        stderr=stderr,
    )


def mitmdump(folder: Path, upstream: int) -> Server:
    """M: `mitmdump -w` in front of a bare server."""
    port = free_port()
    return Server(
        [
            mitmproxy_bin() / "mitmdump",
            "--quiet",
            "--save-stream-file",
            folder / "flows",
            "--listen-host",
            "127.0.0.1",
            "--listen-port",
            str(port),
            "--mode",
            f"reverse:http://127.0.0.1:{upstream}",
            "--set",
            f"confdir={folder}",
        ],
        port,
    )


def mitmproxy_bin() -> Path:
    """Where `mitmdump` is, or would be: a virtual environment of its own, kept between runs."""
    return Path(tempfile.gettempdir()) / f"hookcli-mitmproxy-{sys.version_info.minor}" / "bin"


def install_mitmproxy() -> None:
    """Make that virtual environment."""
    folder = mitmproxy_bin().parent
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin/pip", "install", "--quiet", "mitmproxy"], check=True)


def load(server: Server, seconds: float, *options: str) -> Report:
    """Send to a server from another process; `options` are those of tests.benchmarks.load."""
    return finish(begin_load(server, seconds, *options))


def begin_load(server: Server, seconds: float, *options: str) -> subprocess.Popen[bytes]:
    """Begin to send; `finish` it."""
    arguments: Sequence[str | Path] = python("-m", "tests.benchmarks.load", str(server.port))
    return subprocess.Popen(
        [*arguments, "--seconds", str(seconds), *options], cwd=ROOT, stdout=subprocess.PIPE
    )


def finish(running: subprocess.Popen[bytes]) -> Report:
    """Wait for a load, and return its report."""
    output, _ = running.communicate()
    return Report(**json.loads(output))
