"""A delivery reaches the app under test as it is: over HTTP, or within the process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hookcli import Delivery, Headers
from hookcli.errors import HookError
from hookcli.reading_back import raw_request
from hookcli.testing import send
from tests.receivers import receiver

APPS = """
import json


def echo(environ, start_response):
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    names = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "HTTP_A", "HTTP_HOST")
    said = [environ.get(name) for name in names] + [body.decode("latin-1")]
    start_response("202 Accepted", [])
    return [json.dumps(said).encode()]


class Async:
    async def __call__(self, scope, receive, send):
        message = await receive()
        assert (await receive())["type"] == "http.disconnect"
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        said = [scope["method"], scope["path"], scope["query_string"].decode()]
        said += [headers.get("content-type"), headers.get("a"), headers["host"]]
        said.append(message["body"].decode("latin-1"))
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        await send({"type": "http.response.body", "body": json.dumps(said).encode()})


class shop:
    aware = Async()


def make():
    return echo


async def silent(scope, receive, send):
    pass


def broken(environ, start_response):
    raise ValueError("of the app")
"""

DELIVERY = Delivery(
    method="PUT",
    path="/caf%C3%A9",
    query="a=%20b",
    headers=Headers([("Host", "x.test"), ("A", "\xe9"), ("Content-Type", "text/plain")]),
    body=b"\0\xff",
)


@pytest.fixture(autouse=True)
def apps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the apps into the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    Path("some_apps.py").write_text(APPS)


@pytest.mark.parametrize(
    ("app", "path"),
    [
        ("some_apps:echo", "/caf\\u00c3\\u00a9"),
        ("some_apps:make()", "/caf\\u00c3\\u00a9"),
        ("some_apps:shop.aware", "/caf\\u00e9"),
    ],
)
def test_an_app_is_called_within_the_process(app: str, path: str) -> None:
    """Of WSGI or ASGI: it need not be said which."""
    status, text = send(DELIVERY, app)

    said = f'["PUT", "{path}", "a=%20b", "text/plain", "\\u00e9", "x.test", "\\u0000\\u00ff"]'
    assert (status, text) == (202, said)


def test_a_running_app_is_sent_to() -> None:
    """With its own Host, and the length that the body has."""
    with receiver() as there:
        status, text = send(DELIVERY, f"http://{there.host}")

        came = raw_request(there.received())
    assert (status, text) == (204, "")
    assert (came.method, came.target, came.body) == ("PUT", "/caf%C3%A9?a=%20b", b"\0\xff")
    assert came.headers.get("host") == there.host
    assert list(came.headers)[1:] == [*list(DELIVERY.headers)[1:], ("Content-Length", "2")]


@pytest.mark.parametrize(
    ("app", "said"),
    [
        ("some_apps:none", "There is no app some_apps:none"),
        ("no_such_module:app", "There is no app no_such_module:app"),
        ("127.0.0.1:1", "http://127.0.0.1:1 does not answer"),
        ("ftp://x", "'ftp://x' is not an HTTP URL"),
    ],
)
def test_where_there_is_no_app_it_says_so(app: str, said: str) -> None:
    with pytest.raises(HookError, match=said):
        send(DELIVERY, app)


def test_what_an_app_raises_is_seen() -> None:
    with pytest.raises(ValueError, match="of the app"):
        send(DELIVERY, "some_apps:broken")


def test_an_app_that_does_not_answer_has_failed() -> None:
    assert send(DELIVERY, "some_apps:silent") == (500, "")


def test_repeated_headers_are_joined_for_wsgi() -> None:
    headers: Any = [("A", "1"), ("a", "2"), ("Host", "y")]

    _, text = send(Delivery(method="GET", path="/", headers=Headers(headers)), "some_apps:echo")

    assert text == '["GET", "/", "", null, "1,2", "y", ""]'
