"""Files set what their tables say, the nearer one first, and what they must not say is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hookcli.config_files import own_path, shown
from hookcli.errors import UsageError
from hookcli.settings import Key, Settings

pytestmark = pytest.mark.usefixtures("folder")

COMMANDS = ("listen", "follow", "list")
KEYS = {
    "port": Key(number=True),
    "check": Key(flag=True),
    "event": Key(many=True),
    "respond_body": Key(number=True, path="@"),
    "domain": Key(),
    "save": Key(path="", template=True),
    "exec": Key(),
    "on_ready": Key(),
    "host": Key(),
    "ngrok_config": Key(path=""),
    "forward": Key(many=True),
    "store": Key(path="sqlite:"),
}


def found(text: str) -> None:
    """Put a hookcli.toml into the working folder."""
    Path("hookcli.toml").write_text(text, "utf-8")


def own(text: str) -> None:
    """Put a config.toml where the user's own one is."""
    own_path().parent.mkdir(parents=True, exist_ok=True)
    own_path().write_text(text, "utf-8")


def of(command: str = "listen") -> dict[str, Any]:
    """Return the values that the files set for a command."""
    return {key: given.value for key, given in Settings(COMMANDS).of(command, KEYS).items()}


def refused(command: str = "listen") -> UsageError:
    """Return what is said of a file."""
    with pytest.raises(UsageError) as caught:
        of(command)
    assert caught.value.hint
    return caught.value


def test_a_table_sets_the_options_of_its_command_and_of_no_other() -> None:
    """Flags, lists, numbers and texts, each as TOML has them; names with - or _."""
    found(
        '[listen]\nport = 80\ncheck = true\nevent = ["a", "b"]\ndomain = "x.test"\n'
        'respond-body = "fine"\n[follow]\ncheck = false\n'
    )

    assert of("listen") == {
        "port": "80",
        "check": True,
        "event": ("a", "b"),
        "domain": "x.test",
        "respond_body": "fine",
    }
    assert of("follow") == {"check": False}
    assert of("list") == {}


def test_the_nearer_file_wins_key_by_key(folder: Path) -> None:
    """What it does not set, the other one does; a list is not joined with another."""
    found('[listen]\ndomain = "near"\nevent = ["a"]\n')
    own('[listen]\ndomain = "far"\nport = 1\nevent = ["b"]\n')

    settings = Settings(COMMANDS)

    assert of() == {"domain": "near", "event": ("a",), "port": "1"}
    assert settings.paths == (folder / "hookcli.toml", own_path())
    assert settings.of("listen", KEYS)["domain"].place == "./hookcli.toml: [listen] domain"


def test_the_files_are_read_once(folder: Path) -> None:
    settings = Settings(COMMANDS)
    found("[listen]\nport = 1\n")
    before = settings.of("listen", KEYS)
    (folder / "hookcli.toml").unlink()

    assert settings.of("listen", KEYS) == before


def test_the_store_is_that_of_every_command_unless_it_has_its_own(folder: Path) -> None:
    found('[store]\nurl = "sqlite:a.db"\n[list]\nstore = "memory"\n')

    assert of("listen") == {"store": f"sqlite:{folder}/a.db"}
    assert of("list") == {"store": "memory"}


def test_routes_are_what_listen_forwards_and_only_listen() -> None:
    """The slash alone stands for the rest; the nearer file wins path by path."""
    found('[forward]\n"/stripe" = "3000/hooks"\n"/" = 8000\n')
    own('[forward]\n"/stripe" = "1"\n"/my_app" = "2"\n[follow]\nforward = ["9"]\n')

    assert of("listen") == {"forward": ("/stripe=3000/hooks", "/my_app=2", "8000")}
    assert of("follow") == {"forward": ("9",)}


def test_routes_in_two_places_are_an_error() -> None:
    """Which of them was meant is never a guess."""
    found('[forward]\n"/" = "1"\n[listen]\nforward = ["2"]\n')

    assert refused().message == (
        "./hookcli.toml: [forward] and ./hookcli.toml: [listen] forward both set --forward"
    )


def test_the_nearer_file_wins_in_whichever_form_it_says_where_to_forward() -> None:
    """What the farther one says goes as a whole: the two forms are not mixed."""
    own('[listen]\nforward = ["1"]\n')
    found('[forward]\n"/" = "2"\n')
    table = of("listen")
    own('[forward]\n"/" = "1"\n"/x" = "3"\n')
    found('[listen]\nforward = ["2"]\n')

    assert table == of("listen") == {"forward": ("2",)}


def test_paths_are_relative_to_the_file_they_stand_in(
    folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever hookcli is started; a folder keeps its last slash, and its braces are no fields."""
    below = folder / "{x}"
    (below / "a").mkdir(parents=True)
    (below / "hookcli.toml").write_text(
        '[listen]\nrespond_body = "@b/answer"\nsave = "s/{id}"\n[store]\nurl = "sqlite:./h.db"\n'
    )
    own('[listen]\nngrok_config = "n.yml"\n[list]\nsave = "~/hooks/"\n')
    monkeypatch.chdir(below / "a")

    assert of() == {
        "respond_body": f"@{below}/b/answer",
        "save": f"{folder}/{{{{x}}}}/s/{{id}}",
        "store": f"sqlite:{below}/./h.db",
        "ngrok_config": f"{own_path().parent}/n.yml",
    }
    assert of("list")["save"] == f"{home}/hooks/"


def test_a_text_that_is_no_path_stays_as_it_is() -> None:
    found('[listen]\nrespond_body = "a@b"\nsave = ""\nstore = "redis://x"\ndomain = "./x"\n')

    assert of() == {"respond_body": "a@b", "save": "", "store": "redis://x", "domain": "./x"}


@pytest.mark.parametrize(
    ("text", "said", "meant"),
    [
        ("[listen]\nprot = 1", "./hookcli.toml: [listen] prot is no key", "port"),
        ("[listen]\nrespond-bdy = ''", "[listen] respond-bdy is no key", "respond_body"),
        ("[lisen]\nport = 1", "./hookcli.toml: lisen is no table", "listen"),
        ("[store]\nulr = 'memory'", "./hookcli.toml: [store] ulr is no key", "url"),
    ],
)
def test_an_unknown_name_gets_the_nearest_known_one(text: str, said: str, meant: str) -> None:
    """With the file that it stands in."""
    found(text)

    error = refused()

    assert said in error.message
    assert error.hint.startswith(f"Did you mean {meant}? ")


@pytest.mark.parametrize("name", ["secret", "redis", "\\u001b[31m", "x" * 9_000])
def test_any_other_table_is_unknown(name: str) -> None:
    """What is told of it is short and harmless."""
    found(f'["{name}"]\na = 1')

    error = refused()

    assert error.message.endswith(" is no table")
    assert len(error.message) < 120
    assert error.message.isprintable()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[listen]\ncheck = 'yes'", "[listen] check is neither true nor false"),
        ("[listen]\ncheck = 1", "[listen] check is neither true nor false"),
        ("[listen]\nevent = 'push'", "[listen] event is no list"),
        ("[listen]\nevent = [1]", "[listen] event is no text"),
        ("[listen]\nevent = ['a', ['b']]", "[listen] event is no text"),
        ("[listen]\ndomain = 5", "[listen] domain is no text"),
        ("[listen]\ndomain = ['a']", "[listen] domain is no text"),
        ("[listen]\ndomain = {a = 1}", "[listen] domain is no text"),
        ("[listen]\nport = true", "[listen] port is neither a text nor a number"),
        ('[listen]\ndomain = "a\\u0000"', "[listen] domain is no text"),
        ("[listen]\nrespond-body = ''\nrespond_body = ''", "[listen] respond_body is there twice"),
        ("[store]\nurl = 1", "[store] url is no text"),
        ("[forward]\nstripe = '3000'", "[forward] stripe is no path"),
        ("[forward]\n'/' = ['3000']", "[forward] / is neither a text nor a number"),
        ("port = 1", "port stands in no table"),
        ("[[listen]]\nport = 1", "listen stands in no table"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_file_and_key(text: str, said: str) -> None:
    found(text)

    assert refused().message.startswith(f"./hookcli.toml: {said}")


@pytest.mark.parametrize("table", COMMANDS)
@pytest.mark.parametrize("name", ["exec", "on_ready", "on-ready", "host", "ngrok_config", "yes"])
def test_a_folder_s_file_cannot_run_or_open_anything(table: str, name: str) -> None:
    """In whichever table, and whichever command is run; the error says where it may stand."""
    found(f'[{table}]\n{name} = "x"')

    error = refused("list")

    flag, variable = name.replace("_", "-"), name.replace("-", "_")
    assert error.message.startswith(f"./hookcli.toml: [{table}] {name} may not stand there: ")
    assert f" {shown(own_path())}, with --{flag}, " in error.hint
    assert error.hint.endswith(f" HOOKCLI_{table}_{variable}".upper())


def test_the_user_s_own_file_may_run_and_open_what_it_likes() -> None:
    own('[listen]\nexec = "x"\non_ready = "y"\nhost = "::"\nngrok_config = "/n.yml"\n')

    assert of() == {"exec": "x", "on_ready": "y", "host": "::", "ngrok_config": "/n.yml"}


@pytest.mark.parametrize(
    "line",
    [
        'respond_body = "@/etc/passwd"',
        'respond_body = "@../x"',
        'respond_body = "@~/.ssh/id_rsa"',
        'respond_body = "@link/x"',
        'save = "/tmp/{id}"',
        'save = "~/.config/autostart/{id}.desktop"',
        'save = "../{id}"',
        'save = "link/{id}"',
        'save = "{{a}}/../../{id}"',
        'store = "sqlite:../x.db"',
        'store = "sqlite:///tmp/x.db"',
        'save = ".git/{event}"',
        'save = "sub/.GIT/hooks/{event}"',
        'save = "{id}/.{event}/{action}"',
        'respond_body = "@.git/config"',
    ],
)
def test_a_folder_s_file_neither_reads_nor_writes_outside_of_the_folder(
    line: str, folder: Path, home: Path
) -> None:
    """A cloned repository must not have a key answered, nor a program started at the next login.

    Or by the next `git status`: what stands in .git no clone brings along.
    """
    (folder / "link").symlink_to(home)
    found(f"[listen]\n{line}")

    strange = refused()
    (folder / "hookcli.toml").unlink()
    own(f"[listen]\n{line}")

    assert "leads out of the folder of hookcli.toml" in strange.message
    assert of()


def test_a_wrong_template_is_an_error_that_names_file_and_key() -> None:
    found('[listen]\nsave = "x/{evnt}"')

    assert refused().message.startswith("./hookcli.toml: [listen] save: --save has no field")
