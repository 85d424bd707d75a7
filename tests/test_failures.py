"""What a failed send is called."""

from __future__ import annotations

import errno
import socket
import ssl

import pytest
from aiohttp import ClientPayloadError, ServerDisconnectedError
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from hookcli.failures import FAILURES, UpgradeError, sentence

APP = ("127.0.0.1", 3000)


def untrusted(message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED]")
    error.verify_message = message
    return error


@pytest.mark.parametrize(
    ("error", "begun", "said"),
    [
        (ConnectionRefusedError(), False, "Nothing listens on 127.0.0.1:3000"),
        (
            OSError(f"Multiple exceptions: [Errno {errno.ECONNREFUSED}] (::1), [Errno 1]"),
            False,
            "Nothing listens on 127.0.0.1:3000",
        ),
        (
            OSError(errno.EHOSTUNREACH, "Connect call failed ('127.0.0.1', 3000)"),
            False,
            "No connection to 127.0.0.1:3000: No route to host",
        ),
        (OSError("what\nnow"), False, "No connection to 127.0.0.1:3000: what"),
        (
            TimeoutError(errno.ETIMEDOUT, "Connect call failed"),
            False,
            "No connection to 127.0.0.1:3000: Connection timed out",
        ),
        (TimeoutError(), False, "No answer from 127.0.0.1:3000 within 30 s"),
        (TimeoutError(), True, "The answer of 127.0.0.1:3000 did not end within 30 s"),
        (socket.gaierror(-2, "x"), False, "The name 127.0.0.1 cannot be resolved"),
        (
            untrusted("self-signed certificate"),
            False,
            "The certificate of 127.0.0.1 is not trusted: self-signed certificate",
        ),
        (
            ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)"),
            False,
            "127.0.0.1:3000 does not speak TLS as it should: wrong version number",
        ),
        (
            ServerDisconnectedError(),
            False,
            "127.0.0.1:3000 closed the connection without an answer",
        ),
        (ClientPayloadError(), True, "127.0.0.1:3000 broke off in the middle of its answer"),
        (
            HttpProcessingError(code=400, message="Expected HTTP/:\n\n  b'\x1b[2J'\n   ^"),
            True,
            "127.0.0.1:3000 did not answer in HTTP: Expected HTTP/",
        ),
        (
            LineTooLong(b"yyyyyyyy", 65536),
            True,
            "127.0.0.1:3000 answered with a header that is too long",
        ),
        (
            UpgradeError(),
            True,
            "127.0.0.1:3000 answered 101, to change the protocol, which nobody asked for",
        ),
    ],
)
def test_a_failure_is_told_in_a_sentence(error: Exception, begun: bool, said: str) -> None:
    assert isinstance(error, FAILURES)
    assert sentence(error, APP, 30, begun=begun) == said


def test_what_others_say_cannot_speak_to_the_terminal() -> None:
    error = HttpProcessingError(code=400, message="\x1b[2J\u202e" + "x" * 1000)

    said = sentence(error, APP, 30, begun=True)

    assert said.isprintable()
    assert len(said) < 200


def test_an_address_of_version_6_is_bracketed() -> None:
    assert sentence(ConnectionRefusedError(), ("::1", 80), 30, begun=False).endswith("[::1]:80")
