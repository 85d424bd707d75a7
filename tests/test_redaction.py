"""What nobody else should see is masked, and all else stays as it was."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import Attempt, Changed, Delivery, Headers
from hookcli.redaction import Redactor, changed
from hookcli.signatures.providers import PROVIDERS

JSON = ("Content-Type", "application/json")
FORM = ("Content-Type", "application/x-www-form-urlencoded")
SECRETS = st.text("abcXYZ019_-", min_size=12, max_size=40)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("token"), inner),
    max_leaves=20,
)


def make_delivery(body: bytes | str = b"", *pairs: tuple[str, str], **fields: Any) -> Delivery:
    data = body.encode() if isinstance(body, str) else body
    usual: dict[str, Any] = {"method": "POST", "path": "/", "headers": Headers(pairs)}
    return Delivery(body=data, **{**usual, **fields})


def masked(body: bytes | str, *pairs: tuple[str, str]) -> str:
    return Redactor().delivery(make_delivery(body, *pairs)).body.decode()


def header(name: str, value: str) -> str:
    found = Redactor().delivery(make_delivery(b"", (name, value))).headers.get(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer abcDEF123", "Bearer xxxXXX001"),
        ("Authorization", "abc", "xx1"),
        ("X-Hub-Signature-256", "sha256=ab12ef34ab12", "sha256=xx00xx00xx01"),
        ("Stripe-Signature", "t=1732487701,v1=5257a8", "t=1732487701,v1=0000x1"),
        ("webhook-signature", "v1,aGVsbG8= v1,Zm9vYmE=", "v1,xXXxxX1= v1,Xx0xXx2="),
        ("Cookie", "a=b; session=secret", "a=1; session=xxxxx2"),
        ("Set-Cookie", "a=bcdef; Secure", "a=xxxx1; Secure"),
        ("X-Gitlab-Token", "open sesame", "xxxx xxxxx1"),
        ("X-Api-Key", "12345678", "00000001"),
        ("From", "Joe <joe.doe@corp.example>", "Joe <user1@example.com>"),
        ("Referer", "https://joe:pass@x.test/", "https://xxx:xxx1@x.test/"),
        ("X-GitHub-Event", "issues", "issues"),
        ("X-Token-Type", "bearer", "bearer"),
        ("User-Agent", "Basic understanding", "Basic understanding"),
        ("X-Forwarded-Uri", "/a?key=1&api_key=abc&b=2", "/a?key=1&api_key=xx1&b=2"),
        ("X-Context", '{"token": "abc"}', '{"token": "xx1"}'),
    ],
)
def test_headers_are_masked_by_their_names(name: str, value: str, shown: str) -> None:
    """The form of a value stays, and its length."""
    assert header(name, value) == shown


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_the_signatures_of_all_providers_are_masked(provider: Any) -> None:
    for name in provider.signatures:
        assert "5257a869e7ecebed" not in header(name, "5257a869e7ecebed")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"token": "abc", "n": 1.10}', '{"token": "xx1", "n": 1.10}'),
        ('{"tokens":["abc",{"a":"abc"},"def"]}', '{"tokens":["xx1",{"a":"abc"},"xx2"]}'),
        ('{"password": 1234, "pin": null}', '{"password": 0, "pin": null}'),
        ('{"to\\u006ben": "a\\"b"}', '{"to\\u006ben": "xX1"}'),
        ('{"token_type": "bearer"}', '{"token_type": "bearer"}'),
        ('{"a": "see joe@x.org"}', '{"a": "see user1@example.com"}'),
        ('["sk_live_abcdef123456"]', '["xx_xxxx_xxxxxx000001"]'),
        ('["xyz ghp_abcdefghij0123 z"]', '["xyz xxx_xxxxxxxxxx0001 z"]'),
        (r'{"Message": "{\"token\": \"abc\"}"}', r'{"Message": "{\"token\": \"xx1\"}"}'),
        (r'{"a": "{\"b\": \"\ud800\"}"}', r'{"a": "{\"b\": \"\ud800\"}"}'),
        ('{"url": "http://x.test/?token=abc"}', '{"url": "http://x.test/?token=xx1"}'),
        (
            '["https://hooks.slack.com/commands/T12/345/abcdef"]',
            '["https://hooks.slack.com/xxxxxxxx/X00/000/xxxxx1"]',
        ),
        ('{"secret": {"id": "a"}}', '{"secret": {"id": "a"}}'),
        ('{"client_secret": ""}', '{"client_secret": ""}'),
    ],
)
def test_json_is_masked_where_it_stands(text: str, shown: str) -> None:
    """White space, numbers and order stay as they were written."""
    assert masked(text, JSON) == shown


@given(VALUES)
def test_json_stays_json(value: Any) -> None:
    """With the same names, in the same places."""
    shown = json.loads(masked(json.dumps([value]), JSON))

    assert str(_shape(shown)) == str(_shape([value]))


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shape(each) for name, each in value.items()}
    return [*map(_shape, value)] if isinstance(value, list) else None


@given(SECRETS, st.sampled_from(["token", "api_key", "clientSecret", "PASSWORD", "x-signature"]))
def test_no_secret_is_left(secret: str, name: str) -> None:
    """In JSON, in forms, in forms within, in XML, in parts, in text, and in what is cut off."""
    text = json.dumps({name: f"Q{secret}"})
    part = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\nQ{secret}\r\n--x--'
    bodies = [
        (text, JSON),
        (text[:-1], JSON),
        (f"a=b&{name}=Q{secret}", FORM),
        (f"payload={text.replace('{', '%7B')}", FORM),
        (f"<a><{name}>Q{secret}</{name}></a>", ("Content-Type", "text/xml")),
        (part, ("Content-Type", "multipart/form-data; boundary=x")),
        (f"{name}: Q{secret}\n", ("Content-Type", "text/plain")),
    ]

    for body, kind in bodies:
        assert f"Q{secret}" not in masked(body, kind)


def test_forms_and_queries_keep_their_other_fields() -> None:
    delivery = make_delivery("a=1%20+2&token=x%26y&&=", FORM, query="access_token=abc&b=%zz")

    shown = Redactor().delivery(delivery)

    assert shown.body == b"a=1%20+2&token=xX1&&="
    assert shown.query == "access_token=xx2&b=%zz"


def test_equal_values_have_equal_masks() -> None:
    """Over all that is exported together; and each time it is done."""
    first, second = ('{"token": "abc"}', '{"secret": ["abc", "abd"], "by": "A@x.org a@x.org"}')
    redactor = Redactor()

    shown = [redactor.delivery(make_delivery(body, JSON)).body for body in (first, second)]

    assert shown[0] == b'{"token": "xx1"}'
    assert shown[1] == b'{"secret": ["xx1", "xx2"], "by": "user1@example.com user1@example.com"}'
    assert shown[0] == Redactor().delivery(make_delivery(first, JSON)).body


def test_the_length_is_that_of_the_new_body() -> None:
    delivery = make_delivery('["a@x.org"]', JSON, ("content-length", "11"))

    shown = Redactor().delivery(delivery)

    assert shown.headers.get("Content-Length") == str(shown.size) == "21"


def test_a_compressed_body_is_looked_into() -> None:
    """It becomes plain; one that cannot be looked into is left out."""
    packed = gzip.compress(b'{"token": "abc"}', mtime=0)

    plain = Redactor().delivery(make_delivery(packed, JSON, ("Content-Encoding", "gzip")))
    unknown = Redactor().delivery(make_delivery(packed, JSON, ("Content-Encoding", "br")))

    assert (plain.body, plain.headers) == (b'{"token": "xx1"}', Headers([JSON]))
    assert (unknown.body, unknown.size) == (b"", 0)


def test_bytes_that_are_no_text_stay() -> None:
    body = bytes(range(256))

    assert Redactor().delivery(make_delivery(body)).body == body


def test_answers_and_what_was_sent_are_masked_too() -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    sent = Changed(
        method="POST", path="/a?token=abc", headers=Headers([("Cookie", "a=b")]), body=None
    )
    attempt = Attempt(
        kind="replay",
        started_at=at,
        duration_ms=1,
        headers=Headers([("Set-Cookie", "sid=abc")]),
        body=b'{"token": "abc", "cut": "of',
        endpoint="https://joe:pass@x.test/?token=abc",
        request=sent,
    )

    shown = Redactor().attempt(attempt)

    assert "abc" not in repr(shown)
    assert "pass" not in str(shown.endpoint)
    assert shown.request is not None
    assert shown.request.path == "/a?token=xx1"
    assert shown.request.headers.get("Cookie") == "a=2"
    assert shown.request.body is None


def test_it_is_known_whether_anything_was_masked() -> None:
    plain, secret = make_delivery("hello"), make_delivery("joe@x.org")

    assert not changed(plain, Redactor().delivery(plain))
    assert changed(secret, Redactor().delivery(secret))


@pytest.mark.parametrize(
    "text",
    ["a" * 300_000, "a@" * 100_000, "eyJ" * 100_000, "=" * 200_000, " " * 200_000, "a:" * 99_999],
)
def test_hostile_text_takes_no_longer(text: str) -> None:
    """Each is looked through in a fraction of a second."""
    masked(text, ("Content-Type", "text/plain"))
