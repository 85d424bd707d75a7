"""Where files go, whatever was received."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import Delivery, Headers
from hookcli.errors import UsageError
from hookcli.filenames import FIELDS, compile_template, extension, numbered

AT = datetime(2026, 11, 24, 22, 35, 1, 123456, tzinfo=UTC)
JSON = Headers([("Content-Type", "application/json")])


def make_delivery(
    event: str | None = "issues", action: str | None = "opened", delivery_id: str | None = "72d3"
) -> Delivery:
    return Delivery(
        id=42,
        method="POST",
        path="/",
        headers=JSON,
        received_at=AT,
        provider="github",
        event=event,
        action=action,
        delivery_id=delivery_id,
    )


def names(template: str, delivery: Delivery) -> list[str]:
    return compile_template(template).names(delivery, b"{}")


def test_every_field_is_filled_in() -> None:
    template = "/".join(f"{{{field}}}" for field in FIELDS)

    assert names(template, make_delivery()) == [
        "github",
        "issues",
        "opened",
        "42",
        "72d3",
        "2026-11-24",
        "223501.123456",
        "POST",
        ".json",
    ]


def test_a_missing_value_is_none() -> None:
    assert names("{event}-{action}", make_delivery(None, "")) == ["none-none"]


@pytest.mark.parametrize("text", ["hooks", "hooks/", "hooks//"])
def test_a_plain_folder_gets_a_file_a_delivery(text: str) -> None:
    template = compile_template(text)

    assert template.folder == "hooks/"
    assert template.names(make_delivery(), b"{}") == [
        "2026-11-24",
        "223501.123456-github-issues-opened-42.json",
    ]


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("{id}", ""),
        ("x-{id}", ""),
        ("hooks/x-{id}", "hooks/"),
        ("/tmp/a/{event}/b/{id}.json", "/tmp/a/"),
        ("/{id}", "/"),
        ("../{id}", "../"),
        ("a{{b}}/{id}", "a{b}/"),
        ("v1.2/", "v1.2/"),
        ("..", "../"),
    ],
)
def test_the_folder_is_what_stands_before_the_first_field(text: str, folder: str) -> None:
    assert compile_template(text).folder == folder


def test_one_that_ends_in_http_holds_whole_requests() -> None:
    assert compile_template("hooks/{id}.http").whole_request
    assert not compile_template("hooks/{id}{ext}").whole_request


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{evnt}.json", "Did you mean {event}?"),
        ("{}.json", "There is: {provider}, {event}"),
        ("{id.x}", "There is: "),
        ("{id:05}", "Write {id} and nothing more"),
        ("{id!r}", "Write {id} and nothing more"),
        ("{id", "A field looks like {event}"),
        ("id}", "A field looks like {event}"),
        ("payload.json", "Did you mean payload-{id}.json? A folder of that name: payload.json/"),
        ("hooks/x.http", "Did you mean hooks/x-{id}.http?"),
        ("{date}/", "Add the file's name: {date}/{id}{ext}"),
        ("{date}/../{id}", "only in front of the first"),
        ("{date}/..", "only in front of the first"),
        ("", "hooks/{date}"),
    ],
)
def test_a_wrong_template_is_a_usage_error_that_helps(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        compile_template(text)

    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ("invoice.paid", "invoice.paid.json"),
        ("../../etc/passwd", "_.._etc_passwd.json"),
        ("..", "none.json"),
        ("-rf", "rf.json"),
        (".bashrc", "bashrc.json"),
        ("a\0b\x1b[31m\u202e\u200bc", "a_b__31m__c.json"),
        ("a\\b:c", "a_b_c.json"),
        ("CON", "_CON.json"),
        ("com1.x", "_com1.x.json"),
        ("icon", "icon.json"),
    ],
)
def test_a_received_value_is_made_safe(event: str, name: str) -> None:
    assert names("{event}.json", make_delivery(event)) == [name]


@pytest.mark.parametrize(
    ("template", "name"), [("{event}. . ", "CON"), (".{event}", ".none"), ("nul.{id}", "_nul.42")]
)
def test_the_whole_name_is_made_safe_too(template: str, name: str) -> None:
    event = "CON" if name == "CON" else None

    assert names(template, make_delivery(event)) == [f"_{name}" if event else name]


def test_a_long_value_gives_way_to_the_others() -> None:
    name = names("{event}-{delivery_id}-{id}{ext}", make_delivery("e" * 300))[0]

    assert len(name) <= 255
    assert name.endswith("e-72d3-42.json")


@pytest.mark.parametrize("template", ["{event}.json", "{id}" + "é" * 300 + ".json"])
def test_a_name_of_any_length_fits_with_its_number(template: str) -> None:
    name = names(template, make_delivery("e" * 300))[0]
    second = numbered(name, 2)

    assert len(os.fsencode(name)) <= 255
    assert len(os.fsencode(second)) <= 255
    assert second.endswith("-2.json")


def test_the_number_stands_before_the_extension() -> None:
    assert numbered("x.json", 1) == "x.json"
    assert numbered("x.json", 2) == "x-2.json"
    assert numbered("223501.123456-x", 3) == "223501.123456-x-3"


@pytest.mark.parametrize(
    ("kind", "start", "expected"),
    [
        ("application/json; charset=utf-8", b"", ".json"),
        ("application/vnd.api+json", b"x", ".json"),
        ("application/x-www-form-urlencoded", b"payload=%7B", ".txt"),
        ("application/x-www-form-urlencoded", b'{"a":1}', ".json"),
        ("", b"\n [1]", ".json"),
        ("text/html", b"{", ".html"),
        ("application/soap+xml", b"", ".xml"),
        ("", b"<?xml version", ".xml"),
        ("application/octet-stream", b"\xff\x00", ".bin"),
        ("text/plain", b"a\0b", ".bin"),
        ("", "é".encode()[:1], ".txt"),
        ("application/json", b"\x1f\x8b\x08", ".gz"),
    ],
)
def test_the_extension_tells_the_content(kind: str, start: bytes, expected: str) -> None:
    assert extension(Headers([("Content-Type", kind)]), start) == expected


hostile = st.text() | st.sampled_from(["..", "/", "CON", "nul.", "\0", "~", "a" * 300])


@given(
    st.lists(st.sampled_from([*(f"{{{field}}}" for field in FIELDS), ".", "/", "-"]), min_size=1),
    hostile,
    hostile,
    st.binary(max_size=20),
)
def test_no_name_is_a_way_out(pieces: list[str], event: str, action: str, start: bytes) -> None:
    """Whatever the values, each name is one plain name of at most 255 bytes."""
    template = compile_template("x/{id}" + "".join(pieces) + "{event}")
    made = template.names(make_delivery(event, action, event), start)

    assert len(made) == len(template.parts)
    for name in made:
        assert re.fullmatch(r"[A-Za-z0-9._+@=,-]{1,255}", name)
        assert not name.endswith(".")


@given(st.text(st.sampled_from("{}/.ab:!\0 id")) | st.text())
def test_any_template_is_read_or_refused(text: str) -> None:
    try:
        template = compile_template(text)
    except UsageError:
        return

    assert ".." not in template.names(make_delivery(), b"")
