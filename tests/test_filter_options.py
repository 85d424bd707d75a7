"""The options that choose among deliveries become one value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from hookcli.errors import UsageError
from hookcli.filter_options import filter_options
from hookcli.filters import Filters
from hookcli.options import command, store_option
from hookcli.stores import Query

if TYPE_CHECKING:
    from typing import Any


@command("try")
@filter_options()
@store_option
def sample(filters: Filters, store: str | None) -> tuple[Filters, str | None]:
    """Try it."""
    return filters, store


def given(*arguments: str) -> Filters:
    """Return what these arguments ask for."""
    filters, _ = sample.main(list(arguments), standalone_mode=False)
    found: Filters = filters
    return found


def test_without_options_all_are_meant() -> None:
    """Which a command can tell."""
    assert given() == Filters()


def test_other_options_of_the_command_stay_its_own() -> None:
    """Only the filters are taken together."""
    _, store = sample.main(["--store", "memory"], standalone_mode=False)

    assert store == "memory"


def test_each_option_is_a_criterion() -> None:
    """All that are given stand in one value."""
    filters = given(
        *("--provider", "github", "-e", "push", "--event", "issues.*", "--failed"),
        *("--since", "2026-11-24T22:35:01Z", "--until", "2026-11-24T22:35:02Z"),
        *("--contains", "needle"),
    )

    assert filters == Filters(
        query=Query(
            provider="github",
            events=("push", "issues.*"),
            since=datetime(2026, 11, 24, 22, 35, 1, tzinfo=UTC),
            until=datetime(2026, 11, 24, 22, 35, 2, tzinfo=UTC),
            failed=True,
        ),
        contains="needle",
    )


def test_an_expression_is_compiled_and_notes_its_first_failure(capsys: Any) -> None:
    """It fails on a record without that field; the rest goes on."""
    where = given("--where", '.size > 3 and (.event | ascii_downcase) == "push"').where

    assert where is not None
    assert where({"id": 1, "size": 4, "event": "Push"})
    assert not where({"id": 2, "size": 4, "event": 1})
    assert capsys.readouterr().err.startswith("Notice: --where fails on #2")


def test_an_expression_that_does_not_compile_is_wrong_usage() -> None:
    """Before anything is opened."""
    with pytest.raises(UsageError):
        given("--where", ".a =")


def test_the_options_stand_under_one_heading_in_their_order() -> None:
    """Under that of the command, if it says one."""

    @command("try")
    @filter_options("Those")
    def other(filters: Filters) -> None:
        """Try it."""

    names = [param.opts[-1] for param in other.params]

    assert names == [
        *("--provider", "--event", "--since", "--until", "--failed", "--contains", "--where")
    ]
    assert {getattr(param, "group", None) for param in other.params} == {"Those"}
