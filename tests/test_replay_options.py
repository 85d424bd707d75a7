"""The options of `replay` are read, and what cannot be is refused with a reason."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import click
import pytest

from hookcli.commands.replay import replay
from hookcli.delivery import Headers
from hookcli.errors import HookError, UsageError
from hookcli.replay_options import at_once, in_editor, own_header, wish_of
from hookcli.replaying import Wish
from hookcli.settings import Settings
from tests.stores.builders import make_delivery

JSON = make_delivery(headers=Headers([("Content-Type", "application/json")]))


def wish(*arguments: str) -> Wish:
    """Return what a command line asks for."""
    settings = Settings(["replay"])
    with click.Context(click.Group("hookcli"), obj=settings) as parent:
        context = replay.make_context("replay", list(arguments), parent=parent)
        with context:
            return wish_of(context.params)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def editor(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a script, to be written, that a person has for an editor."""
    script = folder / "editor.py"
    monkeypatch.setenv("VISUAL", f"{sys.executable} {script}")
    return script


def test_by_default_it_goes_as_it_came() -> None:
    asked = wish()

    assert asked == Wish(routes=asked.routes)
    assert list(asked.routes) == []


def test_all_can_be_wished() -> None:
    asked = wish(
        *("--to", "3000", "--sign", "--set", "a.b=c", "--set", "n:=1", "--header", "A: 1"),
        *("--header", "B:", "--new-delivery-id", "--times", "3", "--concurrency", "2"),
        *("--secret", "github=x"),
    )

    assert asked.to
    assert (asked.to.url, asked.sign) == ("http://127.0.0.1:3000", True)
    assert asked.settings == ("a.b=c", "n:=1")
    assert asked.headers == (("A", "1"), ("B", ""))
    assert (asked.times, asked.concurrency, asked.new_delivery_id) == (3, 2, True)
    assert [secret.provider for secret in asked.secrets] == ["github"]
    assert wish("--no-sign").sign is False


def test_files_say_where_deliveries_go(folder: Path) -> None:
    """Unless that is said with the command."""
    (folder / "hookcli.toml").write_text('[forward]\n"/x" = 3000\n"/" = "4000/all"\n')

    routes = wish().routes

    assert [(route.prefix, route.endpoint.url) for route in routes] == [
        ("/x", "http://127.0.0.1:3000"),
        ("/", "http://127.0.0.1:4000/all"),
    ]
    assert list(wish("--to", "1").routes) == []


def test_an_error_in_a_file_says_where_it_is(folder: Path) -> None:
    (folder / "hookcli.toml").write_text('[forward]\n"/x" = "ftp://x"\n')

    with pytest.raises(UsageError, match=r"^\./hookcli.toml: \[forward\] /x: .*no"):
        wish()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--as-retry", "--new-delivery-id"), "--as-retry goes without --new-delivery-id"),
        (("--edit", "--times", "2"), "--edit goes without --times"),
        (("--set", "a"), "--set: 'a' sets no field"),
        (("--concurrency", "101"), "--concurrency: 101 at once are too many"),
        (("--header", "Host: x"), "--header: Host is not yours to choose"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        wish(*arguments)

    assert caught.value.message == said


def test_bounds_and_headers_are_read() -> None:
    assert at_once("100") == 100
    assert own_header("X-A: b") == ("X-A", "b")


def test_an_editor_gets_a_private_file_with_the_right_ending(editor: Path, folder: Path) -> None:
    """Which is gone afterwards."""
    editor.write_text(
        "import os, sys, pathlib\n"
        "path = pathlib.Path(sys.argv[1])\n"
        f"pathlib.Path({str(folder / 'seen')!r}).write_text("
        "f'{path} {os.stat(path).st_mode} {path.read_text()}')\n"
        "path.write_bytes(b'{}\\r\\n')\n"
        "os.utime(path, (1, 1))\n"
    )

    left = in_editor('{"a":1}', JSON)

    path, mode, text = (folder / "seen").read_text().split(" ", 2)
    assert left == "{}\r\n"
    assert (Path(path).suffix, text) == (".json", '{"a":1}')
    assert stat.S_IMODE(int(mode)) == 0o600
    assert not Path(path).exists()


def test_a_file_that_was_not_saved_is_unchanged(editor: Path) -> None:
    editor.write_text("")

    assert in_editor("a=1", JSON) == "a=1"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("raise SystemExit(1)", "The editor failed, and nothing is sent: .*"),
        (
            "import pathlib, sys; pathlib.Path(sys.argv[1]).write_bytes(b'\\xff' * 9)",
            "What the editor left is no UTF-8",
        ),
    ],
)
def test_an_editor_that_fails_is_an_error(editor: Path, script: str, said: str) -> None:
    editor.write_text(script)

    with pytest.raises(HookError, match=said):
        in_editor("{}", JSON)


def test_what_a_person_wrote_is_not_lost(editor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it cannot be sent; nobody else can read it."""
    monkeypatch.setattr("tempfile.tempdir", str(editor.parent))
    editor.write_text("import pathlib, sys; pathlib.Path(sys.argv[1]).write_text('{\\r\\n')")

    with pytest.raises(HookError, match="What the editor left is no JSON: Expecting") as caught:
        in_editor("{}", JSON)

    kept = Path(caught.value.hint.removeprefix("Nothing is sent; what you wrote is in "))
    assert (kept.read_bytes(), kept.suffix) == (b"{\r\n", ".json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_an_editor_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "/nowhere/editor")

    with pytest.raises(HookError, match="The editor failed"):
        in_editor("{}", JSON)
