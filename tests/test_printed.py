"""Any amount of output is taken, and little of it held."""

from __future__ import annotations

import pytest

from hookcli.printed import END, END_LINES, LINE, LINES, Printed


def printed(*pieces: bytes) -> Printed:
    """Return what is kept of output that comes in such pieces."""
    output = Printed()
    for piece in pieces:
        output.take(piece)
    return output


@pytest.mark.parametrize(
    ("pieces", "beginning", "end"),
    [
        ([], [], []),
        ([b"one\ntwo\n"], ["one", "two"], []),
        ([b"on", b"e\r\n", b"\n", b"two"], ["one", ""], ["two"]),
        ([b"\xff\n\xe2", b"\x82\xac\n"], ["\ufffd", "€"], []),
        ([b"1%\r2%\r3%\n"], ["1%\r2%\r3%"], []),
    ],
)
def test_little_is_kept_whole(pieces: list[bytes], beginning: list[str], end: list[str]) -> None:
    """A line is one once its end has come."""
    output = printed(*pieces)

    assert output.beginning() == beginning
    assert output.beginning() == []
    assert output.end() == (end, 0)
    assert printed(*pieces).end() == (beginning + end, 0)


def test_of_much_the_beginning_and_the_end_are_kept() -> None:
    """With how much is missing between them."""
    lines = [f"line {number}" for number in range(5_000)]
    whole = "\n".join(lines).encode() + b"\n"

    output = printed(*[whole[at : at + 777] for at in range(0, len(whole), 777)])

    assert output.floods
    assert output.beginning() == lines[:LINES]
    end, skipped = output.end()
    assert end == lines[-END_LINES:]
    assert skipped == len("\n".join(lines[LINES:-END_LINES])) + 1


def test_a_line_more_than_is_shown_is_shown_too() -> None:
    """It is the end."""
    output = printed(b"x\n" * LINES + b"last")

    assert not output.floods
    assert output.end() == (["x"] * LINES + ["last"], 0)


def test_a_line_without_an_end_is_broken() -> None:
    output = printed(b"x" * (LINE + 1))

    assert output.beginning() == ["x" * LINE]
    assert output.end() == (["x"], 0)


def test_nothing_makes_it_hold_much() -> None:
    """Neither one endless line nor many empty ones."""
    for piece in (b"x" * 100_000, b"\n" * 100_000):
        output = printed(*[piece] * 100)

        assert sum(map(len, output.beginning())) <= LINES * LINE
        assert sum(map(len, output.end().lines)) <= END
        assert output.end().skipped > 9_000_000
