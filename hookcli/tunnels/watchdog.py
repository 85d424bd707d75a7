"""A private folder for one run, and what ends the agent when hookcli cannot.

Whatever ends hookcli, SIGKILL too, closes the pipe to a small shell script. That ends the agent,
and removes the folder with the token in it. The agent tells its process id before it starts, and
does not start when the script is past looking: so neither can miss the other.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from hookcli.errors import HookError

WATCHDOG = """\
cd / || exit
while read -r line; do :; done
rm -f "$1/alive"
pid=$(cat "$1/agent.pid" 2>/dev/null)
rm -rf "$1"
[ "$pid" ] || exit
exec 2>/dev/null
kill "$pid"
for tenth in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  kill -0 "$pid" && sleep 0.1
done
kill -9 "$pid"
"""

AGENT = """\
#!/bin/sh
echo $$ >{home}/agent.pid
[ -e {home}/alive ] || exit 1
exec {binary} "$@" </dev/null 2>&1
"""


class PrivateHome:
    """A folder that only this user can read; gone, with the agent, when hookcli is. Blocks.

    Where there is no shell, on Windows, the folder and the agent outlive a hookcli that is killed.
    """

    def __init__(self) -> None:
        try:
            self.path = Path(tempfile.mkdtemp(prefix="hookcli-"))
            self.config = self.path / "ngrok.yml"
            (self.path / "alive").touch()
        except OSError as error:
            raise HookError(
                f"No private folder for the ngrok configuration: {error.strerror}",
                f"Make room in {tempfile.gettempdir()}, or point TMPDIR at another folder",
            ) from error
        self._watchdog: subprocess.Popen[bytes] | None = None
        if sys.platform != "win32":
            self._watchdog = subprocess.Popen(  # noqa: S603 - our own script, our own folder
                ["/bin/sh", "-c", WATCHDOG, "hookcli-watchdog", str(self.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    @property
    def guarded(self) -> bool:
        """Whether the agent ends even if hookcli is killed."""
        return self._watchdog is not None

    def write_config(self, text: str) -> None:
        """Write the agent's configuration, readable by this user only."""
        self.config.touch(0o600)
        self.config.write_text(text, encoding="utf-8")

    def wrap(self, binary: Path) -> Path:
        """Return the command that runs `binary` as long as hookcli lives."""
        if self._watchdog is None:
            return binary
        command = self.path / "ngrok"
        home = shlex.quote(str(self.path))
        command.touch(0o700)
        command.write_text(AGENT.format(home=home, binary=shlex.quote(str(binary))))
        return command

    def forget_agent(self) -> None:
        """Say that the agent has ended, before its process id means another process."""
        (self.path / "agent.pid").unlink(missing_ok=True)

    def close(self) -> None:
        """Remove the folder, and end the agent if it still runs."""
        if self._watchdog is not None and self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
            try:
                self._watchdog.wait(5)
            except subprocess.TimeoutExpired:
                self._watchdog.kill()
                self._watchdog.wait()
        shutil.rmtree(self.path, ignore_errors=True)
