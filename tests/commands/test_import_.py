"""`import` keeps what it is given, line by line, and says how far it came."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hookcli import cli
from hookcli.errors import HookError
from hookcli.raw import raw_head
from hookcli.records import attempt_record, delivery_record, dump
from hookcli.stores.opening import open_store
from tests.stores.builders import make_answer, make_delivery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookcli.delivery import Delivery

RECORD = dump(delivery_record(make_delivery(id=42), make_delivery().body))
ANSWER = dump(attempt_record(make_answer(id=7, delivery=42)))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test a working folder, and a store that is not there yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOOKCLI_STORE", "sqlite:./new.db")


async def stored() -> list[Delivery]:
    """Return what is in the store, with attempts counted in place of `repeats`."""
    store = await open_store("sqlite:./new.db", create=False)
    try:
        found = [await store.get(number) for number in range(1, 5)]
        return [delivery for delivery in found if delivery]
    finally:
        await store.close()


def run(content: bytes) -> int:
    Path("f").write_bytes(content)
    return cli.run(["import", "f"])


def test_records_are_imported(capsys: pytest.CaptureFixture[str]) -> None:
    """With the attempts at them; the store is made."""
    code = run(RECORD + b'{"type":"ready"}\n\n' + ANSWER + RECORD)

    streams = capsys.readouterr()
    assert (code, streams.out) == (0, "")
    assert streams.err == "Imported 2 deliveries, #1 to #2, and 1 attempt\n"


def test_it_is_said_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the new numbers."""
    seen: list[int] = []
    monkeypatch.setattr("hookcli.looking.Looking.at", lambda _, number: seen.append(number))

    run(RECORD + ANSWER + RECORD)

    assert seen == [1, 2]


def test_who_stops_it_is_told_what_is_imported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl+C is how a pipe without an end ends."""

    def stopped(_: object) -> Iterator[bytes]:
        yield RECORD
        raise KeyboardInterrupt

    monkeypatch.setattr("hookcli.commands.import_.lines", stopped)

    with pytest.raises(KeyboardInterrupt):
        run(b"")

    assert capsys.readouterr().err == "Imported 1 delivery, #1\n"


def test_attempts_alone_are_nothing() -> None:
    with pytest.raises(HookError, match="There is no delivery in it"):
        run(ANSWER)


def test_what_is_left_out_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    run(ANSWER + RECORD)

    said = "Imported 1 delivery, #1; 1 attempt left out, whose deliveries are not in it\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("broken", [b'{"type":"delivery"}\n', b"{\n", b"hello\n", RECORD[:99]])
def test_a_broken_line_ends_it(broken: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named; what stands before it is kept, nothing behind it is."""
    with pytest.raises(HookError) as caught:
        run(RECORD + RECORD + broken + RECORD)

    assert caught.value.exit_code == 1
    assert caught.value.message.startswith("Line 3: A ")
    assert "2 deliveries, #1 to #2; nothing behind it" in caught.value.hint
    assert "tail -n +4 FILE" in caught.value.hint
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "There is nothing in it"),
        (b"\n", "Line 1: This is neither"),
        (b"hello", "Line 1: This is neither"),
        (b"\0\xff", "Line 1: This is neither"),
        (b"HTTP/1.1 200 OK\n\n", "Line 2: This is neither"),
    ],
)
def test_what_holds_nothing_is_an_error(content: bytes, said: str) -> None:
    with pytest.raises(HookError) as caught:
        run(content)

    assert caught.value.exit_code == 1
    assert caught.value.message.startswith(said)


def test_a_line_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hookcli.inputs._LARGEST", len(RECORD) + 9)

    with pytest.raises(HookError, match=r"^Line 2: A line is longer"):
        run(RECORD + b"{" * 2 * len(RECORD))


@pytest.mark.parametrize("name", ["none", "."])
def test_a_file_that_cannot_be_read_makes_no_store(name: str) -> None:
    with pytest.raises(HookError, match="cannot be read"):
        cli.run(["import", name])

    assert not Path("new.db").exists()


async def test_a_request_comes_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    delivery = make_delivery(remote=None)
    stdin = io.TextIOWrapper(io.BytesIO(raw_head(delivery) + delivery.body))
    monkeypatch.setattr(sys, "stdin", stdin)

    await asyncio.to_thread(cli.run, ["import", "-"])

    [found] = await stored()
    assert (found.target, found.body) == (delivery.target, delivery.body)
    assert list(found.headers)[:3] == list(delivery.headers)


def test_secrets_of_the_configuration_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOKCLI_SECRET", "github=")

    with pytest.raises(HookError, match="nothing to check with"):
        run(RECORD)


def test_numbers_are_those_of_the_store(capsys: Any) -> None:
    for number in (1, 2):
        run(RECORD)

        assert capsys.readouterr().err == f"Imported 1 delivery, #{number}\n"
