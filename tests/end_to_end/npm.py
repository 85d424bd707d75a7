"""Packages that npm has."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

OWN_SETTINGS = str(Path.home() / ".npmrc")
"""Looked up before a test has a home of its own: it may name another registry."""


def fetched(package: str, folder: Path) -> tarfile.TarFile:
    """Fetch a package into an empty folder; return what is in it."""
    settings = os.environ.get("NPM_CONFIG_USERCONFIG", OWN_SETTINGS)
    cache = os.environ.get("NPM_CONFIG_CACHE", str(folder / "cache"))
    subprocess.run(
        ["npm", "pack", "--silent", package],
        cwd=folder,
        env={**os.environ, "NPM_CONFIG_USERCONFIG": settings, "NPM_CONFIG_CACHE": cache},
        check=True,
        timeout=120,
    )
    [archive] = folder.glob("*.tgz")
    return tarfile.open(archive)
