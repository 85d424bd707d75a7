"""The options that give secrets, and where these are read: variables and files."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hookcli.config_files import shown
from hookcli.errors import UsageError
from hookcli.options import option
from hookcli.secret import Read, parse, split
from hookcli.text import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookcli.secret import Secret

F = TypeVar("F", bound="Callable[..., Any]")

GROUP = "Signatures"
HOW_TO_GIVE = "Give one: --secret github=env:NAME, HOOKCLI_SECRET, or [secrets] in hookcli.toml"

_LARGEST = 64 * 1024
"""Bytes of a secret; a certificate has a few thousand."""
_LAST_BREAK = re.compile(r"\r?\n\Z")


def secret(text: str) -> str:
    """Return a SECRET as it was written, not read yet. Raises UsageError."""
    split(text)
    return text


def secret_option(function: F) -> F:
    """Let a command check signatures; the parameter is `secret`, for `secrets_given`."""
    return _secret_option(
        "What signatures are checked with: github=env:NAME, stripe=@FILE, or for any provider"
        " a secret alone. May be given several times. Also HOOKCLI_SECRET."
    )(function)


def signing_option(function: F) -> F:
    """Let a command sign; the parameter is `secret`, for `secrets_given`."""
    return _secret_option(
        "What it is signed with: github=env:NAME, stripe=@FILE, or for any provider a secret alone;"
        " a private key where there are key pairs. Also HOOKCLI_SECRET."
    )(function)


def _secret_option(told: str) -> Callable[[F], F]:
    return option(
        "--secret",
        group=GROUP,
        type=secret,
        multiple=True,
        metavar="SECRET",
        envvar="HOOKCLI_SECRET",
        help=told,
    )


def require_signature_option(function: F) -> F:
    """Let a command refuse what is not signed rightly: `require_signature`."""
    return option(
        "--require-signature",
        group=GROUP,
        is_flag=True,
        help="Answer 401 to whatever is not valid: kept and shown all the same, not forwarded.",
    )(function)


def secret_options(function: F) -> F:
    """Let a command check signatures, and insist on them: `secret`, `require_signature`."""
    return secret_option(require_signature_option(function))


def secrets_given(given: Mapping[str, Any]) -> tuple[Secret, ...]:
    """Return the secrets that these options name, read where they are.

    Raises UsageError where one cannot be read, and where signatures are required and there is
    nothing to check them with. Warns of files that everybody can read.
    """
    secrets = tuple(_read(text) for text in given["secret"])
    if given.get("require_signature") and not any(each.second is None for each in secrets):
        raise UsageError("--require-signature needs a secret to check signatures with", HOW_TO_GIVE)
    return secrets


def _read(text: str) -> Secret:
    try:
        return parse(text, _look_up)
    except UsageError as error:
        raise UsageError(f"--secret: {error.message}", error.hint) from None


def _look_up(reference: str) -> Read:
    """Return what `env:NAME` or `@FILE` stands for. Raises UsageError."""
    if reference.startswith("@"):
        return _from_file(reference[1:])
    name = reference.removeprefix("env:")
    value = os.environ.get(name)
    if value is None:
        raise UsageError(f"there is no variable {name!r}", f"Set it: export {name}=SECRET")
    return Read(value, f"env {name}")


def _from_file(path: str) -> Read:
    """Return what is in a file, without the line break that editors put at its end."""
    path = os.path.expanduser(path)  # noqa: PTH111 - which no shell does behind an @
    name = shown(Path(path)).removeprefix("./")
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - may be a pipe: @<(pass github)
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(
            f"{name} cannot be read: {error.strerror}", "@FILE names a file with a secret in it"
        ) from None
    if len(data) > _LARGEST:
        raise UsageError(f"{name} is larger than 64 KiB", "That is no secret")
    if os.name == "posix" and stat.S_ISREG(mode) and mode & stat.S_IROTH:
        _warn(f"Everybody on this computer can read {name}", f"chmod 600 {quote(name)}")
    text = data.decode("utf-8-sig", "surrogateescape")
    return Read(_LAST_BREAK.sub("", text), f"file {name}")


def _warn(message: str, hint: str) -> None:
    click.echo(escape(f"Notice: {message}\nHint: {hint}", keep_newline=True), err=True)
