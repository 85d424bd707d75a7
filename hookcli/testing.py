"""Sends deliveries to an app in tests: over HTTP, or as WSGI or ASGI within the process."""

from __future__ import annotations

import asyncio
import http.client
import inspect
import io
import re
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from hookcli.errors import HookError
from hookcli.routes import endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookcli.delivery import Delivery
    from hookcli.routes import Endpoint

_NAMED = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)(\(\))?")
_WAIT_S = 30
_FRAMING = {"content-length", "transfer-encoding"}


class _Plain(http.client.HTTPConnection):
    """Sends a request line whose characters are a byte each."""

    def _encode_request(self, request: str) -> bytes:
        return request.encode("latin-1")


class _Secure(_Plain, http.client.HTTPSConnection):
    """The same over TLS."""


_CONNECTIONS = {"http": _Plain, "https": _Secure}


def send(delivery: Delivery, app: str) -> tuple[int, str]:
    """Send a delivery, as it is; return the status and the text of the answer.

    `app` is a URL as `hookcli replay --to` takes it, or `module:app` or `module:make_app()` of
    WSGI or ASGI, importable from the working folder. Raises HookError where there is no app.
    """
    if (named := _NAMED.fullmatch(app)) is None:
        status, body = _over_http(delivery, endpoint(app))
    elif inspect.iscoroutinefunction(found := _imported(*named.groups())) or (
        inspect.iscoroutinefunction(getattr(found, "__call__", None))  # noqa: B004 - not callable()
    ):
        status, body = asyncio.run(asyncio.wait_for(_asgi(delivery, found), _WAIT_S))
    else:
        status, body = _wsgi(delivery, found)
    return status, body.decode("utf-8", "replace")


def _imported(module: str, name: str, call: str | None) -> Any:
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise HookError(
            f"There is no app {module}:{name}: {error}", "Name it module:app"
        ) from error
    return found() if call else found


def _over_http(delivery: Delivery, to: Endpoint) -> tuple[int, bytes]:
    connection = _CONNECTIONS[to.scheme](*to.address, timeout=_WAIT_S)
    try:
        target = to.request_target(delivery)
        connection.putrequest(delivery.method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", to.host)
        for name, value in _headers(delivery):
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders(delivery.body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError as error:
        raise HookError(f"{to.url} does not answer: {error}", "Start the app first") from error
    finally:
        connection.close()


def _headers(delivery: Delivery) -> Iterable[tuple[str, str]]:
    """Yield the headers, but for Host, and in its place the length that the body has."""
    unframed = True
    for name, value in delivery.headers:
        if name.lower() not in {"host", *_FRAMING}:
            yield name, value
        elif name.lower() in _FRAMING and unframed:
            unframed = False
            yield "Content-Length", str(delivery.size)
    if delivery.size and unframed:
        yield "Content-Length", str(delivery.size)


def _wsgi(delivery: Delivery, app: Any) -> tuple[int, bytes]:
    said: list[str] = []
    written = io.BytesIO()

    def start_response(status: str, _: object, exc_info: Any = None) -> Any:
        if exc_info:
            raise exc_info[1].with_traceback(exc_info[2])
        said.append(status)
        return written.write

    pieces = app(_environ(delivery), start_response)
    try:
        body = b"".join(pieces)
    finally:
        if hasattr(pieces, "close"):
            pieces.close()
    return int(said[-1].split()[0]), written.getvalue() + body


def _environ(delivery: Delivery) -> dict[str, Any]:
    headers = {"CONTENT_LENGTH": str(delivery.size)}
    for name, value in [("Host", _host(delivery)), *_headers(delivery)]:
        key = name.upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        joined = key in headers and key != "CONTENT_LENGTH"
        headers[key] = f"{headers[key]},{value}" if joined else value
    return {
        **headers,
        "REQUEST_METHOD": delivery.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(_path(delivery)).decode("latin-1"),
        "QUERY_STRING": delivery.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(delivery.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": True,
    }


async def _asgi(delivery: Delivery, app: Any) -> tuple[int, bytes]:
    coming = [{"type": "http.request", "body": delivery.body, "more_body": False}]
    status, body = 500, bytearray()

    async def receive() -> dict[str, Any]:
        return coming.pop() if coming else {"type": "http.disconnect"}

    async def answer(message: dict[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        body.extend(message.get("body", b""))

    await app(_scope(delivery), receive, answer)
    return status, bytes(body)


def _scope(delivery: Delivery) -> dict[str, Any]:
    path = _path(delivery)
    pairs = [("Host", _host(delivery)), *_headers(delivery)]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": delivery.method,
        "scheme": "http",
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path,
        "query_string": delivery.query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs],
        "client": ("127.0.0.1", 0),
        "server": ("localhost", 80),
    }


def _path(delivery: Delivery) -> bytes:
    return delivery.path.removesuffix("?").encode("latin-1", "replace")


def _host(delivery: Delivery) -> str:
    return delivery.headers.get("host") or "localhost"
