"""The servers that are compared, and the load that meets them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.load import Report
from tests.benchmarks.processes import ROOT, Program, Server, Stream, free_port, python

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.benchmarks.table import Options

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


@contextmanager
def fresh(options: Options, number: int, *how: str) -> Iterator[Server]:
    """Let hookcli run with a store of its own for one round, and throw that away.

    On a virtual machine, memory that it has never used before costs several times as much: a
    store that grows on and on would measure that.
    """
    store = options.folder / f"{number}.db"
    with hookcli(store, *NOTHING_SHOWN, *how) as server:
        yield server
    for file in options.folder.glob(f"{number}.db*"):
        file.unlink()


def pass_through(upstream: int) -> Server:
    """Make a bare aiohttp pass-through in front of a server."""
    port = free_port()
    module = "tests.benchmarks.pass_through"
    return Server(python("-m", module, str(port), str(upstream)), port)


def smee_io() -> Server:
    """Play smee.io, and the app behind smee-client."""
    port = free_port()
    return Server(python("-m", "tests.benchmarks.smee_io", str(port)), port)


def smee_client(port: int) -> Program:
    """Run smee-client between the two."""
    url = f"http://127.0.0.1:{port}"
    return Program([smee(), "--url", f"{url}/channel", "--target", f"{url}/app"])


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


def smee() -> Path:
    """Where smee-client is, or would be: a folder of its own, kept between runs."""
    return Path(tempfile.gettempdir()) / "hookcli-smee" / "node_modules" / ".bin" / "smee"


def install_smee() -> None:
    """Fill that folder; npm has to be there."""
    folder = smee().parents[2]
    quietly = ("--silent", "--no-audit", "--no-fund")
    subprocess.run(["npm", "install", *quietly, "--prefix", folder, "smee-client"], check=True)


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
