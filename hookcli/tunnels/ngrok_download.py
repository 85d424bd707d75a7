"""Getting the ngrok agent: whole or not at all, with its progress on stderr."""

from __future__ import annotations

import os
import shutil
import ssl
import sys
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
from hookcli.tunnels.ngrok_binary import DOWNLOAD_PAGE
from hookcli.tunnels.ngrok_errors import NoContactError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

TRIES = 3
CHUNK = 64 * 1024
NETWORK_ERRORS = urllib.error.URLError, ConnectionError, TimeoutError


def download(url: str, target: Path, *, pause_s: float = 0.5) -> None:
    """Get the agent's archive and put the program at `target`, whole or not at all.

    Pauses so many seconds before it tries again. Shows a progress bar on stderr where that is a
    terminal. Raises HookError, and NoContactError where there is no network.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".hookcli-", dir=target.parent) as folder:
            archive = Path(folder) / "archive"
            _fetch(url, archive, pause_s)
            program = Path(folder) / target.name
            _extract(archive, target.name, program)
            program.chmod(0o700)
            program.replace(target)
    except (OSError, EOFError, KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise _explained(error) from error


def _explained(error: Exception) -> HookError:
    what = f"The ngrok agent could not be downloaded: {_said(error)}"
    if _is_tls(error):
        return HookError(
            what,
            "Is there a proxy that inspects TLS? Point SSL_CERT_FILE at its certificate. "
            "Is this computer's clock right?",
        )
    no_network = isinstance(error, NETWORK_ERRORS) and not _is_final(error)
    kind = NoContactError if no_network else HookError
    return kind(
        what,
        f"Is there a network? Behind a proxy set HTTPS_PROXY. By hand: {DOWNLOAD_PAGE}. "
        "Without ngrok: --tunnel none",
    )


def _said(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return str(error)
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason)


def _fetch(url: str, archive: Path, pause_s: float) -> None:
    # An opener of our own: the default one is made to go past proxies.
    opener = urllib.request.build_opener()
    for left in reversed(range(TRIES)):
        try:
            with opener.open(url, timeout=30) as response, archive.open("wb") as file:
                length = int(response.headers.get("Content-Length") or 0)
                for chunk in _shown(response, length):
                    file.write(chunk)
        except OSError as error:
            if not left or _is_final(error):
                raise
            time.sleep(pause_s)
        else:
            return


def _is_final(error: Exception) -> bool:
    """Whether trying again would not help."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return error.code < 500
    return _is_tls(error)


def _is_tls(error: Exception) -> bool:
    return isinstance(getattr(error, "reason", error), ssl.SSLError)


def _shown(response: IO[bytes], length: int) -> Iterator[bytes]:
    """Yield the body in chunks, drawing how far it is."""
    with Progress(
        TextColumn("Downloading the ngrok agent"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    ) as progress:
        task = progress.add_task("", total=length or None)
        got = 0
        while chunk := response.read(CHUNK):
            got += len(chunk)
            progress.advance(task, len(chunk))
            yield chunk
    if got < length:
        raise ConnectionError(f"only {got:,} of {length:,} bytes arrived")


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
