"""An option takes its value from the command line, else the environment, else a file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete

from hookcli.config_files import own_path, shown
from hookcli.errors import UsageError
from hookcli.grammar import duration
from hookcli.options import argument, command, count, option, store_option
from hookcli.params import used_files
from hookcli.settings import Settings

pytestmark = pytest.mark.usefixtures("folder")


@command("try")
@argument("port", type=count, default="1", metavar="[PORT]", key="port")
@option("--timeout", group="Stopping", type=duration, default="30s", help="How long. Or not.")
@option("--format", "form", group="Showing", choices=("pretty", "line"), help="How.")
@option("-e", "--event", "events", group="Showing", multiple=True, metavar="GLOB")
@option("-f", "--forward", "--forward-to", "routes", group="Showing", multiple=True)
@option("--check", group="Stopping", is_flag=True)
@option("--config", group="Else", type=click.Path(exists=True), metavar="FILE")
@option("--where", group="Else")
@store_option
def sample(**values: Any) -> dict[str, Any]:
    """Try it."""
    if values["where"]:
        raise UsageError("--where does not compile", "Try another")
    return values


def parsed(*arguments: str) -> dict[str, Any]:
    """Return what `sample` is called with, where it may read files."""
    values: dict[str, Any] = sample.main(
        list(arguments), prog_name="hookcli try", standalone_mode=False, obj=Settings(["try"])
    )
    return values


def refused(*arguments: str) -> UsageError:
    """Return the error that a call gets."""
    with pytest.raises(UsageError) as caught:
        parsed(*arguments)
    assert caught.value.hint
    return caught.value


def found(text: str) -> None:
    """Put a hookcli.toml into the working folder."""
    Path("hookcli.toml").write_text(f"[try]\n{text}", "utf-8")


def test_the_command_line_comes_first_then_the_environment_then_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each replaces all of what comes behind it, lists too."""
    found('port = 3\nevent = ["file"]')
    by_file = parsed()
    monkeypatch.setenv("HOOKCLI_TRY_PORT", "2")
    monkeypatch.setenv("HOOKCLI_TRY_EVENT", "variable")
    by_variable = parsed()
    by_flag = parsed("1", "-e", "flag")

    assert (by_file["port"], by_file["events"]) == (3, ("file",))
    assert (by_variable["port"], by_variable["events"]) == (2, ("variable",))
    assert (by_flag["port"], by_flag["events"]) == (1, ("flag",))


def test_values_from_a_file_are_read_by_the_grammar() -> None:
    found('timeout = "2m"\nformat = "line"\ncheck = true\nforward = ["3000", "/a=1"]')

    values = parsed()

    assert (values["timeout"], values["form"], values["routes"]) == (
        120.0,
        "line",
        ("3000", "/a=1"),
    )
    assert (values["check"], values["port"]) == (True, 1)


def test_a_number_needs_no_quotes() -> None:
    found("timeout = 0.5\nport = 4_000")

    assert (parsed()["timeout"], parsed()["port"]) == (0.5, 4000)


def test_a_variable_is_named_after_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its first long name, rather than after what it is called inside."""
    monkeypatch.setenv("HOOKCLI_TRY_FORMAT", "line")
    monkeypatch.setenv("HOOKCLI_TRY_FORWARD", "3000")

    assert (parsed()["form"], parsed()["routes"]) == ("line", ("3000",))


def test_several_values_in_a_variable_are_on_a_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """They may have spaces, as headers do; empty lines are none."""
    monkeypatch.setenv("HOOKCLI_TRY_EVENT", "issues opened\r\n\n  push\n")

    assert parsed()["events"] == ("issues opened", "push")


@pytest.mark.parametrize(("text", "value"), [("1", True), ("true", True), ("0", False), ("", True)])
def test_a_flag_in_a_variable_is_on_or_off(
    text: str, value: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it turns off what a file turned on; an empty variable is none."""
    found("check = true")
    monkeypatch.setenv("HOOKCLI_TRY_CHECK", text)

    assert parsed()["check"] is value


def test_the_store_of_a_command_comes_before_that_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    found('store = "sqlite:file.db"')
    monkeypatch.setenv("HOOKCLI_STORE", "sqlite:all.db")
    for_all = parsed()["store"]
    monkeypatch.setenv("HOOKCLI_TRY_STORE", "sqlite:try.db")

    assert (for_all, parsed()["store"]) == ("sqlite:all.db", "sqlite:try.db")


@pytest.mark.parametrize("name", ["HOOKCLI_TRY_FORMATT", "HOOKCLI_TRY_FORWARD_TO", "HOOKCLI_TRY_X"])
def test_a_variable_that_sets_nothing_is_an_error(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typing error would else go unnoticed; the nearest name is told."""
    monkeypatch.setenv(name, "1")

    error = refused()

    assert error.message == f"{name} sets nothing"
    assert "HOOKCLI_TRY_FORMAT" in error.hint


def test_variables_of_other_commands_and_programs_are_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HOOKCLI_TRYING_X", "HOOKCLI_DELIVERY_ID", "HOOKCLI_PUBLIC_URL", "HOOKCLI_TRY"):
        monkeypatch.setenv(name, "1")

    assert parsed()["port"] == 1


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("TIMEOUT", "2min", "'2min' is not a duration"),
        ("FORMAT", "prety", "there is no 'prety'"),
        ("CHECK", "maybe", "'maybe' is not a valid boolean"),
        ("PORT", "x", "'x' is not a number from 1 on"),
        ("CONFIG", "gone.yml", "Path 'gone.yml' does not exist"),
        ("WHERE", "??", "--where does not compile"),
        ("STORE", "sqlit:x", "there is no store 'sqlit:x'"),
    ],
)
def test_an_error_names_where_the_value_was_given(
    name: str, text: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable; or the file, the table and the key; also where the command finds it wrong."""
    flag = f"--{name.lower()}"
    on_the_line = (
        refused(text) if name == "PORT" else None if name == "CHECK" else refused(flag, text)
    )
    monkeypatch.setenv(f"HOOKCLI_TRY_{name}", text)
    by_variable = refused()
    monkeypatch.delenv(f"HOOKCLI_TRY_{name}")
    found(f'{name.lower()} = "{text}"')
    by_file = refused()

    assert on_the_line is None or said in on_the_line.message
    assert on_the_line is None or "HOOKCLI" not in on_the_line.message
    assert by_variable.message.startswith(f"HOOKCLI_TRY_{name}: {said}")
    assert by_file.message.startswith(f"./hookcli.toml: [try] {name.lower()}")


def test_an_error_about_several_options_says_where_each_was_given() -> None:
    """Those that are on the command line are seen there."""

    @command("try")
    @option("--one", group="Else")
    @option("--two", group="Else")
    def clash(**_: Any) -> None:
        raise UsageError("--one goes without --two", "Leave one out")

    found('one = "1"')
    with pytest.raises(UsageError) as caught:
        clash.main(["--two", "2"], standalone_mode=False, obj=Settings(["try"]))

    assert caught.value.message == "./hookcli.toml: [try] one: --one goes without --two"


def test_help_reads_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    """It is what helps where a file is wrong."""
    found("nonsense")

    parsed("--help")

    assert "Usage: hookcli try" in capsys.readouterr().out


def test_without_a_file_no_reader_of_toml_is_loaded() -> None:
    """Most have none, and start the quicker."""
    program = (
        "import sys; from hookcli import cli; from hookcli.errors import HookError\n"
        "try: cli.run(['list'])\nexcept HookError: print({'tomllib'} & {*sys.modules})"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert ended.stdout == b"set()\n"


def test_without_settings_no_file_is_read() -> None:
    found("nonsense")

    assert sample.main([], standalone_mode=False)["port"] == 1


def test_the_files_that_were_used_can_be_told() -> None:
    """The nearest first."""

    @command("try")
    def tell() -> tuple[str, ...]:
        return used_files()

    found("")
    own_path().parent.mkdir(parents=True)
    own_path().write_text("", "utf-8")

    used = tell.main([], standalone_mode=False, obj=Settings(["try"]))

    assert used == ("./hookcli.toml", shown(own_path()))
    assert tell.main([], standalone_mode=False) == ()
    assert used_files() == ()


@pytest.mark.parametrize("broken", ["nonsense", "format = 5", ""])
@pytest.mark.parametrize(
    ("args", "incomplete", "values"),
    [
        ([], "--f", ["--format", "--forward", "--forward-to"]),
        (["--format"], "", ["pretty", "line"]),
        (["--format"], "p", ["pretty"]),
        (["--timeout"], "", []),
        (["--config"], "x", ["x"]),
    ],
)
def test_options_and_choices_are_completed_whatever_the_files_say(
    args: list[str], incomplete: str, values: list[str], broken: str
) -> None:
    found(broken)

    asked = ShellComplete(sample, {"obj": Settings(["try"])}, "hookcli", "X")
    items = asked.get_completions(args, incomplete)

    assert [item.value for item in items] == values


def test_an_option_is_completed_with_the_first_sentence_of_its_help() -> None:
    [item] = ShellComplete(sample, {}, "hookcli", "X").get_completions([], "--timeout")

    assert item.help == "How long"
