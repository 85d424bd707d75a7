"""Many may send at once, and where they are too many that is a line."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
from typing import Any

import pytest

from hookcli.open_files import Faults, allow_many


class Heard:
    """What a person is told, at a time that the test sets."""

    def __init__(self, *, debug: bool = False) -> None:
        self.now = 1000.0
        self.lines: list[str] = []
        self.faults = Faults(
            lambda message, _: self.lines.append(message), debug=debug, clock=lambda: self.now
        )

    def take(self, error: Exception | None, message: str = "it failed") -> None:
        """Take what a loop has to say."""
        loop = asyncio.new_event_loop()
        context: dict[str, Any] = {"message": message}
        self.faults(loop, context | ({"exception": error} if error else {}))
        loop.close()


def test_a_shortage_is_told_once_a_minute() -> None:
    """The loop says it for each connection that it cannot take, and tries again at once."""
    heard = Heard()

    for _ in range(1000):
        heard.take(OSError(errno.EMFILE, os.strerror(errno.EMFILE)))
    heard.now += 61
    heard.take(OSError(errno.ENFILE, "System full"))

    assert heard.lines == [
        f"No more connections can be taken for the moment: {os.strerror(errno.EMFILE)}",
        "No more connections can be taken for the moment: System full",
    ]


def test_any_other_fault_is_a_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    heard = Heard()

    heard.take(ValueError("odd"))
    heard.take(None, "Nobody waited")

    assert heard.lines == ["Unexpected ValueError: odd", "Unexpected Nobody waited"]
    assert capsys.readouterr().err == ""


def test_who_looks_for_it_gets_more(caplog: pytest.LogCaptureFixture) -> None:
    heard = Heard(debug=True)

    heard.take(ValueError("odd"), "Here it failed")

    assert heard.lines == ["Unexpected ValueError: odd"]
    assert "Here it failed" in caplog.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((256, resource.RLIM_INFINITY), (10_240, resource.RLIM_INFINITY)),
        ((256, 4096), (4096, 4096)),
        ((20_000, 30_000), None),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), None),
    ],
)
def test_as_many_are_allowed_as_may_be(
    monkeypatch: pytest.MonkeyPatch, before: tuple[int, int], after: tuple[int, int] | None
) -> None:
    """Within reason, and never fewer than there were."""
    changed: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: before)
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: changed.append(limits))

    allow_many()

    assert changed == ([after] if after else [])
