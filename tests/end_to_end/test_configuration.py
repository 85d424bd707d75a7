"""What files and variables set holds for the whole program, and cannot be turned against anyone."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import pytest

from hookcli import cli
from hookcli.settings import Settings
from tests.end_to_end.support import Running, post, run

if TYPE_CHECKING:
    from collections.abc import Mapping

README = Path(__file__).parent.parent.parent / "README.md"
LOCAL = '[listen]\nport = 0\ntunnel = "none"\n'


def own(text: str) -> None:
    """Put a config.toml where the user's own one is."""
    path = platformdirs.user_config_path("hookcli", appauthor=False) / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def told(*arguments: str) -> tuple[int, str]:
    """Return the exit code of a run, and what it says on stderr; stdout stays empty."""
    ended = run(*arguments)
    assert ended.stdout == b""
    return ended.returncode, ended.stderr.decode()


def received(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Running:
    """Listen, receive one delivery and end; return what ran."""
    with Running(folder, "listen", *arguments, "--count", "1", env=env) as hookcli:
        post(hookcli.local_url, b'{"a":1}', {"X-GitHub-Event": "push"})
        assert hookcli.ends() == 0
    return hookcli


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a working folder below one that may have a hookcli.toml."""
    folder = tmp_path / "project"
    (folder / "below").mkdir(parents=True)
    monkeypatch.chdir(folder / "below")
    return folder


def test_listen_does_what_a_file_says(folder: Path, tmp_path: Path) -> None:
    """Found in a folder above: port, tunnel, format, answer, saved files, and store beside it."""
    (folder / "answer.txt").write_text("from a file")
    (folder / "hookcli.toml").write_text(
        f'{LOCAL}format = "body"\nrespond_body = "@answer.txt"\nsave = "saved/{{event}}{{ext}}"\n'
        '[store]\nurl = "sqlite:kept/hooks.db"\n'
    )

    hookcli = received(tmp_path)

    assert hookcli.out.read_text() == '{"a":1}\n'
    assert (folder / "saved" / "push.json").read_text() == '{"a":1}'
    assert (folder / "kept" / "hooks.db").exists()
    assert '200 "from a file"' in hookcli.err.read_text()
    assert re.search(r"^Config +\S", hookcli.err.read_text(), re.MULTILINE)
    assert json.loads(run("show").stdout)["event"] == "push"
    assert list((folder / "below").iterdir()) == []


def test_the_nearest_place_wins(folder: Path, tmp_path: Path) -> None:
    """The command line, a variable, the folder's file, the user's own file."""
    own(f'{LOCAL}respond = 201\nformat = "line"\nrespond_body = "own"\nevent = ["none"]\n')
    (folder / "hookcli.toml").write_text('[listen]\nrespond = 202\nformat = "ndjson"\n')
    env = os.environ | {"HOOKCLI_LISTEN_FORMAT": "pretty", "HOOKCLI_LISTEN_EVENT": "push\nping"}

    hookcli = received(tmp_path, "--format", "records", env=env)

    records = [json.loads(line) for line in hookcli.out.read_text().splitlines()]
    [answer] = [record for record in records if record["type"] == "attempt"]
    assert (answer["status"], answer["body"]) == (202, "own")
    assert "push, ping" in hookcli.err.read_text()


def test_only_the_user_s_own_file_can_run_a_command(folder: Path, tmp_path: Path) -> None:
    """It is as good as an option."""
    own(f"{LOCAL}exec = \"sh -c 'cat > ran'\"\n")

    received(tmp_path)

    assert (folder / "below" / "ran").read_text() == '{"a":1}'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[listen", "Error: ./hookcli.toml is not TOML: "),
        (
            "[listen]\nprot = 1",
            "Error: ./hookcli.toml: [listen] prot is no key\nHint: Did you mean port?",
        ),
        (
            "[lisen]\nport = 1",
            "Error: ./hookcli.toml: lisen is no table\nHint: Did you mean listen?",
        ),
        ("[store]\nmax_agee = '30d'", "Error: ./hookcli.toml: [store] max_agee is no key"),
        ("[secrets]\ngithubb = 'x'", "Error: ./hookcli.toml: [secrets] githubb is no provider"),
        ("[listen]\ncheck = 'yes'", "Error: ./hookcli.toml: [listen] check is neither"),
        (
            "[listen]\nformat = 'prety'",
            "Error: ./hookcli.toml: [listen] format: there is no 'prety'",
        ),
        ("[listen]\nport = 70_000", "Error: ./hookcli.toml: [listen] port: '70000' is not a port"),
        ("[listen]\nrespond-body = '@gone'", "Error: ./hookcli.toml: [listen] respond-body: "),
        ("[listen]\nwhere = '??'", "Error: ./hookcli.toml: [listen] where: --where does not"),
        ("[listen]\nsave = 'x.json'", "Error: ./hookcli.toml: [listen] save: --save "),
        ("[store]\nurl = 'sqlit:x'", "Error: ./hookcli.toml: [store] url: there is no store"),
        ("[forward]\n'/' = 'ftp://x'", "Error: ./hookcli.toml: [forward]: "),
        ("[listen]\nexec = 'x'", "Error: ./hookcli.toml: [listen] exec may not stand there: "),
        ("[listen]\non_ready = 'x'", "Error: ./hookcli.toml: [listen] on_ready may not stand"),
        ("[follow]\nexec = 'x'", "Error: ./hookcli.toml: [follow] exec may not stand there: "),
        ("[listen]\nhost = '0.0.0.0'", "Error: ./hookcli.toml: [listen] host may not stand"),
        ("[listen]\nngrok_config = 'x'", "Error: ./hookcli.toml: [listen] ngrok_config may"),
        ("[listen]\nsave = '../{id}'", "Error: ./hookcli.toml: [listen] save leads out of"),
    ],
)
def test_a_bad_file_is_wrong_usage_that_names_file_and_key(text: str, said: str) -> None:
    """Nothing is received then, and nothing written."""
    Path("hookcli.toml").write_text(text)

    code, error = told("listen", *(["0"] if "port" not in text else []), "--tunnel", "none")

    assert code == 2
    assert error.startswith(said)
    assert re.fullmatch(r"Error: .+\nHint: .+\n", error)
    assert list(Path().iterdir()) == [Path("hookcli.toml")]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "HOOKCLI_LISTEN_FORMATT",
            "line",
            "HOOKCLI_LISTEN_FORMATT sets nothing\nHint: Did you mean ",
        ),
        ("HOOKCLI_LISTEN_TIMEOUT", "2min", "HOOKCLI_LISTEN_TIMEOUT: '2min' is not a duration"),
        ("HOOKCLI_LISTEN_CHECK", "maybe", "HOOKCLI_LISTEN_CHECK: 'maybe' is not a valid boolean"),
        ("HOOKCLI_LISTEN_PORT", "x", "HOOKCLI_LISTEN_PORT: 'x' is not a port"),
        ("HOOKCLI_LISTEN_WHERE", "??", "HOOKCLI_LISTEN_WHERE: --where does not compile"),
        ("HOOKCLI_STORE", "sqlit:x", "HOOKCLI_STORE: there is no store 'sqlit:x'"),
    ],
)
def test_a_bad_variable_is_wrong_usage_that_names_it(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    code, error = told("listen", *(["0"] if "PORT" not in name else []), "--tunnel", "none")

    assert code == 2
    assert error.startswith(f"Error: {said}")


def test_help_and_version_are_there_whatever_a_file_says() -> None:
    """They are what one turns to."""
    Path("hookcli.toml").write_text("nonsense")

    for arguments in (["--version"], ["--help"], ["listen", "--help"], ["completion", "bash"]):
        ended = run(*arguments)
        assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() > 0, reason="only root gives away")
def test_a_stranger_s_file_further_up_is_not_heeded(folder: Path) -> None:
    """Whoever may write to a folder above does not get at the deliveries."""
    (folder / "hookcli.toml").write_text('[forward]\n"/" = "https://evil.example"\n')
    os.chown(folder / "hookcli.toml", 4_000_000, -1)

    code, error = told("listen", "0", "--tunnel", "none", "--timeout", "0.1")

    assert code == 2
    assert "hookcli.toml belongs to another user" in error


def test_the_file_in_the_readme_can_be_used(folder: Path) -> None:
    """As it stands there, from its first to its last line."""
    [text] = re.findall(
        r"^```toml\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    (folder / "hookcli.toml").write_text(text)
    (folder / "answer.json").write_text("{}")

    with cli.root.make_context("hookcli", ["listen"]) as context:
        context.obj = Settings(cli.TARGETS)
        command = cli.root.get_command(context, "listen")
        assert command
        listen = command.make_context("listen", [], parent=context)
        flagged = command.make_context("listen", ["--forward", "3000"], parent=context)

    assert (listen.params["port"], listen.params["check"]) == (4567, True)
    assert listen.params["respond_body"] == b"{}"
    assert listen.params["store"] == f"sqlite:{folder}/./hooks.db"
    assert (len(listen.params["forward"]), len(flagged.params["forward"])) == (2, 1)
