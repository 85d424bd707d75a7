"""The README's apps, as they stand there, behind hookcli: they check GitHub's signature."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest

from tests.end_to_end.support import ISSUE, LISTEN, Running, until

if TYPE_CHECKING:
    from collections.abc import Iterator

README = Path(__file__).parent.parent.parent / "README.md"
RECIPE = re.compile(r"^```python\n# (\w+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

SECRET = "It's a Secret to Everybody"

FLASK = """
import sys
from app import app

@app.post("/odd")
def odd():
    return b"no\\xff\\n", 400, [("X-Reason", "first"), ("x-reason", "second"), ("X-E", "\\xe9")]

@app.post("/broken")
def broken():
    raise RuntimeError("broken")

app.run(port=int(sys.argv[1]))
"""

DJANGO = """
import sys
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATA_UPLOAD_MAX_MEMORY_SIZE=26_214_400,
    ROOT_URLCONF=__name__,
    SECRET_KEY="of the test",
)

from views import github

@csrf_exempt
def odd(request):
    headers = {"X-Reason": "no", "X-E": "\\xe9"}
    answer = HttpResponse(b"no\\xff\\n", status=400, headers=headers)
    answer.set_cookie("a", "1")
    answer.set_cookie("b", "2")
    return answer

@csrf_exempt
def broken(request):
    raise RuntimeError("broken")

urlpatterns = [path("github", github), path("odd", odd), path("broken", broken)]
execute_from_command_line([sys.argv[0], "runserver", "--noreload", f"127.0.0.1:{sys.argv[1]}"])
"""

MAINS = {"app.py": FLASK, "views.py": DJANGO}
"""What starts an app of the README, by its file; with errors of its own on the side."""

BODIES = {
    "application/json": [ISSUE, '{ "odd" :\t"spacing é\\u0001" }\r\n'.encode()],
    "application/x-www-form-urlencoded": [
        urlencode({"payload": ISSUE.decode()}).encode(),
        b"payload=%7b%7D&a=+&a=%20&&=%C3%A9",
    ],
    "application/octet-stream": [bytes(range(256)), bytes(range(255, -1, -1)) * 12_000, b""],
    "application/json; charset=utf-16": ['{"a": 1}'.encode("utf-16")],
}


CONNECTION = {"Connection", "Content-Length", "Date"}
"""Headers that each connection has in its own way."""


class Answer(NamedTuple):
    """What a sender got."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def send(url: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Send one delivery; return the answer, without what is of the connection."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    kept = [pair for pair in answer.getheaders() if pair[0] not in CONNECTION]
    return Answer(answer.status, kept, body)


def signed(body: bytes, kind: str, secret: str = SECRET) -> dict[str, str]:
    """Return the headers of GitHub's."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": kind,
        "X-GitHub-Event": "issues",
        "X-Hub-Signature-256": f"sha256={digest}",
    }


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(folder: Path, name: str) -> Iterator[str]:
    """Run an app of the README, and what is beside it; yield its URL."""
    recipes = dict(RECIPE.findall(README.read_text("utf-8")))
    (folder / name).write_text(recipes[name], "utf-8")
    (folder / "main.py").write_text(MAINS[name], "utf-8")
    port = free_port()
    with (folder / "app.log").open("wb") as log:
        app = subprocess.Popen(
            [sys.executable, "main.py", str(port)],
            cwd=folder,
            env=os.environ | {"GITHUB_WEBHOOK_SECRET": SECRET, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        until(lambda: answers(port), f"{name} to listen")
        yield f"http://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):
            app.kill()
        app.wait()


@pytest.mark.parametrize("name", MAINS)
def test_every_signature_survives(tmp_path: Path, name: str) -> None:
    """JSON, forms and bytes arrive as they were signed; what was changed does not pass."""
    with (
        running(tmp_path, name) as app,
        Running(tmp_path, *LISTEN, "--forward", app, "--format", "records") as hookcli,
    ):
        url = hookcli.local_url
        for kind, bodies in BODIES.items():
            for body in bodies:
                right, wrong = signed(body, kind), signed(body, kind, "another")
                assert send(url, "/github", body, right).status == 204, (kind, body[:80])
                assert send(url, "/github", body + b" ", right).status == 400
                assert send(url, "/github", body, wrong).status == 400
        sent = 3 * sum(map(len, BODIES.values()))
        until(lambda: hookcli.out.read_text().count('"type":"attempt"') == sent, "all attempts")

    records = [json.loads(line) for line in hookcli.out.read_text().splitlines()]
    attempts = [record for record in records if record["type"] == "attempt"]
    assert {attempt["kind"] for attempt in attempts} == {"forward"}
    assert [attempt["status"] for attempt in attempts] == [204, 400, 400] * (sent // 3)


@pytest.mark.parametrize("name", MAINS)
def test_errors_come_back_unchanged(tmp_path: Path, name: str) -> None:
    """Status, headers in their order and number, and body: as without hookcli."""
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": "sha256=é"}
    with (
        running(tmp_path, name) as app,
        Running(tmp_path, *LISTEN, "--forward", app) as hookcli,
    ):
        url = hookcli.local_url
        paths = ("/github", "/odd", "/broken", "/nowhere")
        direct = [send(app, path, b"{}", headers) for path in paths]
        through = [send(url, path, b"{}", headers) for path in paths]

    assert [answer.status for answer in direct] == [400, 400, 500, 404]
    assert direct[1].body == b"no\xff\n"
    assert through == direct
