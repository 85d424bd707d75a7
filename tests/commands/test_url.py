"""`url` prints where the running listener is reached."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hookcli import cli
from hookcli.errors import HookError
from tests.test_running import THEN, listening, make_status


def test_the_public_url_alone_is_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """`$(hookcli url)` is the URL and nothing else."""
    with listening(make_status()):
        code = cli.run(["url"])

    assert code == 0
    assert capsys.readouterr() == ("https://otter.ngrok-free.app\n", "")


def test_the_local_url_is_there_for_the_asking(capsys: pytest.CaptureFixture[str]) -> None:
    """Also without any tunnel."""
    with listening(make_status(public_url=None, tunnel=None)):
        cli.run(["url", "--local"])

    assert capsys.readouterr().out == "http://127.0.0.1:4567\n"


def test_of_several_listeners_the_last_one_started_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A script gets one URL."""
    newer = make_status(started_at=THEN + timedelta(hours=1), public_url="https://new.example")

    with listening(newer), listening(make_status()):
        cli.run(["url"])

    assert capsys.readouterr().out == "https://new.example\n"


def test_without_a_public_url_it_fails() -> None:
    """An empty answer would be pasted somewhere."""
    with listening(make_status(public_url=None)), pytest.raises(HookError) as caught:
        cli.run(["url"])

    assert caught.value.exit_code == 1
    assert "hookcli url --local" in caught.value.hint


def test_without_a_listener_it_fails() -> None:
    """It says how to start one."""
    with pytest.raises(HookError) as caught:
        cli.run(["url"])

    assert caught.value.exit_code == 1
    assert caught.value.message == "No listener is running"
