"""Fields are set where they are meant, and every other byte of the payload stays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.changes import apply_sets
from hookcli.errors import HookError, UsageError

ISSUE = (
    b'{ "issue" : {"title":"caf\\u00e9", "n":1.10, "id":12345678901234567890123} ,"tags":["a"]}\n'
)


@pytest.mark.parametrize(
    ("wanted", "old", "new"),
    [
        ("issue.title=Grüße", '"caf\\u00e9"', '"Grüße"'),
        ("issue.title=a=b:=c", '"caf\\u00e9"', '"a=b:=c"'),
        ("issue.n:=2.50", "1.10", "2.50"),
        ("issue.n=2.50", "1.10", '"2.50"'),
        ("tags[0]:=null", '"a"', "null"),
        ("tags[1]=b", '"a"', '"a","b"'),
        ('tags:=["x", 1]', '["a"]', '["x", 1]'),
        ("issue.user.login=ada", "890123}", '890123,"user":{"login":"ada"}}'),
        ("issue.labels[0].name=bug", "890123}", '890123,"labels":[{"name":"bug"}]}'),
    ],
)
def test_one_field_changes_and_nothing_else(wanted: str, old: str, new: str) -> None:
    """Spaces, escapes, numbers that no float can hold: all as it came."""
    changed = apply_sets(ISSUE, [wanted])

    assert changed.decode() == ISSUE.decode().replace(old, new)


def test_several_are_set_one_after_the_other() -> None:
    assert (
        apply_sets(b"{}", ["a:={}", "a.b=1", "a.c:=[]", "a.c[0]:=2"]) == b'{"a":{"b":"1","c":[2]}}'
    )


def test_the_last_of_repeated_members_counts() -> None:
    """As it does for who reads it."""
    assert apply_sets(b'{"a":1,"a":2}', ["a:=3"]) == b'{"a":1,"a":3}'


@pytest.mark.parametrize(
    ("wanted", "form"),
    [
        ("text=a & b", b"command=%2Fdeploy&text=a+%26+b&x=%41"),
        ("new=1", b"command=%2Fdeploy&text=hi&x=%41&new=1"),
    ],
)
def test_a_form_has_fields_too(wanted: str, form: bytes) -> None:
    assert apply_sets(b"command=%2Fdeploy&text=hi&x=%41", [wanted]) == form


@pytest.mark.parametrize("wanted", ["title", "=x", ":=1", "a..b=1", "a[x]=1", "a[0=1", "a]=1"])
def test_what_sets_nothing_is_wrong_usage(wanted: str) -> None:
    with pytest.raises(UsageError, match="sets no field"):
        apply_sets(b"{}", [wanted])


@pytest.mark.parametrize("value", ["", "hello", "NaN", "{", "[" * 100_000])
def test_what_is_no_json_is_wrong_usage(value: str) -> None:
    with pytest.raises(UsageError, match="is no JSON"):
        apply_sets(b"{}", [f"a:={value}"])


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("tags.name=x", "no object for name"),
        ("issue[0]=x", "no array for 0"),
        ("issue.title.x=y", "no object for x"),
        ("tags[3]=x", "item 3 does not follow 1"),
        ("new[1]=x", "item 1 does not follow 0"),
    ],
)
def test_where_there_is_no_place_for_it_that_is_said(wanted: str, message: str) -> None:
    with pytest.raises(HookError, match=message):
        apply_sets(ISSUE, [wanted])


@pytest.mark.parametrize("payload", [b"", b"\xff", b"hello", b'{"a":', b"[" * 100_000])
def test_what_has_no_fields_has_none_to_set(payload: bytes) -> None:
    if payload == b"":
        assert apply_sets(payload, ["a=1"]) == b"a=1"
        return
    with pytest.raises(HookError, match="neither JSON nor a form"):
        apply_sets(payload, ["a=1"])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), VALUES), VALUES, st.sampled_from([None, 1]))
def test_whatever_the_payload_is_the_field_is_what_was_asked_for(
    payload: dict[str, Any], value: Any, indent: int | None
) -> None:
    body = json.dumps(payload, indent=indent).encode()

    changed = apply_sets(body, [f"field:={json.dumps(value)}"])

    assert json.loads(changed) == payload | {"field": value}
