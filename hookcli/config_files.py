"""The files that configure hookcli: found, and read without trusting whoever wrote them."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hookcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "hookcli.toml"
_LARGEST = 256 * 1024
"""Bytes of a file."""


class ConfigFile(NamedTuple):
    """A file that is there."""

    path: Path
    found: bool
    """Whether it came with a folder; the other one is the user's own."""
    content: Mapping[str, Any]
    """As it stands there."""


def config_files() -> list[ConfigFile]:
    """Return the files that are there, the nearest first. Raises UsageError for an unusable one."""
    files = []
    with suppress(FileNotFoundError):  # the working folder is gone
        here = Path.cwd()
        near = (folder / FILE for folder in (here, *here.parents))
        if path := next(filter(os.path.lexists, near), None):
            files.append(ConfigFile(path, found=True, content=_read(path, found=True)))
    own = own_path()
    if os.path.lexists(own):
        files.append(ConfigFile(own, found=False, content=_read(own, found=False)))
    return files


def own_path() -> Path:
    """Return where the user's own file is, or would be."""
    if sys.platform == "linux":
        # As platformdirs has it, which takes half as long to load as Python does to start.
        folder = os.environ.get("XDG_CONFIG_HOME", "").strip() or Path.home() / ".config"
        return Path(folder, "hookcli", "config.toml")
    import platformdirs  # noqa: PLC0415 - as said

    return platformdirs.user_config_path("hookcli", appauthor=False) / "config.toml"


def shown(path: Path) -> str:
    """Return the path as a person writes it: from here, or from the home folder on."""
    with suppress(OSError, RuntimeError):
        for folder, sign in (Path.cwd(), "."), (Path.home(), "~"):
            if path.is_relative_to(folder):
                return f"{sign}/{path.relative_to(folder).as_posix()}"
    return str(path)


def harmless(path: Path, folder: Path) -> bool:
    """Return whether a path stays in a folder that one was given, and out of `.git` in it.

    Git runs what its own files say, so no clone brings such along.
    """
    if not path.is_relative_to(folder):
        return False
    hidden = [part for part in path.relative_to(folder).parts if part.startswith(".")]
    # Some file systems take other characters for these, or for none.
    return all(part.isascii() and part.lower() != ".git" for part in hidden)


def _read(path: Path, *, found: bool) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - most runs have no file

    try:
        return tomllib.loads(_text(path, found=found))
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{shown(path)} is not TOML: {error}",
            "It looks like [listen] on one line and port = 4567 on the next",
        ) from None


def _text(path: Path, *, found: bool) -> str:
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise UsageError(f"{shown(path)} is no file", "Remove it, or put a file there")
            if found:
                _refuse_foreign(path, {about.st_uid, path.lstat().st_uid})
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(
            f"{shown(path)} cannot be read: {error.strerror}", "Make it readable, or remove it"
        ) from None
    if len(data) > _LARGEST:
        raise UsageError(f"{shown(path)} is larger than 256 KiB", "That is no configuration")
    return data.decode("utf-8-sig")


def _without_waiting(path: str, flags: int) -> int:
    """Open what may be a pipe that nobody writes to."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _refuse_foreign(path: Path, owners: set[int]) -> None:
    if not owners <= _trusted():
        raise UsageError(
            f"{shown(path)} belongs to another user, and your deliveries are none of theirs",
            "Make it yours (chown), remove it, or work in a folder of your own",
        )


def _trusted() -> set[int]:
    """Return whose files are heeded: one's own, the system's, the working folder's owner's."""
    if sys.platform == "win32":
        return {0}
    return {os.geteuid(), 0, Path.cwd().stat().st_uid}
