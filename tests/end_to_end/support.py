"""Hookcli as a program of its own: started, watched, spoken to, ended."""

from __future__ import annotations

import http.client
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import urlsplit

import pexpect
import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import IO

T = TypeVar("T")

HOOKCLI = (sys.executable, "-m", "hookcli")

LISTEN = ("listen", "0", "--tunnel", "none")

ISSUE = (
    b'{"action": "opened", "issue": {"url": '
    b'"https://api.github.com/repos/octocat/Hello-World/issues/1347", "number": 1347}, '
    b'"repository": {"id": 1296269, "full_name": "octocat/Hello-World", '
    b'"owner": {"login": "octocat", "id": 1}}, "sender": {"login": "octocat", "id": 1}}'
)

ISSUE_HEADERS = {
    "Host": "localhost:4567",
    "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "X-Hub-Signature": "sha1=7d38cdd689735b008b3c702edd92eea23791c5f6",
    "User-Agent": "GitHub-Hookshot/044aadd",
    "Content-Type": "application/json",
    "X-GitHub-Event": "issues",
}

LOCAL = re.compile(r"^Local +(http://\S+)", re.MULTILINE)


class Running:
    """`hookcli …` with its streams in files, in a session of its own."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        stdout: int | IO[bytes] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.out = folder / "stdout"
        self.err = folder / "stderr"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [*HOOKCLI, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=stdout if stdout is not None else out,
                stderr=err,
                env=environment(env),
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @property
    def local_url(self) -> str:
        """Where it listens, once the banner says so."""
        return until(lambda: LOCAL.search(self.err.read_text()), "the local URL")[1]

    def ends(self, seconds: float = 5) -> int:
        """Wait for the end; return the exit code."""
        return self.process.wait(seconds)

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> None:
        """Send a signal to the program alone."""
        self.process.send_signal(number)

    def leaves_orphans(self) -> bool:
        """Whether anything that it started still runs; what it killed has a moment to die."""

        def gone() -> bool:
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                return not strays()
            return False

        try:
            return not until(gone, "the end of all", seconds=1)
        except TimeoutError:
            return True


class Terminal:
    """`hookcli …` on a pseudo-terminal, and what a person sees there; the shell may redirect."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 80,
        redirected: str = "",
        env: Mapping[str, str] | None = None,
    ) -> None:
        command = f"exec {shlex.join([*HOOKCLI, *arguments])} {redirected}"
        self.process: pexpect.spawn[bytes] = pexpect.spawn(
            "/bin/sh",
            ["-c", command],
            dimensions=(40, columns),
            env=environment(env) | {"TERM": "xterm-256color"},
            preexec_fn=_hear_ctrl_c,
        )
        self.screen = pyte.Screen(columns, 400)
        self.stream = pyte.ByteStream(self.screen)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.close(force=True)

    @property
    def lines(self) -> list[str]:
        """Return what stands there now, line by line, without the empty end."""
        try:
            while True:
                self.stream.feed(self.process.read_nonblocking(65_536, timeout=0.02))
        except (pexpect.TIMEOUT, pexpect.EOF):
            return "\n".join(line.rstrip() for line in self.screen.display).rstrip().split("\n")

    def shows(self, pattern: str, seconds: float = 10) -> re.Match[str]:
        """Wait until a line matches."""
        wanted = re.compile(pattern, re.MULTILINE)
        return until(lambda: wanted.search("\n".join(self.lines)), repr(pattern), seconds)

    @property
    def local_url(self) -> str:
        """Where it listens, once the banner says so."""
        return self.shows(LOCAL.pattern)[1]

    def presses_ctrl_c(self) -> None:
        """As a person does, to everything in the foreground."""
        self.process.sendintr()

    def ends(self, seconds: float = 5) -> int:
        """Wait for the end; return the exit code."""
        until(lambda: self.lines and not self.process.isalive(), "the end", seconds)
        assert self.process.exitstatus is not None, f"ended by signal {self.process.signalstatus}"
        return self.process.exitstatus


def _hear_ctrl_c() -> None:
    """As a shell has what it starts; who runs the tests in the background may have it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run `hookcli …` to its end, with pipes."""
    return subprocess.run(
        [*HOOKCLI, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment(),
        timeout=20,
        check=False,
    )


def post(
    url: str,
    body: bytes = b"{}",
    headers: Mapping[str, str] | None = None,
    path: str = "/payload",
) -> int:
    """Send one delivery; return the status of the answer."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("POST", path, body, dict(headers or {}))
    status = connection.getresponse().status
    connection.close()
    return status


def until(look: Callable[[], T | None], what: str, seconds: float = 10) -> T:
    """Return what `look` gives once it is true; fail, saying `what` was awaited, after so long."""
    give_up = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > give_up:
            raise TimeoutError(f"in vain waited {seconds} s for {what}")
        time.sleep(0.01)
    return found


def environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return that, or the test's environment, with clocks and characters the same everywhere."""
    return dict(env or os.environ) | {"TZ": "UTC", "LC_ALL": "C.UTF-8"}


def strays() -> list[int]:
    """Return the processes that still have this test's home; where /proc tells."""
    home = f"HOME={os.environ['HOME']}\0".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if home in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found
