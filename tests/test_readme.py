"""The README keeps its word: what it shows is there, and what is there it shows."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest

from hookcli import records
from hookcli.cli import TARGETS, root
from hookcli.commands import listen
from hookcli.delivery import EPOCH, Attempt, Delivery
from hookcli.filenames import FIELDS
from hookcli.running import Status
from hookcli.state import Ready, TunnelState
from hookcli.where import compile_where

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
SOURCES = "\n".join(path.read_text("utf-8") for path in (ROOT / "hookcli").rglob("*.py"))

FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROSE = FENCED.sub("", README)

READ_FOR_PATHS = {"HOME", "USERPROFILE", "LOCALAPPDATA", "PATH"}
"""Variables that every program reads, and nobody sets for hookcli."""

TUNNEL = TunnelState(state="online", public_url=None, at=EPOCH)
STATUS = Status(
    local_url="",
    public_url=None,
    tunnel=TUNNEL,
    store="memory",
    pid=1,
    started_at=EPOCH,
    deliveries=0,
    bad=0,
    failed=0,
)
RECORDS = {
    record["type"]: list(record)
    for record in (
        records.delivery_record(Delivery(method="GET", path="/"), b""),
        records.attempt_record(Attempt(kind="answer", started_at=EPOCH, duration_ms=0)),
        records.ready_record(Ready(public_url=None, local_url="", store="memory", pid=1)),
        records.tunnel_record(TUNNEL),
        STATUS.to_json(),
    )
}
"""The keys of each kind of record."""


def blocks(*languages: str) -> list[str]:
    """Return the code blocks in these languages."""
    return [text for language, text in FENCED.findall(README) if language in languages]


def typed() -> list[str]:
    """Return every line that a reader is shown to type into a shell, or reads of in the text."""
    lines = "\n".join(blocks("sh")).replace("\\\n", " ").splitlines()
    lines += re.findall(r"^\$ (.*)", "\n".join(blocks("console")), re.MULTILINE)
    prose = re.sub(r"^#.*", "", PROSE, flags=re.MULTILINE)
    lines += re.findall(r"`(hookcli [^`]*)`", prose)
    return lines + re.findall(r"\$\((.*?)\)", "\n".join(lines))


def arguments(line: str) -> list[str] | None:
    """Return what `hookcli` is given in a line of shell; None where it is not called."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    calls = [at for at, word in enumerate(words) if word.rpartition("/")[2] == "hookcli"]
    if not calls:
        return None
    given = words[calls[0] + 1 :]
    ends = [at for at, word in enumerate(given) if set(word) <= set("|&;<>()")]
    return given[: min(ends, default=len(given))]


def command(name: str) -> click.Command:
    """Return the command of that name."""
    found = root.get_command(click.Context(root), name)
    assert found
    return found


def section(name: str) -> str:
    """Return what stands under a command's heading, with the heading."""
    found = re.search(rf"^### `hookcli {name}\b.*?(?=^##)", README, re.MULTILINE | re.DOTALL)
    assert found, f"hookcli {name} has no heading"
    return found[0]


def table(title: str) -> list[str]:
    """Return the first cells of the table whose first heading is `title`."""
    found = re.search(rf"^\| {re.escape(title)} \|.*\n\|---.*\n((?:\|.*\n)+)", README, re.MULTILINE)
    assert found, f"there is no table {title}"
    return [re.split(r"(?<!\\)\|", row)[1].strip() for row in found[1].splitlines()]


def test_two_commands_do_all_the_set_up() -> None:
    """Each on one line by itself: they are copied, and CI runs them."""
    setup = "python3 -m venv .venv && .venv/bin/pip install"

    lines = README.splitlines()

    assert f"{setup} . && .venv/bin/hookcli listen 4567" in lines
    assert f"{setup} -e '.[dev]' && .venv/bin/pytest" in lines


@pytest.mark.parametrize("line", [line for line in typed() if arguments(line)])
def test_every_command_line_can_be_typed(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It parses, with templates and expressions; nothing is run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_WEBHOOK_SECRET", "secret")
    for name in ("answer.json", "note.json"):
        (tmp_path / name).write_text("{}")
    (tmp_path / ".secrets").mkdir()
    (tmp_path / ".secrets/stripe").write_text("secret")
    name, *rest = arguments(line) or [""]
    if name == "--version":
        return

    context = command(name).make_context(name, rest)

    if name == "listen":
        listen._wish(**context.params)
    elif where := context.params.get("where"):
        compile_where(where, lambda *_: None)


def test_command_lines_are_found() -> None:
    """In blocks, in the text, in pipes, and in one another."""
    shown = [arguments(line) for line in typed()]

    assert ["listen", "4567"] in shown
    assert ["url"] in shown
    assert ["show", "--format", "body"] in shown
    assert arguments("A=1 .venv/bin/hookcli url --local > file") == ["url", "--local"]
    assert arguments("curl localhost:4567") is None


@pytest.mark.parametrize("name", TARGETS)
def test_the_table_of_a_command_has_its_options_and_no_others(name: str) -> None:
    """In the words, and in the order, of its help."""
    shown = re.findall(r"^\| `(-.*?)` \|", section(name), re.MULTILINE)

    options = [each for each in command(name).params if isinstance(each, click.Option)]
    helps = [each.get_help_record(click.Context(command(name))) for each in options]
    assert [option.replace(r"\|", "|") for option in shown] == [row[0] for row in helps if row]


@pytest.mark.parametrize("name", TARGETS)
def test_the_heading_of_a_command_names_what_it_takes(name: str) -> None:
    """As its help does."""
    params = command(name).params
    takes = [str(each.metavar) for each in params if isinstance(each, click.Argument)]

    assert section(name).splitlines()[0] == f"### `{' '.join(['hookcli', name, *takes])}`"


def test_the_text_names_no_option_that_is_not_there() -> None:
    """Nor one of another version."""
    params = [*root.get_params(click.Context(root, **root.context_settings))]
    params += [each for name in TARGETS for each in command(name).params]

    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PROSE))

    assert named - {name for each in params for name in (*each.opts, *each.secondary_opts)} == set()


def test_every_format_and_field_has_its_place() -> None:
    """What `--format` and `--save` take stands beside what it means."""
    [form] = [each for each in listen.listen.params if each.name == "form"]

    assert [cell.strip("`") for cell in table("format")] == str(form.metavar).split("|")
    assert {field for field in FIELDS if f"`{{{field}}}`" not in README} == set()


def test_records_are_shown_with_the_keys_that_they_have() -> None:
    """All keys, in their order, and a text whose size is right."""
    [text] = blocks("json")
    shown: list[dict[str, Any]] = []
    while text.strip():
        record, end = json.JSONDecoder().raw_decode(text)
        shown.append(record)
        text = text[end:].lstrip()

    assert [each["type"] for each in shown] == ["delivery", "attempt", "ready", "tunnel"]
    assert [list(each) for each in shown] == [RECORDS[each["type"]] for each in shown]
    assert len(shown[0]["body"]) == shown[0]["size"]
    assert json.loads(shown[0]["body"]) == shown[0]["payload"]


@pytest.mark.parametrize("kind", RECORDS)
def test_every_key_of_a_record_is_explained(kind: str) -> None:
    """And none that it has not."""
    keys = re.findall(r"`(\w+)`", " ".join(table(f"`{kind}`")))

    assert sorted(["type", *keys]) == sorted(RECORDS[kind])


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (0, "--version"),
        (1, "url"),
        (2, "lst"),
        (3, "listen 0 --tunnel none --store memory --count 1 --timeout 0.1"),
    ],
)
def test_programs_end_with_the_codes_that_are_named(code: int, line: str) -> None:
    """The other two are those of the shell, for signals."""
    ended = subprocess.run(
        [sys.executable, "-m", "hookcli", *line.split()], capture_output=True, check=False
    )

    assert ended.returncode == code
    assert table("code") == ["0", "1", "2", "3", "130", "143"]


def test_every_variable_that_is_read_is_named() -> None:
    """And no HOOKCLI_ one that is not."""
    named = set(re.findall(r"`(\w+)`", " ".join(table("variable"))))
    read = set(re.findall(r'(?:environ\.get\(|envvar=)"(\w+)"', SOURCES))

    assert read - named - READ_FOR_PATHS == set()
    assert {name for name in named - read if name.startswith("HOOKCLI_")} == set()


def test_every_dependency_has_its_reason() -> None:
    """And there are no others."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

    assert table("package") == [re.split(r"[>=]", each)[0] for each in project["dependencies"]]
