"""The table of secrets stands for `--secret`, and its files are where the table is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hookcli.config_files import own_path
from hookcli.errors import UsageError
from hookcli.settings import Given, Key, Settings

pytestmark = pytest.mark.usefixtures("folder")

KEYS = {"secret": Key(many=True, path="@", secret=True)}


def found(text: str) -> None:
    Path("hookcli.toml").write_text(text, "utf-8")


def own(text: str) -> None:
    own_path().parent.mkdir(parents=True, exist_ok=True)
    own_path().write_text(text, "utf-8")


def given(command: str = "listen", keys: dict[str, Key] | None = None) -> dict[str, Given]:
    return Settings(["listen", "verify", "list"]).of(command, KEYS if keys is None else keys)


def values(command: str = "listen") -> Any:
    return given(command)["secret"].value


def refused() -> UsageError:
    with pytest.raises(UsageError) as caught:
        given()
    return caught.value


@pytest.mark.parametrize("command", ["listen", "verify"])
def test_every_command_that_takes_secrets_has_those_of_the_table(command: str) -> None:
    """Of one provider several, where it has a new one and still the old one."""
    found('[secrets]\ngithub = ["env:NEW", "env:OLD"]\n"meta.verify-token" = "x=y"\n')

    secrets = given(command)["secret"]

    assert secrets.value == ("github=env:NEW", "github=env:OLD", "meta.verify-token=x=y")
    assert secrets.place == "./hookcli.toml: [secrets]"


def test_a_second_secret_needs_no_quotes() -> None:
    """TOML takes its name for a table in the table."""
    found('[secrets]\nmeta.verify-token = "x"\n')

    assert values() == ("meta.verify-token=x",)


def test_a_command_without_secrets_does_not_look_at_them() -> None:
    found('[secrets]\nnobody = "x"\n')

    assert given("list", {"store": Key()}) == {}


def test_the_nearer_file_wins_name_by_name() -> None:
    found('[secrets]\ngithub = "near"\n')
    own('[secrets]\ngithub = "far"\n"meta.verify-token" = "far"\n')

    assert values() == ("github=near", "meta.verify-token=far")
    assert (
        given()["secret"].place
        == "./hookcli.toml: [secrets], ~/config/hookcli/config.toml: [secrets]"
    )


def test_files_are_where_the_table_is(
    folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind the name too, in the table and in the list; what is literal is no path."""
    below = folder / "below"
    below.mkdir()
    found('[secrets]\ngithub = "@.secrets/github"\n')
    own('[verify]\nsecret = ["github=@~/a", "@b", "any=@c", "x@d"]\n')
    monkeypatch.chdir(below)

    assert values() == (f"github=@{folder}/.secrets/github",)
    monkeypatch.chdir(home)
    assert values("verify") == (
        f"github=@{home}/a",
        f"@{own_path().parent}/b",
        "any=@c",
        "x@d",
    )


@pytest.mark.parametrize(
    "line",
    [
        '[secrets]\ngithub = "@{}"',
        '[listen]\nsecret = ["github=@{}"]',
        '[listen]\nsecret = ["@{}"]',
    ],
)
@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "~/.ssh/id_rsa", "link/x"])
def test_a_folder_s_file_has_no_secrets_outside_of_the_folder(
    line: str, path: str, folder: Path, home: Path
) -> None:
    """Whoever sends requests might find out by trying what stands in another file."""
    (folder / "link").symlink_to(home)
    found(line.replace("{}", path))

    assert "leads out of the folder of hookcli.toml" in refused().message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[secrets]\ngithb = 'hunter2'", "[secrets] githb is no provider"),
        ("[secrets]\nany = 'hunter2'", "[secrets] any is no provider"),
        ("[secrets]\ngithub.token = 'hunter2'", "[secrets] github.token is no provider"),
        ("[secrets]\ngithub = 1", "[secrets] github is no text"),
        ("[secrets]\ngithub = [1]", "[secrets] github is no text"),
        ("secrets = 'hunter2'", "secrets stands in no table"),
        ("[listen]\nsecret = 'hunter2'", "[listen] secret is no list"),
        ("[listen]\nsecret = ['githb=hunter2']", "[listen] secret: what stands before = is nearly"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_without_the_secret(text: str, said: str) -> None:
    found(text)

    error = refused()

    assert error.message.startswith(f"./hookcli.toml: {said}")
    assert "hunter2" not in error.message + error.hint


def test_the_nearer_file_wins_in_whichever_form_it_has_secrets() -> None:
    own('[listen]\nsecret = ["github=1"]\n')
    found('[secrets]\nstripe = "2"\n')

    assert values() == ("stripe=2",)


def test_secrets_in_two_places_are_an_error() -> None:
    found('[secrets]\ngithub = "1"\n[listen]\nsecret = ["2"]\n')

    assert refused().message == (
        "./hookcli.toml: [secrets] and ./hookcli.toml: [listen] secret both set --secret"
    )
