"""The code of every vector, by the table of what hookcli says of each reason."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from hookcli.delivery import Delivery, Headers
from hookcli.signatures.request import Request
from tests.signatures.cases import as_secret, told

LINES = (Path(__file__).parent.parent / "data/signature-vectors.ndjson").read_text("utf-8")
VECTORS = [vector for vector in map(json.loads, LINES.splitlines()) if not vector["valid"]]

LOST = ("sorted-keys", "odd-number-spacing", "path-differs", "v2-url-mismatch", "tunnel-host")
"""In the names of those whose original cannot be known, unless nothing was lost by chance."""

BODY = {"body_changed"}
SECRET = {"wrong_secret"}
FORM = {"malformed_signature"}
CODES = {
    "missing_signature": {"missing_signature"},
    "missing_id": {"missing_signature"},
    "missing_timestamp": {"missing_signature"},
    "malformed_signature": FORM,
    "malformed_timestamp": FORM,
    "wrong_encoding": FORM,
    "wrong_algorithm": FORM | {"mismatch"},
    "expired_timestamp": {"expired_timestamp"},
    "future_timestamp": {"future_timestamp"},
    "secret_whitespace": SECRET,
    "secret_not_decoded": SECRET,
    "secret_decoded": SECRET,
    "trailing_newline": BODY,
    "newlines_converted": BODY,
    "charset_mangled": BODY,
    "form_decoded": BODY,
    "body_reencoded": BODY,
    "url_mismatch": {"url_mismatch"},
    "wrong_secret": {"mismatch", "wrong_secret"},
}


def request_of(vector: dict[str, Any]) -> Request:
    """Return what a vector's receiver got."""
    url = urlsplit(vector["url"])
    delivery = Delivery(
        method=vector["method"],
        path=url.path,
        query=url.query,
        headers=Headers((name, value) for name, value in vector["headers"]),
        body=base64.b64decode(vector["body_b64"]),
    )
    return Request(delivery=delivery, url=vector["url"], now=vector["now"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_every_reason_has_its_code(vector: dict[str, Any]) -> None:
    """Where the original can be rebuilt, by the general causes alone."""
    lost = vector["name"].endswith(LOST)
    due = CODES.get(vector["reason"], {"mismatch"}) | ({"mismatch"} if lost else set())
    secret = as_secret(vector["provider"], vector["secret"])

    said = told(vector["provider"], request_of(vector), secret)

    assert said.verdict.code in due
    assert vector["secret"].strip() not in said.verdict.message
