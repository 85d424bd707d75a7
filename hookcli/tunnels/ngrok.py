"""The ngrok agent, run through pyngrok. Everything here blocks."""

from __future__ import annotations

import logging
import socket
import subprocess
import threading
import time
import urllib.request
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyngrok.process
from pyngrok import conf, installer, ngrok
from pyngrok.exception import PyngrokError, PyngrokNgrokHTTPError, PyngrokNgrokURLError

from hookcli.errors import HookError
from hookcli.tunnels import ngrok_binary
from hookcli.tunnels.ngrok_config import Settings, config_file, render, settings_of, tilde
from hookcli.tunnels.ngrok_errors import Facts, NoContactError, explain
from hookcli.tunnels.ngrok_log import read_line
from hookcli.tunnels.watchdog import PrivateHome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pyngrok.log import NgrokLog

    from hookcli.tunnels.ngrok_log import Lost, Stopping, Up

# PyYAML comes with pyngrok, without types.
YAML_ERROR: type[Exception] = import_module("yaml").YAMLError

NAME = "hookcli"
"""Of our endpoint, at the agent."""

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
        # Its text quotes the file, and so the token.
        raise _no_yaml(source) from None
    if not isinstance(config, dict):
        raise _no_yaml(source)
    return settings_of(config, source, environ)


def _no_yaml(source: str) -> HookError:
    return HookError(
        f"The ngrok configuration {source} is not valid YAML",
        f"Mend it: ngrok config check {source}",
    )


def prepare_binary(environ: Mapping[str, str]) -> Path:
    """Return the agent's program, downloaded where there is none. Raises HookError."""
    default = Path(installer.get_default_ngrok_dir()) / installer.get_ngrok_bin()
    if found := ngrok_binary.find(environ, default):
        return found
    try:
        url = installer.get_ngrok_cdn_url("3")
    except PyngrokError as error:
        raise HookError(
            f"ngrok has no agent for this computer: {error}",
            "Use another way in: --public-url, or --tunnel none",
        ) from error
    ngrok_binary.download(url, default)
    return default


class Agent:
    """One ngrok agent with one https endpoint."""

    def __init__(self, *, binary: Path, settings: Settings, domain: str | None) -> None:
        self.version = ngrok_binary.version(binary)
        self._numbers = tuple(map(int, self.version.split(".")))
        self._binary = binary
        self._domain = domain.removeprefix("https://").strip("/") if domain else None
        self._settings = settings
        self._facts = Facts(
            token=settings.token, version=self.version, path=str(binary), domain=self._domain
        )
        self._home = PrivateHome()
        self._running: pyngrok.process.NgrokProcess | None = None
        self._opening = threading.Lock()
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

        with self._opening:
            self._configure(on_line)
            failure = self._start(timeout_s)
        if failure is not None:
            # From here: raised where pyngrok's error is caught it would carry that, and the token.
            raise failure

    def _start(self, timeout_s: float) -> HookError | None:
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

    def _configure(self, on_line: Callable[[NgrokLog], None]) -> None:
        if not self._binary.is_file():
            raise ngrok_binary.vanished(self._binary)
        if self._closed:
            raise NoContactError("The tunnel is being closed", "Start hookcli again")
        self._home.write_config(render(self._settings, self._numbers, f"127.0.0.1:{_free_port()}"))
        config = conf.PyngrokConfig(
            ngrok_path=str(self._home.wrap(self._binary)),
            config_path=str(self._home.config),
            config_version="3" if self._numbers >= (3, 30) else "2",
            log_event_callback=on_line,
            # Our own timer ends it sooner: pyngrok looks at its clock only when the agent speaks.
            startup_timeout=3600,
            request_timeout=20,
            start_new_session=self._home.guarded,
        )
        # Anything else would put them on the agent's command line, for all to see.
        config.auth_token = config.api_key = None
        config.ngrok_version = "3" if self._numbers >= (3,) else "2"
        self._config = config

    def open(self, upstream: str) -> str:
        """Open the endpoint in front of `upstream`; return its public URL. Raises HookError."""
        options = self._options()
        try:
            tunnel = ngrok.connect(upstream, name=NAME, pyngrok_config=self._config, **options)
        except PyngrokError as error:
            failure = self._explain(error)
            slow = isinstance(error, PyngrokNgrokURLError)
        else:
            return str(tunnel.public_url)
        # What took too long may have been done all the same.
        if slow and (url := self.url()):
            return url
        raise failure

    def _options(self) -> dict[str, Any]:
        """Ask for https alone, and for the domain, in the words of that agent."""
        if self._numbers >= (3, 30):
            return {"url": f"https://{self._domain}"} if self._domain else {}
        if self._numbers >= (3,):
            return {"schemes": ["https"], **({"domain": self._domain} if self._domain else {})}
        return {"bind_tls": True, **({"hostname": self._domain} if self._domain else {})}

    def url(self) -> str | None:
        """Return the endpoint's public URL as it is now; None where the agent does not say."""
        try:
            tunnels = ngrok.get_tunnels(self._config)
        except PyngrokError:
            return None
        urls = [tunnel.public_url for tunnel in tunnels if tunnel.name == NAME]
        return urls[0] if urls else None

    def wait(self) -> int:
        """Wait until the agent has ended; return its exit code."""
        if self._running is None:
            return 0
        code = self._running.proc.wait()
        self._home.forget_agent()
        return int(code)

    def close(self, timeout_s: float = 3) -> None:
        """Delete the endpoint, end the agent, remove what it left. Safe while it starts."""
        self._closed = True
        while not self._opening.acquire(timeout=0.05):
            self._kill()
        try:
            if self._running is not None and self._running.proc.poll() is None:
                self._end(self._running.proc, time.monotonic() + timeout_s)
            self._home.forget_agent()
            self._home.close()
        finally:
            self._opening.release()

    def _end(self, process: subprocess.Popen[str], deadline: float) -> None:
        self._config.request_timeout = max(deadline - time.monotonic() - 1, 0.5)
        try:
            for tunnel in ngrok.get_tunnels(self._config):
                ngrok.disconnect(str(tunnel.public_url), self._config)
        except PyngrokError:
            # It is offline, or hangs: ngrok notices that the agent is gone.
            logging.getLogger(__name__).debug("the endpoint was not deleted")
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


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
