"""The ngrok agent's program: where it is, and which version it is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hookcli.errors import HookError

if TYPE_CHECKING:
    from collections.abc import Mapping

DOWNLOAD_PAGE = "https://ngrok.com/download"


def find(environ: Mapping[str, str], default: Path) -> Path | None:
    """Return the agent that PYNGROK_NGROK_PATH names, else the one on PATH, else the default.

    Raises HookError where PYNGROK_NGROK_PATH names none.
    """
    if given := environ.get("PYNGROK_NGROK_PATH"):
        if not Path(given).is_file():
            raise vanished(Path(given))
        return Path(given).absolute()
    for folder in environ.get("PATH", "").split(os.pathsep):
        found = shutil.which("ngrok", path=folder) if folder else None
        if found and _is_agent(Path(found)):
            return Path(found).absolute()
    return default if default.is_file() else None


def _is_agent(program: Path) -> bool:
    """Tell it from pyngrok's own command of that name, and from one that may not read our files."""
    if program.parent == Path(sys.executable).parent or program.resolve().name == "snap":
        return False
    with program.open("rb") as file:
        return b"pyngrok" not in file.read(1024)


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
    except OSError as error:
        raise _unusable(binary, error.strerror or str(error)) from error
    except subprocess.TimeoutExpired as error:
        raise _unusable(binary, f"it says nothing within {error.timeout:g} s") from error
    match = re.search(r"version (\d+(?:\.\d+)+)", run.stdout)
    if match is None:
        raise _unusable(binary, (run.stderr or run.stdout).strip()[:200] or "it says nothing")
    return match[1]


def _unusable(binary: Path, why: str) -> HookError:
    return HookError(
        f"The ngrok agent at {binary} does not run: {why}",
        f"Remove it, or install it anew from {DOWNLOAD_PAGE}. Without ngrok: --tunnel none",
    )
