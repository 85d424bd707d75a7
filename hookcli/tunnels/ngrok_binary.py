"""The ngrok agent's program: where it is, which version it is, and how to get it."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from hookcli.errors import HookError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO

DOWNLOAD_PAGE = "https://ngrok.com/download"
TRIES = 3
CHUNK = 64 * 1024


def find(environ: Mapping[str, str], default: Path) -> Path | None:
    """Return the agent that PYNGROK_NGROK_PATH names, else the one on PATH, else the default.

    Raises HookError where PYNGROK_NGROK_PATH names none.
    """
    if given := environ.get("PYNGROK_NGROK_PATH"):
        if not Path(given).is_file():
            raise vanished(Path(given))
        return Path(given).absolute()
    if found := shutil.which("ngrok", path=environ.get("PATH")):
        return Path(found).absolute()
    return default if default.is_file() else None


def vanished(binary: Path) -> HookError:
    """Return the error for an agent that is not where it was."""
    return HookError(
        f"The ngrok agent is not at {binary}",
        f"Antivirus programs remove it: allow it there, or install it from {DOWNLOAD_PAGE}. "
        "Without ngrok: --tunnel none",
    )


def version(binary: Path) -> str:
    """Return the agent's version, like "3.39.10". Raises HookError."""
    try:
        run = subprocess.run(  # noqa: S603 - the agent that the user has
            [binary, "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except FileNotFoundError as error:
        raise vanished(binary) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unusable(binary, str(error)) from error
    match = re.search(r"version (\d+(?:\.\d+)+)", run.stdout)
    if match is None:
        raise _unusable(binary, (run.stderr or run.stdout).strip()[:200] or "it says nothing")
    return match[1]


def _unusable(binary: Path, why: str) -> HookError:
    return HookError(
        f"The ngrok agent at {binary} does not run: {why}",
        f"Remove it, or install it anew from {DOWNLOAD_PAGE}. Without ngrok: --tunnel none",
    )


def download(url: str, target: Path) -> None:
    """Get the agent's archive and put the program at `target`, whole or not at all.

    Shows a progress bar on stderr where that is a terminal. Raises HookError.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".hookcli-", dir=target.parent) as folder:
            archive = Path(folder) / "archive"
            _fetch(url, archive)
            program = Path(folder) / target.name
            _extract(archive, target.name, program)
            program.chmod(0o700)
            program.replace(target)
    except (OSError, EOFError, KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise HookError(f"The ngrok agent could not be downloaded: {error}", _advice(error)) from (
            error
        )


def _advice(error: BaseException) -> str:
    if isinstance(getattr(error, "reason", error), ssl.SSLError):
        return (
            "Is there a proxy that inspects TLS? Point SSL_CERT_FILE at its certificate. "
            "Is this computer's clock right?"
        )
    return (
        f"Is there a network? Behind a proxy set HTTPS_PROXY. By hand: {DOWNLOAD_PAGE}. "
        "Without ngrok: --tunnel none"
    )


def _fetch(url: str, archive: Path) -> None:
    # An opener of our own: the default one is made to go past proxies.
    opener = urllib.request.build_opener()
    for left in reversed(range(TRIES)):
        try:
            with opener.open(url, timeout=30) as response, archive.open("wb") as file:
                length = int(response.headers.get("Content-Length") or 0)
                for chunk in _shown(response, length):
                    file.write(chunk)
        except OSError as error:
            certain = isinstance(error, urllib.error.HTTPError) and error.code < 500
            if not left or certain or isinstance(getattr(error, "reason", None), ssl.SSLError):
                raise
            time.sleep(0.5)
        else:
            return


def _shown(response: IO[bytes], length: int) -> Iterator[bytes]:
    """Yield the body in chunks, drawing how far it is."""
    console = Console(stderr=True)
    columns = (TextColumn("Downloading the ngrok agent"), BarColumn(), DownloadColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("", total=length or None)
        got = 0
        while chunk := response.read(CHUNK):
            got += len(chunk)
            progress.advance(task, len(chunk))
            yield chunk
    if got < length:
        raise OSError(f"only {got:,} of {length:,} bytes arrived")


def _extract(archive: Path, name: str, target: Path) -> None:
    """Take the one program out of a .tgz or .zip, and nothing else that may be in it."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped, zipped.open(name) as program:
            _copy(program, target)
        return
    with tarfile.open(archive, "r:gz") as tarred:
        member = tarred.extractfile(name)
        if member is None:
            raise KeyError(f"{name} is no file in the archive")
        with member:
            _copy(member, target)


def _copy(program: IO[bytes], target: Path) -> None:
    with target.open("wb") as file:
        shutil.copyfileobj(program, file)
        file.flush()
        os.fsync(file.fileno())
