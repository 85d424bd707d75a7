"""The root knows its commands as data, and says what a wrong one was likely meant to be."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from hookcli.cli import TARGETS, root, run
from hookcli.errors import UsageError
from hookcli.params import Command

HEAVY = {"aiohttp", "asyncio", "jq", "orjson", "pyngrok", "redis", "rich", "sqlite3", "tomllib"}
EMPTY: list[str] = []


def wrong(*arguments: str) -> UsageError:
    """Return the error that a wrong command line gets."""
    with pytest.raises(UsageError) as caught:
        run(arguments)
    return caught.value


def test_help_imports_no_command() -> None:
    """It answers at once, however much a command needs."""
    program = "import sys; from hookcli import cli; cli.run(['--help']); print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    loaded = set(ended.stdout.splitlines()[-1].split())
    assert loaded & HEAVY == set()
    assert not [name for name in loaded if name.startswith("hookcli.commands")]


@pytest.mark.parametrize("arguments", [EMPTY, ["-h"], ["--help"]])
def test_help_shows_every_command_and_how_to_start(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Also without any argument, and always on stdout."""
    code = run(arguments)

    told = capsys.readouterr().out
    assert code == 0
    assert all(f"\n  {name} " in told for name in TARGETS)
    assert "\n  hookcli listen 4567 " in told
    assert max(map(len, told.splitlines())) < 80


def test_the_version_is_also_said_beside_other_arguments(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`hookcli --version list` is a question for the version, too."""
    code = run(["--version", "list"])

    assert code == 0
    assert capsys.readouterr().out.startswith("hookcli ")


@pytest.mark.parametrize("name", TARGETS)
def test_a_command_is_found_by_the_name_in_the_table(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every target is there, and its help has options in groups."""
    with click.Context(root, info_name="hookcli", **root.context_settings) as context:
        command = root.get_command(context, name)
    code = run([name, "--help"])

    assert isinstance(command, Command)
    assert command.name == name
    assert code == 0
    assert f"Usage: hookcli {name} " in capsys.readouterr().out


def test_an_unknown_command_gets_the_nearest_one() -> None:
    """A typing error is answered with what was likely meant."""
    error = wrong("lsit")

    assert error.message == "There is no command 'lsit'"
    assert error.hint.startswith("Did you mean list? ")


def test_an_unknown_option_gets_the_nearest_one() -> None:
    """The suggestion is one of this command's own options."""
    error = wrong("list", "--provide", "github")

    assert error.message == "hookcli list has no option --provide"
    assert error.hint.startswith("Did you mean --provider? ")


def test_an_argument_is_no_option_to_choose() -> None:
    """Where the options are told, all of them begin with a dash."""
    told = wrong("listen", "--prt", "4567").hint.partition("There is: ")[2]

    assert all(name.startswith("-") for name in told.split(", "))


def test_any_other_wrong_usage_leads_to_the_command_s_help() -> None:
    """What click finds wrong is said in the same two parts."""
    surplus = wrong("url", "surplus")
    without_its_value = wrong("listen", "--count")

    assert "surplus" in surplus.message
    assert surplus.hint == "hookcli url --help shows what there is"
    assert "--count" in without_its_value.message
    assert without_its_value.hint == "hookcli listen --help shows what there is"
