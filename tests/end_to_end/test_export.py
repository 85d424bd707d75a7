"""Captured, exported, run and captured again: it is the same request; and tests test an app."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.support import ISSUE, LISTEN, Running, environment, run

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

README = Path(__file__).parent.parent.parent / "README.md"
FLASK = re.compile(r"^```python\n# app\.py\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BIN = Path(sys.executable).parent

SECRET = "It's a Secret to Everybody"
DIGEST = hmac.new(SECRET.encode(), ISSUE, hashlib.sha256).hexdigest()
HEADERS = [
    ("User-Agent", "GitHub-Hookshot/044aadd"),
    ("Accept", "*/*"),
    ("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
    ("x-github-event", "issues"),
    ("X-Hub-Signature-256", f"sha256={DIGEST}"),
    ("X-Odd", 'it\'s "$(id)" `id` \\ ! %s 100%'),
    ("X-Empty", ""),
    ("Content-Type", "application/json"),
    ("Content-Length", str(len(ISSUE))),
]
PATH = "/github?a=%20b&c"

ASGI = """
import hashlib
import hmac
import os

SECRET = os.environ["GITHUB_WEBHOOK_SECRET"].encode()


async def app(scope, receive, send):
    body = (await receive())["body"]
    expected = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    given = dict(scope["headers"])[b"x-hub-signature-256"].decode()
    status = 204 if hmac.compare_digest(given, expected) else 400
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Use a store of the test's own, from a folder of the test's own."""
    url = f"sqlite:{tmp_path}/hooks.db"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOOKCLI_STORE", url)
    return url


@pytest.fixture
def local_url(store: str, tmp_path: Path) -> Iterator[str]:
    """Receive one delivery; go on listening."""
    with Running(tmp_path, *LISTEN, "--store", store) as hookcli:
        connection = http.client.HTTPConnection(urlsplit(hookcli.local_url).netloc, timeout=10)
        connection.putrequest("POST", PATH, skip_accept_encoding=True)
        for name, value in HEADERS:
            connection.putheader(name, value)
        connection.endheaders(ISSUE)
        assert connection.getresponse().status == 200
        connection.close()
        yield hookcli.local_url


def captured() -> list[dict[str, Any]]:
    """Return all that was received."""
    return [json.loads(line) for line in run("list", "-n", "9").stdout.splitlines()]


def exported(*arguments: str) -> bytes:
    ended = run("export", "1", *arguments)
    assert (ended.returncode, ended.stderr) == (0, b"")
    return ended.stdout


def test_it_is_the_same_request_again(local_url: str) -> None:
    """By curl, HTTPie, requests, pytest, and as a request that is imported."""
    env = environment() | {"PATH": f"{BIN}:{os.environ['PATH']}", "HOOKCLI_APP": local_url}
    env["GITHUB_WEBHOOK_SECRET"] = SECRET
    Path("test_again.py").write_bytes(exported("--as", "pytest", "--no-redact"))
    Path("again.http").write_bytes(run("show", "1", "--format", "http").stdout)

    for command, given in (
        (["sh"], exported("--as", "curl")),
        (["sh"], exported("--as", "httpie")),
        ([sys.executable, "-"], exported("--as", "python")),
        ([sys.executable, "-m", "pytest", "-q", "test_again.py"], b""),
    ):
        subprocess.run(command, input=given, env=env, check=True, stdout=subprocess.DEVNULL)
    assert run("import", "again.http").returncode == 0

    first, *others = captured()
    assert [other["id"] for other in others] == [2, 3, 4, 5, 6]
    for other in others:
        for key in ("method", "path", "query", "http_version", "body", "size", "event"):
            assert other[key] == first[key]
        assert sorted(other["headers"]) == sorted(first["headers"])
    for other in (each for each in others if each["id"] != 3):  # HTTPie has an order of its own
        assert other["headers"] == first["headers"]


@pytest.mark.usefixtures("local_url")
@pytest.mark.parametrize("app", ["flask", "asgi"])
def test_an_exported_test_tests_an_app(app: str) -> None:
    """As it is, without a secret and without a server; it fails where the app does."""
    recipe = FLASK.search(README.read_text("utf-8"))
    assert recipe
    Path("app.py").write_text(recipe[1] if app == "flask" else ASGI)
    test = exported("--as", "pytest")
    Path("test_it.py").write_bytes(test)
    Path("test_broken.py").write_bytes(test.replace(b"return sign(", b"return delivery\n    sign("))
    env = environment() | {"HOOKCLI_APP": "app:app"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]

    passed = subprocess.run([*command, "test_it.py"], env=env, capture_output=True, check=False)
    failed = subprocess.run([*command, "test_broken.py"], env=env, capture_output=True, check=False)

    assert (passed.returncode, failed.returncode) == (0, 1), passed.stdout.decode()
    assert b"AssertionError: 400" in failed.stdout


@pytest.mark.usefixtures("local_url")
def test_records_go_to_another_store(tmp_path: Path) -> None:
    """Through a pipe; what comes back is what was there."""
    other = f"sqlite:{tmp_path}/other.db"
    hookcli = f"{sys.executable} -m hookcli"

    subprocess.run(
        ["sh", "-c", f"{hookcli} list | {hookcli} import - --store {other}"],
        check=True,
        stderr=subprocess.DEVNULL,
    )

    [record] = captured()
    assert json.loads(run("show", "--store", other).stdout) == record
