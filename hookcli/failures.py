"""Why a send failed, in a sentence for a person."""

from __future__ import annotations

import errno
import os
import re
import socket
import ssl

from aiohttp import ClientError
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from hookcli.text import escape

_LONGEST = 100
"""Characters that are shown of what others say."""


class BreakOffError(Exception):
    """The answer ends before its end: the app broke off, or was too slow."""


class UpgradeError(Exception):
    """The app wants to speak something else than HTTP."""


FAILURES = (OSError, ClientError, HttpProcessingError, BreakOffError, UpgradeError)
"""All that comes of an app that is down, wrong or slow."""


def sentence(
    error: BaseException, address: tuple[str, int], timeout_s: float, *, begun: bool
) -> str:
    """Say what `error`, one of FAILURES, means; `begun` is whether the app had begun to answer.

    Nothing in it can act on a terminal.
    """
    host, port = address
    app = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    match error:
        case TimeoutError(errno=None):
            what = f"The answer of {app} did not end" if begun else f"No answer from {app}"
            what = f"{what} within {timeout_s:g} s"
        case UpgradeError():
            what = f"{app} answered 101, to change the protocol, which nobody asked for"
        case LineTooLong():
            what = f"{app} answered with a header that is too long"
        case HttpProcessingError():
            what = f"{app} did not answer in HTTP: {_short(error.message)}"
        case ClientError() | BreakOffError() if begun:
            what = f"{app} broke off in the middle of its answer"
        case ClientError() | BreakOffError():
            what = f"{app} closed the connection without an answer"
        case _:
            what = _unconnected(error, host, app)
    return what


def _unconnected(error: BaseException, host: str, app: str) -> str:
    """Say why there is no connection, also where several addresses were tried."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The certificate of {host} is not trusted: {_short(error.verify_message)}"
    if isinstance(error, ssl.SSLError):
        reason = re.sub(r"^\[[^]]*\] | \(_ssl\S*\)$", "", str(error))
        return f"{app} does not speak TLS as it should: {_short(reason)}"
    if isinstance(error, socket.gaierror):
        return f"The name {host} cannot be resolved"
    tried = re.search(r"\[Errno (\d+)\]", str(error))
    number = int(tried[1]) if tried else None
    if number == errno.ECONNREFUSED or isinstance(error, ConnectionRefusedError):
        return f"Nothing listens on {app}"
    return f"No connection to {app}: {os.strerror(number) if number else _short(str(error))}"


def _short(text: str) -> str:
    first = text.strip().partition("\n")[0].rstrip(":.")
    return escape(first[:_LONGEST])
