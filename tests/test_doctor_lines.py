"""Each finding has a word for how bad it is, and stands on lines of its own."""

from __future__ import annotations

from dataclasses import replace

from hookcli.doctor_lines import Finding, format_finding
from hookcli.screen import Screen
from hookcli.text import width

SCREEN = Screen()
TOKEN = Finding("Token", "warn", "none, so only this computer reaches hookcli", "Copy yours")


def test_reads_as_promised_at_80_columns() -> None:
    """What to do about it stands below what it is."""
    lines = format_finding(Finding("Port", "ok", "4567 is free"), SCREEN)
    lines += format_finding(TOKEN, SCREEN)
    lines += format_finding(Finding("Clock", "bad", "7 min fast", "Set it"), SCREEN)

    assert lines == [
        "Port       ok    4567 is free",
        "Token      warn  none, so only this computer reaches hookcli",
        "                 Copy yours",
        "Clock      bad   7 min fast",
        "                 Set it",
    ]


def test_what_is_long_goes_on_below() -> None:
    """No line is wider than the terminal, and nothing is left out."""
    lines = format_finding(
        TOKEN._replace(what="word " * 40, do="do " * 60), replace(SCREEN, width=60)
    )

    assert max(map(width, lines)) < 60
    assert sum(line.count("word") for line in lines) == 40
    assert all(line.startswith(" " * 17) for line in lines[1:])


def test_colour_adds_to_the_word_only() -> None:
    """Without it the same is said."""
    plain = format_finding(TOKEN, SCREEN)
    coloured = format_finding(TOKEN, replace(SCREEN, colour=True))

    assert "\x1b[33mwarn\x1b[0m" in coloured[0]
    assert "warn" in plain[0]


def test_what_was_found_cannot_move_the_cursor() -> None:
    lines = format_finding(Finding("Port", "warn", "taken by \x1b[2Jevil", "x\x07"), SCREEN)

    assert "\x1b" not in "".join(lines)
    assert "\x07" not in "".join(lines)
