"""What is given to be read comes line by line, and what cannot be read is an error."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

import pytest

from hookcli import inputs
from hookcli.errors import HookError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"a\nb\r\n\nc")

    with inputs.opened(str(path)) as file:
        assert list(inputs.lines(file)) == [b"a\n", b"b\r\n", b"\n", b"c"]


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a\n")))

    with inputs.opened("-") as file:
        assert list(inputs.lines(file)) == [b"a\n"]


@pytest.mark.parametrize(
    ("name", "why"), [("none", "No such file"), ("", "Is a directory"), ("a\0", "null")]
)
def test_what_cannot_be_read_is_told(name: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(HookError, match=why), inputs.opened(f"{tmp_path}/{name}"):
        pytest.fail("it was opened")


def test_a_line_has_a_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what has no lines does not fill the memory."""
    monkeypatch.setattr(inputs, "_LARGEST", 4)

    assert list(inputs.lines(io.BytesIO(b"abc\nabc\n"))) == [b"abc\n"] * 2
    with pytest.raises(HookError, match="longer than"):
        list(inputs.lines(io.BytesIO(b"abcd\n")))
