"""Apps behind TLS: which certificates are taken, and what is said of the others."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from hookcli.forwarder import Forwarder, reachable
from hookcli.routes import endpoint
from tests.apps import HOST, OK, answering, make_delivery, running
from tests.ngrok_edge.certificates import make_certificates

if TYPE_CHECKING:
    from pathlib import Path

    from tests.apps import App, Line


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """Return what an app with a certificate of an authority of its own needs."""
    make_certificates(tmp_path, [])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    return context


async def error_of(app: App, *, url: str | None = None) -> str | None:
    """Send to an app; return what went wrong."""
    async with Forwarder(timeout_s=5) as forwarder:
        sent = await forwarder.send(make_delivery(), endpoint(url or app.url), b"{}")
    return sent.attempt.error


async def test_a_trusted_certificate_is_taken(
    tls: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this computer trusts can be added to."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    async with running(answering(OK), tls) as app, Forwarder(timeout_s=5) as forwarder:
        for _ in range(2):
            sent = await forwarder.send(make_delivery(), app.endpoint, b"{}")

    assert sent.attempt.error is None
    assert sent.attempt.endpoint == f"https://{HOST}:{app.port}"
    assert app.connections == 1


async def test_a_certificate_that_is_not_trusted_is_named(tls: ssl.SSLContext) -> None:
    async with running(answering(OK), tls) as app:
        error = await error_of(app)

    assert error
    assert error.startswith(f"The certificate of {HOST} is not trusted: ")
    assert app.requests == []


async def test_any_certificate_is_taken_where_that_is_asked_for(tls: ssl.SSLContext) -> None:
    async with running(answering(OK), tls) as app:
        async with Forwarder(timeout_s=5, insecure=True) as forwarder:
            sent = await forwarder.send(make_delivery(), app.endpoint, b"{}")
        there = await reachable(app.endpoint)

    assert sent.attempt.status == 200
    assert there


async def test_an_app_without_tls_is_said_to_have_none() -> None:
    async def plain(line: Line) -> None:
        await line.reader.read(1)
        await line.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with running(plain) as app:
        error = await error_of(app, url=f"https://{HOST}:{app.port}")

    assert error
    assert error.startswith(f"{HOST}:{app.port} does not speak TLS as it should: ")


async def test_an_app_that_wants_tls_is_told_without_it(tls: ssl.SSLContext) -> None:
    """It hangs up, or says something that is not HTTP."""
    async with running(answering(OK), tls) as app:
        error = await error_of(app, url=f"http://{HOST}:{app.port}")

    assert error == f"{HOST}:{app.port} closed the connection without an answer"
