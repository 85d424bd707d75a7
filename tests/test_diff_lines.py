"""A person is told what differs, in lines that nothing received can break or fake."""

from __future__ import annotations

from typing import Any

import pytest

from hookcli.delivery import Headers
from hookcli.diff_lines import format_difference
from hookcli.diffing import difference
from hookcli.lines import format_delivery
from hookcli.screen import Screen
from hookcli.text import width
from tests.stores.builders import NOON, make_delivery

EVIL = "x\x1b[2J\u202e\n14:03:22 --> #1 [valid]  \"…'"


def told(old: dict[str, Any], new: dict[str, Any], **screen: Any) -> list[str]:
    """Return the lines below the two deliveries."""
    first, second = make_delivery(id=1, **old), make_delivery(id=2, **new)
    shown = Screen(**screen)
    lines = format_difference(first, second, difference(first, second), shown)
    return lines[len([*format_delivery(first, shown), *format_delivery(second, shown)]) :]


def test_both_deliveries_come_first() -> None:
    """As they are shown when they arrive."""
    first, second = make_delivery(id=1), make_delivery(id=2, path="/x", received_at=NOON)

    lines = format_difference(first, second, difference(first, second), Screen())

    assert "--> #1 github issues.opened [unchecked]" in lines[0]
    assert lines[1].endswith("POST /x?a=1")


def test_each_value_has_a_line_under_its_heading() -> None:
    """Request, headers, payload; values of the payload are JSON."""
    lines = told(
        {
            "headers": Headers([("Date", "1"), ("X-Foo", "a b"), ("X-Old", "1")]),
            "body": b'{"title": "red", "labels": [{"id": 1, "n": [1]}]}',
        },
        {
            "path": "/other",
            "headers": Headers([("Date", "2"), ("X-Foo", "c"), ("traceparent", "2")]),
            "body": b'{"title": "blue", "labels": [], "new": null}',
            "delivery_id": None,
        },
    )

    assert lines == [
        "         Request",
        "       ~ path: /github -> /other",
        "         Headers",
        '       ~ X-Foo: "a b" -> c',
        "       - X-Old: 1",
        "         2 volatile headers differ: Date, traceparent",
        "         Payload",
        '       ~ title: "red" -> "blue"',
        '       - labels[id=1]: {"id": 1, "n": [1]}',
        "       + new: null",
    ]


def test_a_redelivery_is_called_one() -> None:
    """The provider gave it the same id, and sent the same body."""
    headers = [Headers([("Date", each)]) for each in "12"]

    lines = told({"headers": headers[0]}, {"headers": headers[1]})

    assert lines == [
        "         #2 is a redelivery of #1: the same id and the same body",
        "         Headers",
        "         1 volatile header differs: Date",
        "         Nothing else differs",
    ]


def test_an_id_that_is_used_again_for_something_else_is_told() -> None:
    """A handler that knows the id would pass over it."""
    assert told({}, {"body": b"{}"})[0] == "         #2 has the id of #1, though not its body"


def test_nothing_may_differ() -> None:
    """Not even what differs each time."""
    assert told({"delivery_id": None}, {"delivery_id": None}) == ["         Nothing differs"]


def test_text_stands_behind_the_bar() -> None:
    """Line by line, as it came."""
    old = b"".join(b"%d\n" % number for number in range(20))
    new = old.replace(b"\n2\n", b"\n14:03:22 --> #1\n").replace(b"\n18\n", b"\n")

    lines = told({"body": old}, {"body": new, "delivery_id": None})

    assert lines[0] == "         Body"
    assert lines[1:6] == ["  │  0", "  │  1", "  │ -2", "  │ +14:03:22 --> #1", "  │  3"]
    assert lines[7] == "         …"
    assert lines[-2:] == ["  │ -18", "  │  19"]


def test_binary_bodies_are_told_by_their_size() -> None:
    lines = told({"body": b"\xff"}, {"body": b"\xff\xfe", "delivery_id": None})

    assert lines == [
        "         Body",
        "         1 and 2 bytes, of which the first 1 are the same",
    ]


def test_long_values_are_shown_from_where_they_differ() -> None:
    """Below their path, each on a line that is cut."""
    lines = told(
        {"body": b'{"text": "%s red %s"}' % (b"x" * 500, b"y" * 500), "delivery_id": None},
        {"body": b'{"text": "%s blue %s"}' % (b"x" * 500, b"y" * 500)},
        width=40,
    )

    assert lines[1:] == [
        "       ~ text",
        "       - …xxxxxxxxxxx red yyyyyyyyyyyy…",
        "       + …xxxxxxxxxxx blue yyyyyyyyyyy…",
    ]


def test_what_is_left_out_is_counted() -> None:
    """No payload makes more lines than anybody reads."""
    values = b'{"a": [' + b",".join(b"%d" % n for n in range(1_000)) + b"]}"
    text = b"\n".join(b"%d" % n for n in range(400))

    assert told({"body": values}, {"body": b'{"a": []}'})[-1] == "         900 more values differ"
    assert told({"body": text}, {"body": b"x"})[-1] == "         301 more lines"


@pytest.mark.parametrize("cells", [20, 40, 80, 1000])
@pytest.mark.parametrize("utf8", [False, True])
def test_what_is_received_cannot_fake_a_line(cells: int, utf8: bool) -> None:
    """Nor move the cursor, nor be wider than the terminal; in paths, values, names and texts."""
    escaped = (
        EVIL.encode().replace(b"\x1b", b"\\u001b").replace(b"\n", b"\\n").replace(b'"', b'\\"')
    )
    evil = Headers([(EVIL, EVIL), ("X-Evil", EVIL)])
    lines = [
        *told(
            {"body": b'{"a": "x", "%s": "y"}' % escaped, "headers": evil, "path": EVIL},
            {"body": b'{"a": "%s", "%s": "%s"}' % (escaped, escaped, escaped)},
            width=cells,
            utf8=utf8,
        ),
        *told({"body": EVIL.encode()}, {"body": b"x"}, width=cells, utf8=utf8),
    ]

    assert max(map(width, lines)) < cells
    assert all(line.startswith(("       ", "  │ " if utf8 else "  | ")) for line in lines)
    assert not any(mark in "".join(lines) for mark in ("\x1b", "\u202e", "\n"))
    assert utf8 or "".join(lines).isascii()


def test_colour_only_adds() -> None:
    """A mark says the same."""
    plain = told({}, {"path": "/x"})
    (_, heading, line) = told({}, {"path": "/x"}, colour=True)

    assert heading == "         \x1b[1mRequest\x1b[0m"
    assert "\x1b[33m~\x1b[0m" in line
    assert plain[2] == "       ~ path: /github -> /x"
