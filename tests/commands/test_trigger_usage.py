"""`trigger` says what is wrong with its arguments, and completes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hookcli import cli
from hookcli.commands import trigger as module
from hookcli.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def trigger(*arguments: str) -> int:
    return cli.run(["trigger", *arguments])


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["githib"], "there is no provider 'githib'", "Did you mean github?"),
        (["invoice.paid"], "there is no provider", "hookcli trigger stripe invoice.paid?"),
        (["github", "issue.opened"], "no sample 'issue.opened'", "Did you mean issues.opened?"),
        (["zoom"], "There are no samples of Zoom", "--payload FILE"),
        (["--to", "3000"], "Say what to send", "hookcli trigger alone"),
        (["github", "--like", "1"], "--like says what to send", "Leave PROVIDER and EVENT out"),
        (["github", "--payload", "gone"], "'gone' cannot be read", "Name a file"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(arguments: list[str], message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        trigger(*arguments)

    assert message in caught.value.message
    assert hint in caught.value.hint


def test_what_is_too_large_for_any_provider_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LARGEST", 4)
    file = tmp_path / "large"
    file.write_bytes(b"12345")

    with pytest.raises(UsageError, match="larger than 256 MiB"):
        trigger("github", "push", "--payload", str(file))


@pytest.mark.parametrize(
    ("words", "suggested"),
    [
        (["git"], ["github", "gitlab"]),
        (["gitlab", ""], ["push", "merge_request"]),
        (["stripe", "inv"], ["invoice.paid"]),
    ],
)
def test_providers_and_events_are_completed(
    words: list[str],
    suggested: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("_HOOKCLI_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "\n".join(["hookcli", "trigger", *words]))
    monkeypatch.setenv("COMP_CWORD", str(len(words) + 1))

    cli.run([])

    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(",")[2] for line in lines] == suggested
