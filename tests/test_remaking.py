"""What is sent again is changed as it was meant to be, and not a byte more."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, Any

import pytest

from hookcli import remaking
from hookcli.delivery import Delivery, Headers
from hookcli.errors import HookError
from hookcli.payload import FORM
from hookcli.remaking import edited, with_headers, with_settings
from hookcli.signatures.events import Seen, delivery_id_of
from hookcli.signatures.verifying import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = "application/json"


def make(body: bytes = b'{"a":1.10}', kind: str = JSON, **fields: Any) -> Delivery:
    """Return a delivery with a body, its type and its length."""
    length = ("Content-Length", str(len(body)))
    usual = {"id": 5, "headers": Headers([("Host", "x"), ("Content-Type", kind), length])}
    return Delivery(method="POST", path="/", body=body, **{**usual, **fields})


def replaced(old: str, new: str) -> Callable[[str], str]:
    """Return an editor that puts one text in place of another."""
    return lambda text: text.replace(old, new)


def test_json_is_set_and_its_length_told() -> None:
    sent = with_settings(make(), ["b.c=x", "a:=2.50"])

    assert sent.body == b'{"a":2.50,"b":{"c":"x"}}'
    assert (sent.headers.get("content-length"), sent.size) == ("24", 24)


def test_fields_of_a_form_are_set() -> None:
    """In their place; the others keep their bytes."""
    form = make(b"From=%2b1&Body=Hi&x=%20", FORM)

    sent = with_settings(form, ["Body=Guten Tag", "NumMedia:=1"])

    assert sent.body == b"From=%2b1&Body=Guten+Tag&x=%20&NumMedia=1"


def test_json_in_a_form_is_set_there() -> None:
    """As GitHub sends it where a webhook is set up so."""
    form = make(b"payload=%7B%22a%22%3A1%7D&other=%20", FORM)

    sent = with_settings(form, ["a=é"])

    assert sent.body == b"payload=%7B%22a%22%3A%22%C3%A9%22%7D&other=%20"


def test_what_is_compressed_goes_plain() -> None:
    body = gzip.compress(b'{"a":1}')
    headers = Headers([("Content-Type", JSON), ("Content-Encoding", "gzip")])

    sent = with_settings(make(body, headers=headers), ["a:=2"])

    assert (sent.body, sent.headers) == (b'{"a":2}', Headers([("Content-Type", JSON)]))


@pytest.mark.parametrize(
    ("body", "said"), [(b"\xff", "The payload is binary"), (b"text", "neither JSON nor a form")]
)
def test_what_has_no_values_cannot_be_set(body: bytes, said: str) -> None:
    with pytest.raises(HookError, match=said):
        with_settings(make(body, "text/plain"), ["a=1"])


def test_json_on_one_line_is_edited_on_many() -> None:
    """And goes back on one."""
    sent = edited(make(), replaced('{\n  "a": 1.10\n}\n', '{\n  "a": 1.20\n}\n'))

    assert sent.body == b'{"a":1.20}'


def test_json_on_many_lines_stays_as_its_sender_laid_it_out() -> None:
    body = b'{\n    "a": 1,\n    "b": 2\n}'

    sent = edited(make(body), lambda text: text.replace("1", "3") + "\n")

    assert sent.body == body.replace(b"1", b"3")


def test_a_text_loses_the_line_break_that_editors_add() -> None:
    sent = edited(make(b"hello", "text/plain"), lambda _: "bye\n")

    assert sent.body == b"bye"


@pytest.mark.parametrize("left", ['{"a":1.10}', '{\n  "a": 1.10\n}'])
def test_nothing_changed_is_an_error(left: str) -> None:
    """Also where only the layout is another."""
    with pytest.raises(HookError, match="Nothing was changed"):
        edited(make(), lambda _: left)


@pytest.mark.parametrize("left", ["", '{"a":', '{"a":NaN}', "[" * 5000])
def test_json_that_is_broken_is_an_error(left: str) -> None:
    with pytest.raises(HookError, match="What the editor left is no JSON"):
        edited(make(), lambda _: left)


def test_headers_are_set_in_their_place() -> None:
    """Those of the same name give way; what is new comes last; an empty one goes."""
    came = make(headers=Headers([("A", "1"), ("b", "2"), ("a", "3"), ("C", "4")]))

    sent = with_headers(came, [("a", "x"), ("a", "y"), ("New", "z"), ("c", "")])

    assert sent.headers.pairs == (("a", "x"), ("a", "y"), ("b", "2"), ("New", "z"))


@pytest.mark.parametrize(
    ("old", "looks"),
    [
        ("72d3162e-cc78-11e3-81ab-4c9367dc0958", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("72D3162E-CC78-11E3-81AB-4C9367DC0958", r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"),
        ("evt_1NG8Du2eZvKY", r"evt_\d[A-Z]{2}\d[A-Z][a-z]\d[a-z][A-Z][a-z][A-Z]{2}"),
        ("9f86d081884c7d65", r"[0-9a-f]{16}"),
        ("1234567890", r"[1-9]\d{9}"),
        ("", ""),
    ],
)
def test_a_fresh_id_looks_like_the_old_one(old: str, looks: str) -> None:
    new = remaking.fresh_id(old)

    assert re.fullmatch(looks, new)
    assert new != old or not old


@pytest.mark.parametrize(
    ("provider", "headers", "body"),
    [
        ("github", {"X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958"}, "{}"),
        ("svix", {"svix-id": "msg_2Lml"}, "{}"),
        ("stripe", {}, '{"id":"evt_1NG8Du2eZvKY"}'),
        ("telegram", {}, '{"update_id":123456}'),
        ("sendgrid", {}, '[{"sg_event_id":"x1Yz"}]'),
        ("twilio", {"Content-Type": FORM}, "MessageSid=SM12ab&Body=Hi"),
    ],
)
def test_an_id_is_renewed_where_its_provider_has_it(
    provider: str, headers: dict[str, str], body: str
) -> None:
    """In a header, in JSON as a text or a number, or in a form."""
    pairs = {"Content-Type": JSON, **headers}.items()
    came = make(body.encode(), headers=Headers(pairs), provider=provider)

    sent = remaking.with_fresh_id(came, BY_NAME[provider])

    old, new = (
        delivery_id_of(BY_NAME[provider], Seen(each.headers, each.body)) for each in (came, sent)
    )
    assert old
    assert new
    assert old != new
    assert sent.body.replace(new.encode(), b"") == came.body.replace(old.encode(), b"")


def test_all_headers_that_say_the_id_are_renewed() -> None:
    """Forgejo says it under three names."""
    names = ("X-Forgejo-Delivery", "X-Gitea-Delivery", "X-Gogs-Delivery")
    came = make(headers=Headers([(name, "abc123") for name in names]))

    sent = remaking.with_fresh_id(came, BY_NAME["forgejo"])

    assert len({value for _, value in sent.headers}) == 1
    assert sent.headers != came.headers


def test_what_has_no_id_gets_none() -> None:
    assert remaking.with_fresh_id(make(), BY_NAME["github"]) == make()


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        ("slack", {"X-Slack-Retry-Num": "2", "X-Slack-Retry-Reason": "http_timeout"}),
        ("bitbucket", {"X-Attempt-Number": "3"}),
        ("twitch", {"Twitch-Eventsub-Message-Retry": "2"}),
        ("square", {"square-retry-number": "2", "square-retry-reason": "http_timeout"}),
        ("jira", {"X-Atlassian-Webhook-Retry": "2"}),
        ("github", {}),
        (None, {}),
    ],
)
def test_a_retry_says_so_where_its_provider_does(
    provider: str | None, said: dict[str, str]
) -> None:
    """The second one, after the first send."""
    came = make(headers=Headers(), provider=provider)

    assert dict(remaking.as_retry(came, 2).headers) == said
    assert remaking.tells_retries(provider) == bool(said)


def test_what_was_imported_can_go_on_a_wire() -> None:
    """Characters become their bytes, and no line break adds a header."""
    fields = Headers([("A", "1\r\nB: 2"), ("C", "\xe9")])
    came = Delivery(method="POST", path="/x\udcff", query="\u0436", headers=fields)

    sent = remaking.sendable(came)

    assert sent.path.encode("latin-1") == b"/x\xff"
    assert sent.query.encode("latin-1") == b"\xd0\xb6"
    assert sent.headers.pairs == (("A", "1 B: 2"), ("C", "\xe9"))
