"""GitHub's samples are what its own schemas, as Octokit publishes them, say that they are."""

from __future__ import annotations

import json
import os
import shutil
import time
from typing import Any

import pytest
from jsonschema import Draft7Validator

from hookcli.sampling import Sample, made, samples_of
from tests.end_to_end.npm import fetched

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("npm") is None, reason="npm, which has the schemas, is missing"
    ),
]

PACKAGE = "@octokit/webhooks-schemas@7.6.1"


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Fetch the schemas, by the names that they have."""
    with fetched(PACKAGE, tmp_path_factory.mktemp("schemas")) as archive:
        schemas = archive.extractfile("package/schema.json")
        assert schemas
        found: dict[str, Any] = json.load(schemas)["definitions"]
    return found


def validator(definitions: dict[str, Any], sample: Sample) -> Draft7Validator:
    """Return what checks the payloads of one event."""
    event, _, action = sample.name.partition(".")
    name = f"{event}${action or 'event'}"
    return Draft7Validator({"$ref": f"#/definitions/{name}", "definitions": definitions})


@pytest.mark.parametrize("sample", [*samples_of("github")], ids=lambda sample: sample.name)
def test_a_sample_of_github_is_what_its_schema_says(
    definitions: dict[str, Any], sample: Sample
) -> None:
    """With all that has to be there, and nothing that may not."""
    payload = json.loads(made(sample, now=time.time(), random=os.urandom).body)
    schema = validator(definitions, sample)

    problems = [f"{list(error.path)}: {error.message}" for error in schema.iter_errors(payload)]
    without = [*schema.iter_errors({**payload, "sender": None})]

    assert problems == []
    assert without
