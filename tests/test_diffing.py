"""Two deliveries are compared field by field, and what always differs does not count."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from hookcli.comparing import MISSING, Change
from hookcli.delivery import Delivery, Headers
from hookcli.diffing import Bodies, Difference, difference
from tests.stores.builders import make_delivery

FORM = ("Content-Type", "application/x-www-form-urlencoded")


def compared(old: dict[str, Any], new: dict[str, Any]) -> Difference:
    """Return what differs between deliveries of these fields."""
    return difference(make_delivery(**old), make_delivery(**new))


def bodies(old: bytes, new: bytes, *headers: tuple[str, str]) -> Bodies:
    """Return how these bodies differ."""
    found = compared(*({"body": body, "headers": Headers(headers)} for body in (old, new))).bodies
    assert found is not None
    return found


def test_the_same_does_not_differ() -> None:
    """Then the difference is false."""
    found = compared({}, {})

    assert not found
    assert found.same_id
    assert found.bodies is None


@pytest.mark.parametrize(("field", "value"), [("method", "PUT"), ("path", "/x"), ("query", "")])
def test_each_part_of_the_request_is_compared(field: str, value: str) -> None:
    found = compared({}, {field: value})

    assert found
    assert found.request == [Change(field, getattr(make_delivery(), field), value)]


def headers(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> Difference:
    """Return what differs between deliveries of these headers."""
    return compared({"headers": Headers(old)}, {"headers": Headers(new)})


def test_headers_are_compared_by_name_and_value() -> None:
    """In any case and order; of those that are there several times, one after the other."""
    found = headers(
        [("A", "1"), ("b", "2"), ("Gone", "3"), ("Many", "4"), ("Many", "5")],
        [("B", "2"), ("a", "x"), ("New", "3"), ("many", "4"), ("many", "6"), ("many", "7")],
    )

    assert found
    assert found.headers.changes == [
        Change("a", "1", "x"),
        Change("Gone", "3", MISSING),
        Change("many", "5", "6"),
        Change("many", MISSING, "7"),
        Change("New", MISSING, "3"),
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("Date", "Content-Length", "X-GitHub-Delivery", "X-Hub-Signature-256", "X-Request-Id"),
        *("Stripe-Signature", "X-Slack-Request-Timestamp", "X-Shopify-Hmac-Sha256", "Webhook-Id"),
        *("webhook-timestamp", "svix-id", "traceparent", "X-Amzn-Trace-Id", "X-B3-TraceId"),
        *("X-Forwarded-For", "X-Forwarded-Proto", "CF-Ray", "Idempotency-Key"),
        *("X-Gitlab-Event-UUID", "PAYPAL-TRANSMISSION-TIME", "X-Shopify-Webhook-Id"),
    ],
)
def test_what_differs_each_time_does_not_count(name: str) -> None:
    """It is named alone."""
    found = headers([(name, "1")], [(name, "2")])

    assert not found
    assert found.volatile == [name]
    assert headers([(name, "1")], []).volatile == [name]


@pytest.mark.parametrize("name", ["X-GitHub-Event", "User-Agent", "Update", "X-Slack-Retry-Num"])
def test_any_other_header_counts(name: str) -> None:
    assert headers([(name, "1")], [(name, "2")])


def test_a_header_that_holds_the_id_of_the_delivery_is_volatile() -> None:
    """Whatever it is called."""
    found = compared(
        {"delivery_id": "one", "headers": Headers([("X-Own", "one")])},
        {"delivery_id": "two", "headers": Headers([("X-Own", "two")])},
    )

    assert not found
    assert found.volatile == ["X-Own"]


def test_the_name_of_a_header_is_hostile() -> None:
    """It is quoted where it could be taken for something else."""
    found = headers([("a [BAD]", "1")], [])

    assert found.headers.changes[0].path == '"a [BAD]"'


def test_the_id_is_that_of_one_provider() -> None:
    """Two may have given the same one by chance; none at all is no id."""
    assert not compared({"provider": "stripe"}, {}).same_id
    assert not compared({"delivery_id": None}, {"delivery_id": None}).same_id
    assert compared({"body": b"{}"}, {}).same_id


def test_json_is_compared_by_its_values() -> None:
    found = bodies(b'{"a": 1, "b": [1]}', b'{ "a": 2, "b": [1]}')

    assert found.values.changes == [Change("a", 1, 2)]
    assert (found.lines, found.note) == ((), "")


def test_a_form_is_compared_by_its_fields() -> None:
    found = bodies(b"a=1&b=2", b"a=1&b=3&b=4", FORM)

    assert found.values.changes == [Change("b", "2", ["3", "4"])]


def test_a_compressed_body_is_compared_as_it_reads() -> None:
    old, new = (gzip.compress(body) for body in (b'{"a":1}', b'{"a":2}'))

    found = bodies(old, new, ("Content-Encoding", "gzip"))

    assert found.values.changes == [Change("a", 1, 2)]


def test_the_same_values_may_be_written_otherwise() -> None:
    """Bytes that differ differ: signatures are of bytes."""
    found = bodies(b'{"a":1}', b'{"a": 1}')

    assert found.note == (
        "The same values, otherwise written: 7 and 8 bytes, of which the first 5 are the same"
    )


def test_text_is_compared_line_by_line() -> None:
    """With the lines around, and a mark where some are left out."""
    old = "".join(f"line {number}\n" for number in range(1, 31))
    new = old.replace("line 5\n", "LINE 5\n").replace("line 25\n", "")

    found = bodies(old.encode(), new.encode())

    assert found.lines == [
        *(" line 3", " line 4", "-line 5", "+LINE 5", " line 6", " line 7", "@@"),
        *(" line 23", " line 24", "-line 25", " line 26", " line 27"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        (b"", b"hello", ["-", "+hello"]),
        (b"a\n", b"a\nb\n", [" a", "+b"]),
        (b"\n--- x", b"\n+++ y", [" ", "---- x", "++++ y"]),
    ],
)
def test_short_texts_are_compared_whole(old: bytes, new: bytes, lines: list[str]) -> None:
    assert bodies(old, new).lines == lines


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\xff\x00", b"\xff\x01"),
        (b"a\n", b"a"),
        (b"x" * 1_001, b"y"),
        (b"".join(b"%d\n" % n for n in range(2_000)), b"\n".join(b"<%d>" % n for n in range(9))),
    ],
)
def test_what_has_no_lines_to_compare_is_compared_by_bytes(old: bytes, new: bytes) -> None:
    """Binary, too much of it, or the same but for its end."""
    found = bodies(old, new)

    assert found.lines == ()
    assert found.note.startswith(f"{len(old):,} and {len(new):,} bytes, ")


@pytest.mark.parametrize("same", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_it_is_said_from_where_on_bytes_differ(same: int) -> None:
    """However far in that is."""
    old, new = b"\xff" * same + b"\xfe" * 9, b"\xff" * same + b"\xfd" * 70_000

    assert bodies(old, new).note.endswith(f"the first {same:,} are the same")
    assert bodies(old, b"\xff" * same + b"\xfe").note.endswith(f"{same + 1:,} are the same")


def test_no_more_is_told_than_anybody_reads() -> None:
    """The rest is counted."""
    payload = b'{"a": [' + b",".join(b"%d" % n for n in range(1_000)) + b"]}"
    text = b"\n".join(b"%d" % n for n in range(400))

    values = bodies(payload, b'{"a": []}').values
    lines = bodies(text, b"x")
    many = headers([(f"X-{number}", "1") for number in range(150)], [])

    assert (len(values.changes), values.more) == (100, 900)
    assert (len(lines.lines), lines.more_lines) == (100, 301)
    assert (len(many.headers.changes), many.headers.more) == (100, 50)


def test_a_bare_request_can_be_compared() -> None:
    """Nothing has to be known of it."""
    assert difference(Delivery(method="GET", path="/"), Delivery(method="GET", path="/x"))
