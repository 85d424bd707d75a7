"""Secrets come from the command line, variables and files, and whoever gives them is warned."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hookcli.errors import UsageError
from hookcli.options import command
from hookcli.secret import Secret
from hookcli.secret_options import (
    secret_option,
    secret_options,
    secrets_given,
    signing_option,
)
from hookcli.settings import Settings

if TYPE_CHECKING:
    import click

VALUE = "It's a Secret"


@command("listen")
@secret_options
def listening(**given: Any) -> tuple[Secret, ...]:
    """Try it."""
    return secrets_given(given)


@command("verify")
@secret_option
def verifying(**given: Any) -> tuple[Secret, ...]:
    """Try it."""
    return secrets_given(given)


def secrets(*arguments: str, of: click.Command = listening) -> tuple[Secret, ...]:
    """Return the secrets that a command line gives, with the files of the working folder."""
    settings = Settings(["listen", "verify", "trigger"])
    found: tuple[Secret, ...] = of.main([*arguments], standalone_mode=False, obj=settings)
    return found


@command("trigger")
@signing_option
def signing(**given: Any) -> tuple[Secret, ...]:
    """Try it."""
    return secrets_given(given)


def refused(*arguments: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        secrets(*arguments)
    assert caught.value.exit_code == 2
    assert VALUE not in caught.value.message + caught.value.hint
    return caught.value


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a working folder, where files are for the user alone."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", "from the environment")
    return folder


def write(name: str, data: bytes | str, mode: int = 0o600) -> Path:
    path = Path(name)
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    path.chmod(mode)
    return path


@pytest.mark.parametrize("of", [listening, verifying, signing])
def test_several_secrets_come_in_their_order(of: click.Command) -> None:
    write(".secrets/github", "from a file\n")

    given = secrets(
        *("--secret", "github=@.secrets/github"),
        *("--secret", "github=env:GITHUB_WEBHOOK_SECRET"),
        *("--secret", VALUE),
        of=of,
    )

    assert [(secret.short_label, secret.value) for secret in given] == [
        ("github (file .secrets/github)", "from a file"),
        ("github (env GITHUB_WEBHOOK_SECRET)", "from the environment"),
        ("any", VALUE),
    ]


def test_without_any_there_are_none() -> None:
    assert secrets() == ()


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("x", "x"),
        ("x\n", "x"),
        ("x\r\n", "x"),
        ("x\n\n", "x\n"),
        (" x \n", " x "),
        ("a\nb", "a\nb"),
        ("x\r", "x\r"),
        (b"\xef\xbb\xbfx\r\n", "x"),
        (b"\xff\n", "\udcff"),
    ],
)
def test_a_file_loses_the_one_line_break_at_its_end(data: bytes | str, value: str) -> None:
    """Editors add it. All else stays, so that the doctor can say what is wrong with it."""
    write("secret", data)

    [secret] = secrets("--secret", "@secret")

    assert secret.value == value


def test_a_file_is_below_the_home_folder_where_it_says_so(home: Path) -> None:
    """No shell puts it there behind the at sign."""
    write(str(home / "secret"), "x")

    assert secrets("--secret", "github=@~/secret")[0].label == "github, from file ~/secret"


def test_a_pipe_is_read_as_well() -> None:
    """As in --secret github=@<(pass github)."""
    reading, writing = os.pipe()
    os.write(writing, b"x\n")
    os.close(writing)

    assert secrets("--secret", f"github=@/dev/fd/{reading}")[0].value == "x"


def test_a_file_is_beside_the_file_that_names_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is shown as one finds it from here."""
    write("hookcli.toml", '[secrets]\ngithub = "@.secrets/github"\n')
    write(".secrets/github", "x")

    here = secrets()
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")

    assert here[0].short_label == "github (file .secrets/github)"
    assert secrets() == (
        Secret(value="x", provider="github", source=f"file {folder}/.secrets/github"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("github=@missing", "--secret: missing cannot be read: No such file or directory"),
        ("@folder", "--secret: folder cannot be read: Is a directory"),
        ("@", "--secret: . cannot be read: No such file or directory"),
        ("@empty", "--secret: file empty is empty"),
        ("@large", "--secret: large is larger than 64 KiB"),
        ("github=env:MISSING", "--secret: there is no variable 'MISSING'"),
        ("env:EMPTY", "--secret: env EMPTY is empty"),
        ("env:", "--secret: there is no variable ''"),
        ("githb=x", "--secret: what stands before = is nearly a provider's name"),
        ("github", "--secret: github is a provider without its secret"),
    ],
)
def test_what_cannot_be_read_is_wrong_usage(
    text: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("folder").mkdir()
    write("empty", "\n")
    write("large", "x" * (64 * 1024 + 1))
    monkeypatch.setenv("EMPTY", "")

    assert refused("--secret", text).message == said


def test_a_file_without_permission_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read all files, so the system's word is stood in for."""

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", denied)

    assert refused("--secret", "@x").message == "--secret: x cannot be read: Permission denied"


@pytest.mark.parametrize(
    ("mode", "told"), [(0o600, False), (0o640, False), (0o644, True), (0o604, True)]
)
def test_a_file_that_everybody_can_read_is_warned_of(
    mode: int, told: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """It works all the same. The warning goes to stderr, and says what to do."""
    write("my secret", VALUE, mode)

    [secret] = secrets("--secret", "@my secret")

    streams = capsys.readouterr()
    warning = "Notice: Everybody on this computer can read my secret\nHint: chmod 600 'my secret'\n"
    assert secret.value == VALUE
    assert (streams.out, streams.err) == ("", warning if told else "")


def test_a_variable_gives_secrets_and_each_nearer_place_replaces_all_farther_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file's table, then HOOKCLI_SECRET, then that of the command, then the command line."""
    write("hookcli.toml", '[secrets]\ngithub = "file"\n')
    seen = [secrets()]
    monkeypatch.setenv("HOOKCLI_SECRET", "github=1\n  any=2 \n")
    seen.append(secrets())
    monkeypatch.setenv("HOOKCLI_LISTEN_SECRET", "3")
    seen.append(secrets())
    seen.append(secrets("--secret", "4"))

    assert [[secret.value for secret in given] for given in seen] == [
        ["file"],
        ["1", "2"],
        ["3"],
        ["4"],
    ]


def test_a_mistake_is_told_with_the_place_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that only reading shows."""
    write("hookcli.toml", '[secrets]\ngithub = "env:MISSING"\n')
    in_file = refused()
    monkeypatch.setenv("HOOKCLI_SECRET", "githb=x")
    in_variable = refused()

    assert in_file.message.startswith("./hookcli.toml: [secrets]: --secret: there is no variable")
    assert in_variable.message.startswith("HOOKCLI_SECRET: what stands before = is nearly")


@pytest.mark.parametrize("second", [[], ["--secret", "meta.verify-token=x"]])
def test_signatures_are_required_only_where_there_is_what_to_check_them_with(
    second: list[str],
) -> None:
    """A second secret signs nothing."""
    error = refused("--require-signature", *second)

    assert error.message == "--require-signature needs a secret to check signatures with"
    assert "[secrets] in hookcli.toml" in error.hint
    assert secrets("--require-signature", "--secret", "x")
