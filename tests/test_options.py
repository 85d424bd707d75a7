"""Options read their values by the grammar, and stand in groups in a command's help."""

from __future__ import annotations

from typing import Any

import click
import pytest

from hookcli.errors import UsageError
from hookcli.grammar import duration
from hookcli.options import (
    color_option,
    command,
    event_option,
    option,
    store_option,
    where_option,
)


@command("try")
@option("--timeout", group="Stopping", type=duration, default="30s", help="How long.")
@option("--format", group="Showing", choices=("pretty", "line"), help="How.")
@event_option("Showing")
@where_option("Showing")
@color_option
@store_option
def sample(**values: Any) -> dict[str, Any]:
    """Try it."""
    return values


def parsed(*arguments: str) -> Any:
    """Return what `sample` is called with."""
    return sample.main(list(arguments), standalone_mode=False)


def test_values_are_read_by_the_grammar() -> None:
    """A duration arrives in seconds, also the default one; a choice as its word."""
    values = parsed("--format", "line", "-e", "issues", "-e", "push.*")

    assert values == {
        "timeout": 30.0,
        "format": "line",
        "events": ("issues", "push.*"),
        "where": None,
        "color": "auto",
        "store": None,
    }


def test_an_error_in_a_value_names_the_option() -> None:
    """Which of several durations is meant is never a guess."""
    with pytest.raises(UsageError) as caught:
        parsed("--timeout", "2min")

    assert caught.value.message == "--timeout: '2min' is not a duration"
    assert "Did you mean 2m?" in caught.value.hint


def test_a_wrong_word_gets_the_nearest_right_one() -> None:
    """A typing error in a choice is answered with what was likely meant."""
    with pytest.raises(UsageError) as caught:
        parsed("--format", "prety")

    assert caught.value.message == "--format: there is no 'prety'"
    assert caught.value.hint == "Did you mean pretty? There is: pretty, line"


def test_the_store_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """HOOKCLI_STORE stands in for --store, which is stronger."""
    monkeypatch.setenv("HOOKCLI_STORE", "sqlite:env.db")

    assert parsed()["store"] == "sqlite:env.db"
    assert parsed("--store", "memory")["store"] == "memory"


def test_help_shows_the_options_in_groups() -> None:
    """Each heading comes once, in order, and what has none is last."""
    with click.Context(sample, info_name="try") as context:
        lines = sample.get_help(context).splitlines()

    headings = [line.strip(":") for line in lines[1:] if line[:1].strip()]
    assert headings == ["Stopping", "Showing", "Else"]
    assert "  --format pretty|line       How." in lines
    assert "  --help " in lines[-1]
