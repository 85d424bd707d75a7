"""What every test stands on: a home of its own, and a loop that nothing may block."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from blockbuster import blockbuster_ctx

from hookcli.stores.opening import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from hookcli.stores import Store

FOREIGN = ("HOOKCLI_", "NGROK_", "XDG_")
"""Beginnings of the variables by which a developer's own set-up would reach into a test."""

SHAPING = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"}
"""Variables that change what is printed."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty home folder, and no settings from outside."""
    for name in list(os.environ):
        if name.startswith(FOREIGN) or name in SHAPING:
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    return home


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a working folder without a file."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Open a store of each kind: whatever holds for one holds for the other."""
    url = "memory" if request.param == "memory" else f"sqlite:{tmp_path / 'hooks.db'}"
    opened = await open_store(url, create=True)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True, scope="session")
def _nothing_blocks() -> Iterator[None]:
    """Fail any test in which hookcli makes a blocking call on a running event loop."""
    with blockbuster_ctx("hookcli"):
        yield
