"""An HTTP archive has what was received, and every answer to it, as HAR 1.2 wants it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from hookcli.delivery import Attempt, Changed, Delivery, Headers
from hookcli.exporting.har import HEAD, TAIL, entries
from hookcli.exporting.items import Item

AT = datetime(2026, 11, 24, 22, 35, 1, 123456, tzinfo=UTC)


def an(**properties: Any) -> dict[str, Any]:
    """Return the schema of an object that has all of these."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def some(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema}


TEXT = {"type": "string"}
SIZE = {"type": "integer", "minimum": -1}
TIME = {"type": "number", "minimum": -1}
PAIRS = some(an(name=TEXT, value=TEXT))
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
MESSAGE = {
    "httpVersion": TEXT,
    "cookies": PAIRS,
    "headers": PAIRS,
    "headersSize": SIZE,
    "bodySize": SIZE,
}
REQUEST = an(method=TEXT, url={**TEXT, "pattern": "^https?://"}, queryString=PAIRS, **MESSAGE)
REQUEST["properties"]["postData"] = an(mimeType=TEXT, text=TEXT)
REQUEST["properties"]["postData"]["properties"]["params"] = PAIRS
RESPONSE = an(
    status={"type": "integer"},
    statusText=TEXT,
    content=an(size=SIZE, mimeType=TEXT),
    redirectURL=TEXT,
    **MESSAGE,
)
ENTRY = an(
    startedDateTime=MOMENT,
    time={**TIME, "minimum": 0},
    request=REQUEST,
    response=RESPONSE,
    cache={"type": "object"},
    timings=an(send=TIME, wait=TIME, receive=TIME),
)
HAR = an(log=an(version={"const": "1.2"}, creator=an(name=TEXT, version=TEXT), entries=some(ENTRY)))
"""What the specification requires of an archive."""


def archived(*items: Item) -> list[dict[str, Any]]:
    """Return the entries of an archive, which is a valid one."""
    har = json.loads(HEAD + ",\n".join(map(entries, items)) + TAIL)
    jsonschema.validate(har, HAR)
    found: list[dict[str, Any]] = har["log"]["entries"]
    return found


def make_item(*attempts: Attempt, **fields: Any) -> Item:
    usual: dict[str, Any] = {
        "method": "POST",
        "path": "/a",
        "query": "b=c%20d",
        "headers": Headers([("Host", "x.test"), ("Cookie", "a=b; c=d")]),
        "received_at": AT,
        "id": 42,
    }
    return Item(Delivery(**{**usual, **fields}), attempts)


def make_attempt(**fields: Any) -> Attempt:
    usual: dict[str, Any] = {"kind": "forward", "started_at": AT, "duration_ms": 12.5}
    return Attempt(**{**usual, **fields})


def test_an_entry_has_the_request_and_its_answer() -> None:
    answer = make_attempt(
        status=302, headers=Headers([("Location", "/x"), ("Content-Type", "text/plain")]), body=b"x"
    )

    [entry] = archived(make_item(answer, body=b'{"a": "\xc3\xa9"}'))

    assert entry["startedDateTime"] == "2026-11-24T22:35:01.123456Z"
    assert entry["time"] == entry["timings"]["wait"] == 12.5
    assert entry["request"]["url"] == "http://x.test/a?b=c%20d"
    assert entry["request"]["queryString"] == [{"name": "b", "value": "c d"}]
    assert entry["request"]["cookies"][1] == {"name": "c", "value": "d"}
    assert entry["request"]["postData"]["text"] == '{"a": "é"}'
    assert entry["response"]["status"] == 302
    assert entry["response"]["redirectURL"] == "/x"
    assert entry["response"]["content"] == {"size": 1, "mimeType": "text/plain", "text": "x"}


def test_each_attempt_is_an_entry() -> None:
    """One without an answer too: its status is 0, as browsers have it."""
    attempts = [make_attempt(error="Nothing listens"), make_attempt(status=200, kind="replay")]

    first, second = archived(make_item(*attempts))

    assert (first["response"]["status"], second["response"]["status"]) == (0, 200)
    assert first["request"]["url"] == second["request"]["url"] == "http://x.test/a?b=c%20d"
    assert first["_hookcli"]["error"] == "Nothing listens"
    assert second["_hookcli"]["kind"] == "replay"


@pytest.mark.parametrize(
    ("to", "request_", "url"),
    [
        ("http://127.0.0.1:3000", None, "http://127.0.0.1:3000/a?b=c%20d"),
        ("http://127.0.0.1:3000/x", None, "http://127.0.0.1:3000/x?b=c%20d"),
        ("http://127.0.0.1:3000/x", "/x?b=\xff", "http://127.0.0.1:3000/x?b=%FF"),
        ("ftp://x", None, "http://x.test/a?b=c%20d"),
    ],
)
def test_what_was_sent_again_has_the_url_it_went_to(
    to: str, request_: str | None, url: str
) -> None:
    changed = request_ and Changed(method="PUT", path=request_, headers=Headers(), body=b"")

    [entry] = archived(make_item(make_attempt(kind="replay", endpoint=to, request=changed)))

    assert entry["request"]["url"] == url
    assert entry["request"]["queryString"][0]["name"] == "b"


def test_a_delivery_without_an_attempt_is_one_entry() -> None:
    [entry] = archived(make_item())

    assert entry["response"]["status"] == 0
    assert "postData" not in entry["request"]


def test_what_was_sent_in_its_place_is_the_request() -> None:
    changed = Changed(method="PUT", path="/a", headers=Headers([("A", "1")]), body=b"new")

    [entry] = archived(make_item(make_attempt(request=changed), body=b"old"))

    assert entry["request"]["method"] == "PUT"
    assert entry["request"]["headers"] == [{"name": "A", "value": "1"}]
    assert entry["request"]["postData"]["text"] == "new"


def test_binary_is_in_base64() -> None:
    [entry] = archived(make_item(make_attempt(status=200, body=b"\xff"), body=b"\xff\0"))

    assert entry["request"]["postData"]["text"] == "/wA="
    assert entry["request"]["postData"]["_encoding"] == "base64"
    assert entry["response"]["content"]["encoding"] == "base64"


def test_a_form_has_its_fields() -> None:
    form = Headers([("Content-Type", "application/x-www-form-urlencoded")])

    [entry] = archived(make_item(headers=form, body=b"a=1&b="))

    assert entry["request"]["postData"]["params"][1] == {"name": "b", "value": ""}


@pytest.mark.parametrize("query", ["&".join(["a=1"] * 10_001), "\xff\u2028=\x1b"])
def test_hostile_values_make_no_other_archive(query: str) -> None:
    text = entries(make_item(query=query, headers=Headers([("A", "\x1b\u202e\xff")])))

    assert text.isascii()
    assert text.isprintable()
    assert archived(make_item(query=query))
