"""The command line of `follow` becomes a wish, or an error that names what is wrong."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hookcli.commands import follow as module
from hookcli.commands.follow import follow
from hookcli.errors import UsageError
from hookcli.grammar import reference
from hookcli.routes import route

if TYPE_CHECKING:
    from hookcli.following import FollowWish


class Runs:
    """What was asked of a run that does not take place."""

    def __init__(self, code: int) -> None:
        self.code = code
        self.wish: FollowWish
        self.streams: tuple[Any, ...] = ()

    async def watch(self, wish: FollowWish, *, stdout: Any, stderr: Any, environ: Any) -> int:
        """Note the wish."""
        self.wish = wish
        self.streams = stdout, stderr, environ
        return self.code


def asked(monkeypatch: pytest.MonkeyPatch, *arguments: str, code: int = 0) -> Runs:
    """Run `hookcli follow` with these arguments; return what it asked for."""
    runs = Runs(code)
    monkeypatch.setattr(module, "watch", runs.watch)
    with pytest.raises(SystemExit) as end:
        follow.main(list(arguments), prog_name="hookcli follow")
    assert (end.value.code or 0) == code
    return runs


def test_without_options_it_shows_what_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, and sends it nowhere."""
    runs = asked(monkeypatch)

    wish = runs.wish
    assert (wish.last, wish.since, wish.store) == (None, None, None)
    assert (list(wish.routes), wish.forward_timeout_s, wish.insecure) == ([], 30, False)
    assert wish.watch.form is None
    assert runs.streams == (sys.stdout, sys.stderr, os.environ)


def test_every_option_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    wish = asked(
        monkeypatch,
        *("--last", "20", "--forward", "3000", "-f", "/stripe=https://app.test/hooks"),
        *("--forward-timeout", "2m", "--insecure", "--format", "line", "-e", "push"),
        *("--save", "hooks", "--count", "3", "--timeout", "1m", "--check"),
        *("--color", "never", "--store", "sqlite:x.db"),
    ).wish

    assert wish.last == 20
    assert list(wish.routes) == [route("/stripe=https://app.test/hooks"), route("3000")]
    assert (wish.forward_timeout_s, wish.insecure, wish.store) == (120, True, "sqlite:x.db")
    watch = wish.watch
    assert (watch.form, watch.color, watch.choice.named) == ("line", "never", ("push",))
    assert watch.save is not None
    assert (watch.count, watch.timeout_s, watch.check) == (3, 60, True)


@pytest.mark.parametrize("text", ["42", "#42", "latest", "latest~3", "72d3162e", "0123456789"])
def test_since_takes_a_delivery(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Digits are a number, never seconds."""
    assert asked(monkeypatch, "--since", text).wish.since == reference(text)


def test_since_takes_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a duration, for so long ago."""
    at = asked(monkeypatch, "--since", "2026-11-24T22:35:01Z").wish.since
    ago = asked(monkeypatch, "--since", "90s").wish.since

    assert at == datetime(2026, 11, 24, 22, 35, 1, tzinfo=UTC)
    assert isinstance(ago, datetime)
    assert timedelta(seconds=90) <= datetime.now(UTC) - ago < timedelta(seconds=100)


def test_it_ends_with_the_code_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    asked(monkeypatch, code=3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--last", "0"), "--last: '0' is not a number from 1 on"),
        (("--since", "latest~x"), "--since: 'latest~x' names no delivery"),
        (("--last", "1", "--since", "2h"), "--last goes without --since"),
        (("--forward", "ftp://x"), "'ftp://x' is not an HTTP URL"),
        (("-f", "3000", "-f", "4000"), "Two URLs are given for the rest"),
    ],
)
def test_what_is_wrong_is_named(arguments: tuple[str, ...], message: str) -> None:
    """Before anything is opened."""
    with pytest.raises(UsageError) as caught:
        follow.main(list(arguments), standalone_mode=False)

    assert message in caught.value.message
    assert caught.value.hint


def test_the_help_shows_all_of_it_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        follow.main(["--help"], prog_name="hookcli follow")

    told = capsys.readouterr().out
    groups = [line for line in told.splitlines() if line.endswith(":") and line[0] != " "]
    assert groups == ["From where:", "Forwarding:", "Showing:", "Saving:", "Stopping:", "Else:"]
