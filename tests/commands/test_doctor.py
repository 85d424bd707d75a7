"""`doctor` tells what it finds, line by line, and whether anything of it is bad."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from hookcli import cli, diagnosing
from hookcli.commands.doctor import run
from hookcli.diagnosing import World
from hookcli.doctor_lines import Finding
from hookcli.screen import Screen
from tests.worlds import make_world

FINE = Finding("Port", "ok", "4567 is free")
LACKING = Finding("Token", "warn", "none", "Copy yours")
WRONG = Finding("Clock", "bad", "7 min fast", "Set it")


def only(monkeypatch: pytest.MonkeyPatch, *findings: Finding) -> None:
    """Let the doctor find this and nothing else."""
    looks = {each.topic: lambda _, each=each: each for each in findings}
    monkeypatch.setattr(diagnosing, "LOOKS", looks)


@pytest.mark.parametrize(
    ("findings", "code"), [((FINE, LACKING), 0), ((FINE, WRONG, LACKING), 1), ((), 0)]
)
async def test_something_bad_is_exit_1(
    findings: tuple[Finding, ...], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is only lacking is not."""
    only(monkeypatch, *findings)
    out = io.StringIO()

    found = await run(make_world(), out, Screen())

    assert found == code
    assert out.getvalue().count("\n") == sum(2 if each.do else 1 for each in findings)


def test_a_file_that_cannot_be_used_is_found_and_not_stumbled_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whichever command it is for: the doctor is asked when nothing else works."""
    looks = {"Config": diagnosing.LOOKS["Config"]}
    monkeypatch.setattr(diagnosing, "LOOKS", looks)
    monkeypatch.chdir(tmp_path)
    said = []
    for content in (
        "[",
        "[list]\nprot = 1",
        "[doctor]\nx = 1",
        "[store]\nmax_age = 'x'",
        "[list]\nn = 5",
    ):
        Path("hookcli.toml").write_text(content)
        code = cli.run(["doctor", "--color", "never"])
        said.append((code, capsys.readouterr().out))

    assert [code for code, _ in said] == [1, 1, 1, 1, 0]
    assert "Config     bad   ./hookcli.toml is not TOML" in said[0][1]
    assert "[list] prot is no key" in said[1][1]
    assert "[doctor] x is no key" in said[2][1]
    assert "max_age" in said[3][1]
    assert said[4][1] == "Config     ok    ./hookcli.toml\n"


def test_a_misspelt_variable_is_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of another command as well."""
    monkeypatch.setattr(diagnosing, "LOOKS", {"Config": diagnosing.LOOKS["Config"]})
    monkeypatch.setenv("HOOKCLI_LISTEN_PROT", "1")

    code = cli.run(["doctor"])

    assert code == 1
    assert "HOOKCLI_LISTEN_PROT sets nothing" in capsys.readouterr().out


def test_the_store_that_is_asked_for_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And is not made."""
    monkeypatch.setattr(diagnosing, "LOOKS", {"Store": diagnosing.LOOKS["Store"]})

    code = cli.run(["doctor", "--store", f"sqlite:{tmp_path / 'x.db'}"])

    assert code == 0
    assert "x.db is not there yet" in capsys.readouterr().out
    assert not (tmp_path / "x.db").exists()


def test_it_looks_at_the_real_world_by_default() -> None:
    """The port that listen takes, and servers that are far away."""
    world = World(environ={}, store=None, settings=tuple)

    assert world.port == 4567
    assert all(url.startswith("https://") for url in world.clocks)
