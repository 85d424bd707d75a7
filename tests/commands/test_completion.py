"""`completion` prints the script for a shell, and reads nothing that could be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hookcli import cli
from hookcli.completion import SHELLS, script
from hookcli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_on_stdout(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """To be sourced as it is."""
    code = cli.run(["completion", shell])

    assert code == 0
    assert capsys.readouterr() == (script(shell, cli.root), "")


@pytest.mark.parametrize("arguments", [["bsh"], []])
def test_another_shell_is_wrong_usage(arguments: Sequence[str]) -> None:
    with pytest.raises(UsageError) as caught:
        cli.run(["completion", *arguments])

    assert "bash" in caught.value.message + caught.value.hint


def test_a_wrong_file_does_not_stop_a_shell_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for in whichever folder the shell starts."""
    monkeypatch.chdir(tmp_path)
    Path("hookcli.toml").write_text("nonsense")

    assert cli.run(["completion", "bash"]) == 0
