"""What is exported as an HTTP archive is what the published schema of HAR 1.2 says."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft6Validator
from referencing import Registry
from referencing.jsonschema import DRAFT6

from tests.end_to_end.npm import fetched
from tests.end_to_end.support import run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("npm") is None, reason="npm, which has the schema, is missing"),
]

PACKAGE = "har-schema@2.0.0"
REQUESTS = [
    b"POST /a?b=c%20d&e HTTP/1.1\nHost: x.test\nCookie: a=b; c=d\n\n\xff\0",
    b"POST /a%C3%A9[] HTTP/1.0\nContent-Type: application/x-www-form-urlencoded\n\na=1&b=&c",
    b'PUT /a HTTP/1.1\nX-Hub-Signature-256: sha256=ab\nX-GitHub-Event: push\n\n{"token": "abc"}',
    b"GET / HTTP/1.1\nHost: \n\n",
]


@pytest.fixture
def schema(tmp_path: Path) -> Draft6Validator:
    """Fetch the schema, which is in several files."""
    folder = tmp_path / "schema"
    folder.mkdir()
    with fetched(PACKAGE, folder) as archive:
        found: list[dict[str, Any]] = []
        for member in archive.getmembers():
            if member.name.startswith("package/lib/") and member.name.endswith(".json"):
                file = archive.extractfile(member)
                assert file
                found.append(json.load(file))
    parts = {part["$id"]: DRAFT6.create_resource(part) for part in found}
    registry: Registry[Any] = Registry().with_resources(parts.items())
    return Draft6Validator(parts["har.json#"].contents, registry=registry)


@pytest.mark.parametrize("masked", ["--redact", "--no-redact"])
def test_an_archive_is_what_its_schema_says(
    masked: str, schema: Draft6Validator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an attempt that failed, and one that sent something else."""
    monkeypatch.setenv("HOOKCLI_STORE", f"sqlite:{tmp_path}/hooks.db")
    for request in REQUESTS:
        (tmp_path / "request.http").write_bytes(request)
        assert run("import", str(tmp_path / "request.http")).returncode == 0
    assert run("replay", "3", "--to", "127.0.0.1:1/x", "--set", "a=1").returncode == 3

    archive = json.loads(run("export", "1", "2", "3", "4", "--as", "har", masked).stdout)

    assert len(archive["log"]["entries"]) == 4
    assert [error.message for error in schema.iter_errors(archive)] == []
    assert [*schema.iter_errors({"log": {**archive["log"], "version": 1}})]
