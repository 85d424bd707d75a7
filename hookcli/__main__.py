"""The way in: runs the command line, and says in one place what went wrong."""

from __future__ import annotations

import os
import sys
from errno import EDQUOT, EFBIG, ENOSPC

from hookcli import __version__

_FULL = {ENOSPC, EDQUOT, EFBIG}


def main() -> int:
    """Run the command line of this process; return its exit code."""
    _open_streams()
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"hookcli {__version__}\n")
        return 0
    from hookcli import cli  # noqa: PLC0415 - `--version` must not wait for click

    try:
        code = cli.run(sys.argv[1:])
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 - the last place that can say it kindly
        return _end(error)
    return code


def _open_streams() -> None:
    """Let a stream that was closed (`>&-`) lead nowhere, as `>/dev/null` does.

    Otherwise the next file to be opened has its number, and gets what is meant for the stream.
    """
    if None not in {sys.stdin, sys.stdout, sys.stderr}:
        return
    while (file := os.open(os.devnull, os.O_RDWR)) <= 2:
        continue
    os.close(file)
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)


def _end(error: BaseException) -> int:
    """Say what ended the program, if there is anything to say; return the exit code."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, BrokenPipeError):
        _forget_stdout()
        return 0
    if os.environ.get("HOOKCLI_DEBUG"):
        _trace(error)
    if isinstance(error, KeyboardInterrupt):
        return 130
    return _tell(error)


def _tell(error: BaseException) -> int:
    from hookcli.errors import HookError, unexpected  # noqa: PLC0415 - as above
    from hookcli.text import escape  # noqa: PLC0415 - as above

    if isinstance(error, OSError) and error.errno in _FULL and error.filename is None:
        _forget_stdout()
        error = HookError(
            f"What is printed cannot be written: {error.strerror}", "Look at the disk it goes to"
        )
    elif not isinstance(error, HookError):
        error = unexpected(f"{type(error).__name__}: {error}")
    for title, text in ("Error: ", error.message), ("Hint: ", error.hint):
        # What was received may hold a newline: only our two words start a line.
        margin = "\n" + " " * len(title)
        sys.stderr.write(title + escape(text, keep_newline=True).replace("\n", margin) + "\n")
    return error.exit_code


def _trace(error: BaseException) -> None:
    from traceback import format_exception  # noqa: PLC0415 - as above

    from hookcli.text import escape  # noqa: PLC0415 - as above

    sys.stderr.write(escape("".join(format_exception(error)), keep_newline=True))


def _forget_stdout() -> None:
    """Let Python's own flush at exit succeed, though nobody reads any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
