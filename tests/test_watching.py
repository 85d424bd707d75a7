"""The log is brought to the outputs until there is a reason to stop."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest

from hookcli.choosing import Choice
from hookcli.delivery import Verdict
from hookcli.errors import HookError
from hookcli.filenames import compile_template
from hookcli.watching import watching
from tests.stores.builders import make_answer, make_delivery
from tests.watchers import make_watch_wish

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hookcli.delivery import Attempt, Delivery


class Seen:
    """What came of a run: its exit code, and what it wrote."""

    def __init__(self, code: int, folder: Path) -> None:
        self.code = code
        self.said = (folder / "err").read_text("utf-8")
        lines = (folder / "out").read_text("utf-8").splitlines()
        self.records: list[dict[str, Any]] = [json.loads(line) for line in lines]


async def watched(
    folder: Path, *kept: tuple[Delivery, Attempt], ends: signal.Signals | None = None, **wish: Any
) -> Seen:
    """Watch a store while it keeps deliveries; a signal ends it, or else the wish does."""
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        opened = watching(
            make_watch_wish(**wish), "memory", create=True, stdout=out, stderr=err, environ={}
        )
        async with opened as watch:
            async with watch.bringing(watch.store.follow):
                for delivery, answer in kept:
                    number = await watch.store.append(delivery, answer)
                    watch.total.received(number, delivery)
                if ends:
                    signal.raise_signal(ends)
                await watch.ended()
            code = watch.exit_code()
    return Seen(code, folder)


def deliveries(*events: str, status: int = 200) -> Sequence[tuple[Delivery, Attempt]]:
    """Return deliveries of these events, and their answers."""
    return [(make_delivery(event=event), make_answer(status=status)) for event in events]


async def test_all_that_came_is_shown_before_the_end(tmp_path: Path) -> None:
    seen = await watched(tmp_path, *deliveries(*["push"] * 300), ends=signal.SIGTERM)

    assert [record["type"] for record in seen.records] == ["delivery", "attempt"] * 300
    assert seen.code == 0
    assert "Stopped. 300 deliveries, #1-#300" in seen.said


async def test_what_is_chosen_is_shown_saved_and_counted(tmp_path: Path) -> None:
    seen = await watched(
        tmp_path,
        *deliveries("push", "issues", "push"),
        choice=Choice(["issues"], None),
        save=compile_template(f"{tmp_path}/saved/{{event}}-{{id}}{{ext}}"),
        count=1,
    )

    assert [record.get("event") for record in seen.records] == ["issues", None]
    assert [path.name for path in (tmp_path / "saved").iterdir()] == ["issues-2.json"]
    assert seen.code == 0


@pytest.mark.parametrize(("count", "code"), [(None, 0), (1, 3)])
async def test_a_file_that_could_not_be_written_is_a_disappointment(
    tmp_path: Path, count: int | None, code: int
) -> None:
    """Where so many were expected: whoever goes on with the file would find none."""
    (tmp_path / "saved").write_text("no folder")
    save = compile_template(f"{tmp_path}/saved/{{id}}{{ext}}")
    ends = None if count else signal.SIGTERM
    seen = await watched(tmp_path, *deliveries("push"), save=save, count=count, ends=ends)

    assert "#1 was not saved: " in seen.said
    assert seen.code == code


@pytest.mark.parametrize(("count", "code"), [(None, 0), (1, 3)])
async def test_the_time_is_up(tmp_path: Path, count: int | None, code: int) -> None:
    """Which is a disappointment only where so many were expected."""
    assert (await watched(tmp_path, timeout_s=0.01, count=count)).code == code


async def test_a_signal_before_so_many_is_a_disappointment(tmp_path: Path) -> None:
    seen = await watched(tmp_path, *deliveries("push"), count=2, ends=signal.SIGHUP)

    assert seen.code == 3


@pytest.mark.parametrize(
    ("status", "code", "check", "exit_code"),
    [
        (200, "valid", True, 0),
        (500, "valid", True, 3),
        (200, "mismatch", True, 3),
        (500, "mismatch", False, 0),
    ],
)
async def test_check_looks_at_signatures_and_answers(
    tmp_path: Path, status: int, code: str, check: bool, exit_code: int
) -> None:
    verdict = Verdict(code, "")  # type: ignore[arg-type] # one of the codes
    kept = make_delivery(signature=verdict), make_answer(status=status)

    assert (await watched(tmp_path, kept, check=check, count=1)).code == exit_code


async def test_an_expression_that_fails_is_told(tmp_path: Path) -> None:
    seen = await watched(
        tmp_path, *deliveries("push"), choice=Choice([], ".event.x"), ends=signal.SIGTERM
    )

    assert "*** --where fails on #1: " in seen.said


async def test_a_store_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """Nothing is made where only reading was asked for."""
    url = f"sqlite:{tmp_path / 'none.db'}"
    with (tmp_path / "out").open("w") as out, pytest.raises(HookError, match="Nothing is kept in"):
        async with watching(
            make_watch_wish(), url, create=False, stdout=out, stderr=out, environ={}
        ):
            raise AssertionError("it is open")

    assert not (tmp_path / "none.db").exists()
