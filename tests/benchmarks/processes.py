"""Child processes, and what they cost. Linux only: the figures come from /proc."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]

Stream = int | IO[bytes]


class Program:
    """A program that runs until the block ends; then, interrupted, it must end within 10 s."""

    def __init__(
        self,
        arguments: Sequence[str | Path],
        *,
        stdout: Stream = subprocess.DEVNULL,
        stderr: Stream | None = None,
    ) -> None:
        self._talk = os.fdopen(os.memfd_create("stderr"), "w+b")
        self.process = subprocess.Popen(
            [str(argument) for argument in arguments],
            cwd=ROOT,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=self._talk if stderr is None else stderr,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            self.process.wait()
            self._talk.close()
            if self.process.stdout:
                self.process.stdout.close()

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def cpu(self) -> float:
        """Seconds of CPU so far, ended threads included."""
        clock = (~self.process.pid << 3) | 2  # clock_getcpuclockid(3), which Python lacks
        return time.clock_gettime(clock)

    def settle(self) -> None:
        """Wait until it takes no more CPU than an idle program."""
        before = -1.0
        while self.cpu() - before > 0.02:
            before = self.cpu()
            time.sleep(0.5)

    def memory(self) -> int:
        """Bytes resident now."""
        return self._status("VmRSS") * 1024

    def peak_memory(self) -> int:
        """Bytes resident at most since `forget_peak`."""
        return self._status("VmHWM") * 1024

    def forget_peak(self) -> None:
        """Begin to watch for the peak anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def traced(self) -> bool:
        """Tell whether strace has taken hold of all its threads."""
        statuses = Path(f"/proc/{self.process.pid}/task").glob("*/status")
        return all("TracerPid:\t0\n" not in status.read_text() for status in statuses)

    def _status(self, name: str) -> int:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1])
        raise ProcessLookupError(self.process.pid)


class Server(Program):
    """A program that listens on a port; it does when the block begins."""

    def __init__(
        self,
        arguments: Sequence[str | Path],
        port: int,
        *,
        stdout: Stream = subprocess.DEVNULL,
        stderr: Stream | None = None,
    ) -> None:
        super().__init__(arguments, stdout=stdout, stderr=stderr)
        self.port = port

    def __enter__(self) -> Self:
        give_up = time.monotonic() + 30
        while time.monotonic() < give_up and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                time.sleep(0.02)
            else:
                return self
        self.kill()
        self._talk.seek(0)
        said = self._talk.read().decode(errors="replace")
        raise ConnectionError(f"{self.process.args!r} does not listen on {self.port}: {said}")


def clean_environment() -> dict[str, str]:
    """Return the environment less what would set up hookcli or ngrok, or compile it each time."""
    foreign = ("HOOKCLI_", "NGROK_", "XDG_", "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def cost(arguments: Sequence[str | Path]) -> tuple[float, float]:
    """Run to the end; return its seconds of CPU and of wall clock."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(argument) for argument in arguments],
        cwd=ROOT,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - began


def python(*arguments: str | Path) -> list[str | Path]:
    """Return the command line that runs this very Python."""
    return [sys.executable, *arguments]
