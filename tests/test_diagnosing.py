"""The doctor looks at each thing for itself, says what is wrong with it, and is soon done."""

from __future__ import annotations

import os
import socket
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from hookcli import diagnosing
from hookcli.diagnosing import LOOKS
from hookcli.errors import UsageError
from hookcli.stores.files import connect
from hookcli.stores.rows import INSERT_DELIVERIES, delivery_row, insert
from tests.stores.builders import make_delivery
from tests.worlds import examined, look


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """Return a store of a hundred deliveries."""
    path = tmp_path / "hooks.db"
    with closing(connect(path, create=True)) as db:
        insert(db, INSERT_DELIVERIES, [delivery_row(make_delivery(body=bytes(3000)), 0)] * 100)
    return path


def test_everything_is_told_in_order_though_nothing_is_there() -> None:
    """On a new computer without a network, and soon: only the network is bad."""
    started = time.monotonic()

    found = examined()

    assert time.monotonic() - started < 4
    assert [finding.topic for finding in found] == list(LOOKS)
    assert [each.topic for each in found if each.level == "bad"] == ["Network"]
    assert [each.topic for each in found if each.level == "warn"] == ["Token", "Clock"]


def test_what_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that never answers, for one; the others are told all the same."""
    over = threading.Event()
    monkeypatch.setattr(diagnosing, "LOOKS", {**LOOKS, "Network": lambda _: over.wait(30)})

    found = look("Network", patience_s=-0.9)
    over.set()

    assert (found.level, found.what) == ("warn", "no answer in time")


def test_versions_are_told() -> None:
    """Those that matter where something is reported."""
    found = look("hookcli")

    assert found.level == "ok"
    assert "on Python 3." in found.what
    assert "aiohttp 3." in found.what


def test_configuration_files_are_named_and_mistakes_in_them_are_told() -> None:
    """As a person writes their paths."""

    def wrong() -> list[Path]:
        raise UsageError("./hookcli.toml: [listen] prot is no key", "Did you mean port?")

    found = look("Config", settings=lambda: [Path.home() / "config.toml"])
    mistaken = look("Config", settings=wrong)

    assert found.what == "~/config.toml"
    assert mistaken == ("Config", "bad", wrong_message(), "Did you mean port?")


def wrong_message() -> str:
    """Return what is wrong with the file."""
    return "./hookcli.toml: [listen] prot is no key"


def test_a_store_is_measured_and_checked(stored: Path) -> None:
    found = look("Store", store=f"sqlite:{stored}")

    assert found.level == "ok"
    assert f"{stored}: 100 deliveries, " in found.what
    assert ", intact; " in found.what
    assert found.what.endswith(" free")


def test_a_store_that_is_not_there_yet_is_fine(tmp_path: Path) -> None:
    """And is not made by looking."""
    found = look("Store", store=f"sqlite:{tmp_path / 'no' / 'hooks.db'}")

    assert found.level == "ok"
    assert "is not there yet" in found.what
    assert not (tmp_path / "no").exists()
    assert look("Store", store="memory").level == "ok"


def test_a_damaged_store_is_bad(stored: Path) -> None:
    """Whatever it is that is broken."""
    with stored.open("r+b") as file:
        file.seek(10 * 4096)
        file.write(b"\xff" * 20 * 4096)

    found = look("Store", store=f"sqlite:{stored}")

    assert found.level == "bad"
    assert "is damaged" in found.what
    assert ".recover" in found.do


def test_a_large_store_is_not_checked_for_ever(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was seen of it until then was right."""

    def interrupted(*_: object) -> str:
        return diagnosing._UNFINISHED

    monkeypatch.setattr(diagnosing, "_trouble", interrupted)

    found = look("Store", store=f"sqlite:{stored}")

    assert found.level == "ok"
    assert "too large to be checked whole" in found.what


def test_a_store_that_is_locked_or_may_only_be_read_is_bad(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deliveries could not be kept."""
    with closing(sqlite3.connect(stored, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        locked = look("Store", store=f"sqlite:{stored}", patience_s=4)
    monkeypatch.setattr(os, "access", lambda *_: False)
    read_only = look("Store", store=f"sqlite:{stored}")

    assert locked.level == read_only.level == "bad"
    assert "locked" in locked.what
    assert "may only be read" in read_only.what


@pytest.mark.parametrize(
    ("free", "level"), [(2 << 30, "ok"), (500 << 20, "warn"), (1 << 20, "bad")]
)
def test_little_room_is_told(
    stored: Path, free: int, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the disk is full, with what may be removed."""
    monkeypatch.setattr(diagnosing, "_room", lambda _: free)

    found = look("Store", store=f"sqlite:{stored}")

    assert found.level == level
    assert ("hookcli prune" in found.do) == (level != "ok")


def test_a_port_is_free_or_somebody_s() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        taken = look("Port", port=port)
    free = look("Port", port=port)

    assert (taken.level, free.level) == ("warn", "ok")
    assert f"Port {port} is taken by " in taken.what
    assert "hookcli listen 0" in taken.do
    assert free.what == f"{port} is free"
