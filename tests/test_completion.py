"""What may stand next is found in the table, the options and the store, and never fails."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hookcli import cli, completion
from hookcli.cli import TARGETS, root
from hookcli.completion import SHELLS, script, suggest, words
from hookcli.stores.opening import open_store
from tests.stores.builders import make_delivery

if TYPE_CHECKING:
    from hookcli.delivery import Delivery

pytestmark = pytest.mark.usefixtures("folder")

NOTHING: list[str] = []


def fill(*deliveries: Delivery) -> str:
    """Put these into a store; return its URL."""

    async def append() -> None:
        store = await open_store("sqlite:hooks.db", create=True)
        for delivery in deliveries:
            await store.append(delivery)
        await store.close()

    asyncio.run(append())
    return "sqlite:hooks.db"


def values(name: str, incomplete: str, store: str | None = None) -> list[str]:
    """Return what is suggested for a parameter."""
    return [item.value for item in suggest([name], incomplete, store) or []]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Asked:
    """Return what asks as the script of a shell does."""
    return Asked(monkeypatch, capsys)


class Asked:
    """Asks what may stand at the end of a line."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *line: str, shell: str = "bash") -> list[str]:
        """Return the lines that the shell gets."""
        current = line[-1] if shell == "fish" else str(len(line) - 1)
        self._monkeypatch.setenv("_HOOKCLI_COMPLETE", f"{shell}_complete")
        self._monkeypatch.setenv("COMP_WORDS", "\n".join(line))
        self._monkeypatch.setenv("COMP_CWORD", current)
        assert cli.run([]) == 0
        told = self._capsys.readouterr()
        assert told.err == ""
        return told.out.splitlines()


def test_ids_are_the_newest_first_and_say_what_they_are() -> None:
    """With `latest`; a provider's id is offered once it is begun."""
    store = fill(
        make_delivery(),
        make_delivery(provider=None, event=None, action=None, delivery_id=None, path="/x"),
        make_delivery(event="push", action=None, delivery_id="29f3"),
    )

    items = suggest(["[ID]"], "", store) or []

    assert [(item.value, item.help) for item in items] == [
        ("latest", "github push"),
        ("3", "github push"),
        ("2", "POST /x"),
        ("1", "github issues.opened"),
    ]
    assert values("[ID]", "2", store) == ["2", "29f3"]
    assert values("[ID]", "72", store) == ["72d3162e-cc78-11e3-81ab-4c9367dc0958"]
    assert values("[ID]", "la", store) == ["latest"]


def test_events_and_providers_are_those_in_the_store() -> None:
    """Each once, with and without its action."""
    store = fill(
        *[make_delivery()] * 2, make_delivery(event="push", action=None), make_delivery(event=None)
    )

    assert values("GLOB", "", store) == ["issues", "issues.opened", "push"]
    assert values("GLOB", "is", store) == ["issues", "issues.opened"]
    assert values("provider", "", store) == ["github"]


def test_what_a_shell_would_act_on_is_not_offered() -> None:
    """A sender chooses these values, and they go into a command line."""
    evil = ["$(reboot)", "`x`", "a;b", "a b", "a\nb", "-rf", "~", "=ls", "a'b", "*", "\u202ea", ""]
    store = fill(*[make_delivery(event=text, delivery_id=text) for text in evil])

    offered = [*values("GLOB", "", store), *values("[ID]", "", store)]

    assert [text for text in offered if not text.isalnum()] == NOTHING
    assert "latest" in offered


def test_what_is_told_of_an_id_is_harmless_and_short() -> None:
    [latest, _] = suggest(["[ID]"], "", fill(make_delivery(event="\x1b[31m\n" * 99))) or []

    assert latest.help
    assert latest.help.isprintable()
    assert len(latest.help) <= 60


def test_no_more_is_offered_than_one_can_look_at() -> None:
    store = fill(*[make_delivery(event=f"e{n}") for n in range(60)])

    assert len(values("[ID]", "", store)) == 50
    assert len(values("GLOB", "", store)) == 50


def test_without_a_store_nothing_is_offered_and_none_is_made(asked: Asked, folder: Path) -> None:
    """Looking is no reason to create anything."""
    assert asked("hookcli", "show", "--store", "sqlite:gone.db", "") == NOTHING
    assert values("[ID]", "", "memory") == []
    assert list(folder.iterdir()) == []


def test_files_are_offered_behind_an_at_sign(folder: Path) -> None:
    """As they are typed, relative or not; odd names are left out."""
    (folder / "sub").mkdir()
    for name in ("answer.json", "also", "odd name", "sub/inner"):
        (folder / name).touch()

    assert values("TEXT|@FILE", "@") == ["@also", "@answer.json", "@sub/"]
    assert values("TEXT|@FILE", "@an") == ["@answer.json"]
    assert values("TEXT|@FILE", "@sub/") == ["@sub/inner"]
    assert values("TEXT|@FILE", "a") == []


def test_what_is_no_id_may_be_a_file(folder: Path) -> None:
    """The shell knows which there are; also where there is no store yet."""
    store = fill(make_delivery(delivery_id=None))

    file = [suggest(["[ID|FILE|-]"], "req", each) for each in (store, f"sqlite:{folder}/none.db")]

    assert [[(item.value, item.type) for item in items or []] for items in file] == [
        [("req", "file")],
        [("req", "file")],
    ]
    assert values("[ID|FILE|-]", "", store) == ["latest", "1"]


def test_a_template_begins_with_a_folder() -> None:
    items = suggest(["save", "TEMPLATE"], "ho", None) or []

    assert [(item.value, item.type) for item in items] == [("ho", "dir")]


def test_of_other_values_nothing_is_known() -> None:
    assert suggest(["domain", "NAME"], "", None) is None
    assert [item.value for item in words(("ab", "b"), "a")] == ["ab"]


def test_commands_are_offered_with_their_summaries_and_not_imported(asked: Asked) -> None:
    """All of them would take a second."""
    offered = asked("hookcli", "", shell="zsh")

    assert offered[1::3] == list(TARGETS)
    assert "List what was received, newest last" in offered


def test_commands_are_completed_without_importing_any() -> None:
    program = (
        "import os, sys; from hookcli import cli;"
        "os.environ |= {'_HOOKCLI_COMPLETE': 'bash_complete', 'COMP_WORDS': 'hookcli l',"
        " 'COMP_CWORD': '1'}; cli.run([]);"
        "print([name for name in sys.modules if name.startswith('hookcli.commands')])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert ended.stdout.split() == [b"plain,listen", b"plain,list", b"[]"]


def test_each_shell_gets_its_own_form(asked: Asked) -> None:
    """The store is the one that the line, the environment or a file names."""
    store = fill(make_delivery())
    Path("hookcli.toml").write_text(f'[store]\nurl = "{store}"\n')

    assert asked("hookcli", "show", "1") == ["plain,1"]
    assert asked("hookcli", "show", "1", shell="zsh") == ["plain", "1", "github issues.opened"]
    assert asked("hookcli", "show", "1", shell="fish") == ["plain,1\tgithub issues.opened"]


def test_bash_cuts_words_at_equals_and_at_signs(asked: Asked) -> None:
    """It puts what is offered behind the one, and in place of the other."""
    Path("answer.json").touch()

    assert asked("hookcli", "list", "--color", "=", "al") == ["plain,always"]
    assert asked("hookcli", "listen", "--respond-body", "@", "an") == ["plain,@answer.json"]
    assert asked("hookcli", "listen", "--respond-body", "=@", "an") == ["plain,@answer.json"]
    assert asked("hookcli", "listen", "--respond-body", "=@") == ["plain,@answer.json"]
    assert asked("hookcli", "listen", "--respond-body", "@") == ["plain,@answer.json"]


def test_zsh_and_fish_get_the_option_back_with_its_value(asked: Asked) -> None:
    """They put what is offered in place of all of it, which would be another command line."""
    store = fill(make_delivery())
    since = ("hookcli", "follow", "--store", store, "--since=1")

    assert asked("hookcli", "list", "--color=al", shell="zsh") == ["plain", "--color=always", "_"]
    assert asked("hookcli", "list", "--color=al", shell="fish") == ["plain,--color=always"]
    assert asked(*since, shell="fish") == ["plain,--since=1\tgithub issues.opened"]


@pytest.mark.parametrize(
    "line", [["hookcli", "nope", ""], ["hookcli", "list", "--nope", ""], ["hookcli"], ["", ""]]
)
def test_what_makes_no_sense_gets_nothing(line: list[str], asked: Asked) -> None:
    """No error, no traceback."""
    assert "Error" not in "".join(asked(*line))


@pytest.mark.parametrize("shell", ["tcsh", "bash_source", ""])
def test_an_unknown_shell_gets_nothing(shell: str, asked: Asked) -> None:
    assert asked("hookcli", "", shell=shell) == []


def test_a_store_that_is_broken_gets_nothing(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debugging or not: it would stand in the middle of what a person types."""
    Path("hooks.db").write_bytes(b"no database" * 100)
    monkeypatch.setenv("HOOKCLI_DEBUG", "1")

    assert asked("hookcli", "show", "--store", "sqlite:hooks.db", "") == []


def test_what_takes_too_long_is_given_up() -> None:
    """Nobody waits at a prompt; the process ends without a word."""
    program = (
        "import os, time; from hookcli import completion; from hookcli.cli import root;"
        "completion._LONGEST_S = 0.05; completion._newest = lambda _: time.sleep(60);"
        "os.environ |= {'_HOOKCLI_COMPLETE': 'bash_complete', 'COMP_WORDS': 'hookcli show ',"
        " 'COMP_CWORD': '2'}; completion.respond(root, None); print('late')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=30, check=False
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_asks_hookcli(shell: str) -> None:
    text = script(shell, root)

    assert f"{completion.VARIABLE}={shell}_complete" in text
    assert text.endswith("\n")


def test_a_description_in_fish_may_have_a_comma() -> None:
    """Click's own script cuts it there."""
    assert 'split --max 1 ","' in script("fish", root)
