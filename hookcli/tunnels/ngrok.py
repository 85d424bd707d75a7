"""The ngrok agent, run through pyngrok. Everything here blocks."""

from __future__ import annotations

import logging
import socket
import subprocess
import threading
import time
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyngrok.process
from pyngrok import conf, installer, ngrok
from pyngrok.exception import PyngrokError, PyngrokNgrokHTTPError, PyngrokNgrokURLError
from pyngrok.log import NgrokLog

from hookcli.errors import HookError
from hookcli.tunnels import ngrok_binary
from hookcli.tunnels.ngrok_config import Settings, config_file, render, settings_of, tilde
from hookcli.tunnels.ngrok_errors import Facts, NoContactError, explain
from hookcli.tunnels.ngrok_log import read_line
from hookcli.tunnels.watchdog import PrivateHome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookcli.tunnels import Announce
    from hookcli.tunnels.ngrok_log import Lost, Stopping, Up

# PyYAML comes with pyngrok, without types.
YAML_ERROR: type[Exception] = import_module("yaml").YAMLError

NAME = "hookcli"
"""Of our endpoint, at the agent."""
_LAST_WORDS_S = 2.0
"""Seconds for reading what an agent that has ended said last: all of that is in a pipe already."""

# It would print to stdout, which is for data.
installer._print_progress_enabled = False  # noqa: SLF001 - there is no public switch
# Without a handler Python prints its warnings to stderr, and they may hold the token.
logging.getLogger("pyngrok").addHandler(logging.NullHandler())
logging.getLogger("pyngrok").propagate = False
# pyngrok asks the agent's API, on this computer, with urlopen: never through a proxy.
urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({})))


def read_settings(environ: Mapping[str, str], ngrok_config: Path | None) -> Settings:
    """Read what we take over from the user's ngrok configuration and the environment.

    Raises HookError where the configuration cannot be read.
    """
    path = config_file(environ, ngrok_config)
    if path is None:
        return settings_of({}, "", environ)
    source = tilde(path, environ)
    try:
        config = installer.get_ngrok_config(str(path), use_cache=False)
    except OSError as error:
        raise HookError(
            f"The ngrok configuration {source} cannot be read: {error.strerror}",
            "Point --ngrok-config at another file",
        ) from error
    except (ValueError, YAML_ERROR):
        # What it says quotes the file, and so the token.
        config = None
    if not isinstance(config, dict):
        raise HookError(
            f"The ngrok configuration {source} is not valid YAML",
            f"Mend it: ngrok config check --config {source}",
        )
    return settings_of(config, source, environ)


def find_binary(environ: Mapping[str, str]) -> Path | None:
    """Return the agent's program, if there is one. Raises HookError where a wrong one is named."""
    return ngrok_binary.find(environ, _default_binary())


def _default_binary() -> Path:
    return Path(installer.get_default_ngrok_dir()) / installer.get_ngrok_bin()


def prepare_binary(environ: Mapping[str, str], announce: Announce) -> Path:
    """Return the agent's program, downloaded where there is none. Raises HookError."""
    if found := find_binary(environ):
        return found
    default = _default_binary()
    try:
        url = installer.get_ngrok_cdn_url("3")
    except PyngrokError as error:
        raise HookError(
            f"ngrok has no agent for this computer: {error}",
            "Use another way in: --public-url, or --tunnel none",
        ) from error
    announce(f"Downloading the ngrok agent, once, to {tilde(default, environ)}")
    # It draws its progress with rich, which is slow to import.
    import_module("hookcli.tunnels.ngrok_download").download(url, default)
    return default


class Agent:
    """One ngrok agent with one https endpoint."""

    def __init__(self, *, binary: Path, settings: Settings, domain: str | None) -> None:
        self.version = ngrok_binary.version(binary)
        self._numbers = tuple(map(int, self.version.split(".")))
        self._binary, self._settings = binary, settings
        self._domain = domain.removeprefix("https://").strip("/") if domain else None
        self._facts = Facts(
            token=settings.token, version=self.version, path=str(binary), domain=self._domain
        )
        self._home = PrivateHome()
        self._config = conf.PyngrokConfig(
            ngrok_path=str(self._home.wrap(binary)),
            config_path=str(self._home.config),
            config_version="3" if self._numbers >= (3, 30) else "2",
            # Our own timer ends it sooner: pyngrok looks at its clock only when the agent speaks.
            startup_timeout=3600,
            start_new_session=self._home.guarded,
        )
        # Anything else would put them on the agent's command line, for all to see.
        self._config.auth_token = self._config.api_key = None
        self._running: pyngrok.process.NgrokProcess | None = None
        self._starting = threading.Lock()
        self._closed = False

    def explain(self, text: str) -> HookError:
        """Return the error for a person from what the agent said."""
        return explain(text, self._facts)

    def silence(self, lost: Lost) -> float:
        """Return how long ago contact was lost, in seconds, where the agent has just told it."""
        return self._settings.heartbeat_tolerance_s if lost.silent else 0

    def start(self, hear: Callable[[Up | Lost | Stopping], None], timeout_s: float) -> None:
        """Start the agent and wait until it has a session with ngrok.

        `hear` is told, on other threads, what becomes of the session. Raises HookError.
        """

        def on_line(line: NgrokLog) -> None:
            event = read_line(line.msg, line.err)
            if event is not None:
                hear(event)

        self._config.log_event_callback = on_line
        with self._starting:
            failure = self._start(timeout_s)
        if failure is not None:
            # From here: raised where pyngrok's error is caught it would carry that, and the token.
            raise failure

    def _start(self, timeout_s: float) -> HookError | None:
        if self._closed:
            return NoContactError("The tunnel is being closed", "Start hookcli again")
        if not self._binary.is_file():
            return ngrok_binary.vanished(self._binary)
        self._home.write_config(render(self._settings, self._numbers, f"127.0.0.1:{_free_port()}"))
        overdue = threading.Timer(timeout_s, self._kill)
        overdue.start()
        try:
            self._running = pyngrok.process.get_process(self._config)
        except PyngrokError as error:
            return self._explain(error)
        except OSError as error:
            return HookError(
                f"The ngrok agent cannot be started: {error.strerror}",
                "Point TMPDIR at a folder from which programs may run",
            )
        finally:
            overdue.cancel()
        return None

    def open(self, upstream: str) -> str:
        """Open the endpoint in front of `upstream`; return its public URL. Raises HookError."""
        try:
            answer = self._ask("POST", data=self._endpoint(upstream), timeout_s=20)
        except PyngrokError as error:
            failure = self._explain(error)
        else:
            return _url_of(answer)
        # What took too long may have been done all the same.
        if isinstance(failure, NoContactError) and (url := self.url()):
            return url
        raise failure

    def _endpoint(self, upstream: str) -> dict[str, Any]:
        """Ask for https alone, and for the domain, in the words of that agent."""
        asked: dict[str, Any] = {"name": NAME}
        if self._numbers >= (3, 30):
            asked["upstream"] = {"url": upstream}
            return asked | ({"url": f"https://{self._domain}"} if self._domain else {})
        asked |= {"addr": upstream, "proto": "http"}
        if self._numbers >= (3,):
            return asked | {"schemes": ["https"], "domain": self._domain or ""}
        return asked | {"bind_tls": True, "hostname": self._domain or ""}

    def url(self) -> str | None:
        """Return the endpoint's public URL as it is now; None where the agent does not say."""
        try:
            answer = self._ask("GET", timeout_s=5)
        except PyngrokError:
            return None
        listed = answer.get("endpoints") or answer.get("tunnels") or []
        urls = [_url_of(endpoint) for endpoint in listed if endpoint.get("name") == NAME]
        return urls[0] if urls else None

    def _ask(
        self, method: str, name: str = "", *, data: dict[str, Any] | None = None, timeout_s: float
    ) -> dict[str, Any]:
        """Ask the agent's API. Not by pyngrok's `connect`: that starts an agent that has ended."""
        if self._running is None:
            raise PyngrokError("the agent has not been started")
        kind = "endpoints" if self._numbers >= (3, 30) else "tunnels"
        url = f"{self._running.api_url}/api/{kind}{name}"
        try:
            return ngrok.api_request(url, method, data=data, timeout=timeout_s)
        except (OSError, HTTPException, ValueError) as error:
            raise PyngrokNgrokURLError(f"the agent broke off: {error}", error) from error

    def wait(self) -> int:
        """Wait until the agent has ended and was heard to its end; return its exit code."""
        if self._running is None:
            return 0
        code = self._running.proc.wait()
        self._home.forget_agent()
        rest = threading.Thread(target=_hear_rest, args=(self._running,), daemon=True)
        rest.start()
        rest.join(_LAST_WORDS_S)
        return int(code)

    def close(self, timeout_s: float = 3) -> None:
        """Delete the endpoint, end the agent, remove what it left. Safe while it starts."""
        self._closed = True
        while not self._starting.acquire(timeout=0.05):
            self._kill()
        try:
            if self._running is not None and self._running.proc.poll() is None:
                self._end(self._running.proc, time.monotonic() + timeout_s)
            self._home.forget_agent()
            self._home.close()
        finally:
            self._starting.release()

    def _end(self, process: subprocess.Popen[str], deadline: float) -> None:
        # Where it is offline or hangs, ngrok notices by itself that the agent is gone.
        with suppress(PyngrokError):
            self._ask("DELETE", f"/{NAME}", timeout_s=max(deadline - time.monotonic() - 1, 0.5))
        process.terminate()
        try:
            process.wait(max(deadline - time.monotonic(), 0.5))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _kill(self) -> None:
        """End an agent that is being started."""
        # pyngrok holds its lock while it starts, so its own kill() would wait for that.
        processes = pyngrok.process._current_processes  # noqa: SLF001
        if starting := processes.get(self._config.ngrok_path):
            starting.proc.kill()

    def _explain(self, error: PyngrokError) -> HookError:
        if isinstance(error, PyngrokNgrokHTTPError):
            return self.explain(error.body)
        logs = getattr(error, "ngrok_logs", [])
        if said := getattr(error, "ngrok_error", None):
            return self.explain(said)
        complaints = [log.line for log in logs if log.line.startswith("ERROR:")]
        if complaints:
            return self.explain(" ".join(line.removeprefix("ERROR:") for line in complaints))
        if isinstance(error, PyngrokNgrokURLError):
            return self.explain("timed out: the agent does not answer")
        return self.explain("timed out: the agent had no session with ngrok in time")


def _hear_rest(running: pyngrok.process.NgrokProcess) -> None:
    """Read what the agent said last: pyngrok stops reading as soon as it has ended."""
    if reading := running._monitor_thread:  # noqa: SLF001 - nothing else tells when it has stopped
        reading.join()
    for line in running.proc.stdout or ():
        if hear := running.pyngrok_config.log_event_callback:
            hear(NgrokLog(line))


def _url_of(endpoint: Mapping[str, Any]) -> str:
    return str(endpoint.get("url") or endpoint.get("public_url") or "")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
