"""The table of samples can be read, cut and copied."""

from __future__ import annotations

from hookcli.sample_lines import format_samples
from hookcli.sampling import SAMPLES
from hookcli.screen import Screen

SHORT = [sample for sample in SAMPLES if sample.provider in {"shopify", "svix"}]


def test_each_has_a_row_whose_first_words_are_what_to_type() -> None:
    assert format_samples(SHORT, Screen(width=100)) == [
        "shopify   orders/create  a customer placed an order",
        "svix      user.created   somebody signed up",
    ]


def test_all_of_it_fits_a_usual_terminal() -> None:
    lines = format_samples(SAMPLES, Screen(width=80))

    assert not any("…" in line for line in lines)


def test_a_terminal_has_a_heading_and_no_line_that_is_too_long() -> None:
    lines = format_samples(SAMPLES, Screen(width=70, terminal=True))

    assert lines[0].split() == ["PROVIDER", "EVENT", "TELLS", "THAT"]
    assert len(lines) == len(SAMPLES) + 1
    assert max(map(len, lines)) == 69
