"""What is followed is sent to second apps, and what they answer is seen."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from hookcli import sending as module
from hookcli.choosing import Choice
from hookcli.errors import HookError
from hookcli.grammar import reference
from tests.apps import OK, answering, closing, free_port, running
from tests.followers import bench
from tests.test_running import make_status

if TYPE_CHECKING:
    from pathlib import Path


async def test_sends_on_what_comes(tmp_path: Path) -> None:
    """All of it, once, whatever is shown; what the app answers is shown and stored."""
    async with bench(tmp_path) as one, running(answering(OK)) as app:
        await one.keep("push")
        await one.follow(app.url, choice=Choice(["issues"], None), count=1, check=True)
        await one.keep("push", "issues")

        assert await one.ends() == 0
        stored = await one.store.attempts([1, 2, 3])
    assert len(app.requests) == 2
    assert one.notes == ["#3", "answer 3", "forward 3"]
    assert [(each.kind, each.delivery) for each in stored if each.kind == "forward"] == [
        ("forward", 2),
        ("forward", 3),
    ]
    assert f"Forward    {app.url}\n" in one.said
    assert "all are kept, answered and forwarded" in one.said


async def test_each_app_gets_its_own(tmp_path: Path) -> None:
    """By path; one that fails does not keep the other one from getting more."""
    down = free_port()
    async with bench(tmp_path) as one, running(answering(OK)) as app:
        await one.follow(f"/up={app.port}", f"/down={down}", count=3, check=True)
        await one.keep("push", path="/up")
        await one.keep("push", path="/down/x")
        await one.keep("push", path="/elsewhere")

        assert await one.ends() == 3
    assert [raw.split()[1] for raw in app.requests] == [b"/up?a=1"]
    assert sorted(note for note in one.notes if note.startswith("forward")) == [
        "forward 1",
        "forward 2",
    ]
    (failed,) = [each for each in one.records if each.get("error")]
    assert (failed["status"], failed["error"]) == (None, f"Nothing listens on 127.0.0.1:{down}")
    assert "nothing listens there yet" in one.said
    assert "the rest -> not sent" in one.said


async def test_what_came_is_sent_before_the_end(tmp_path: Path) -> None:
    """And what the app answered is shown."""
    async with bench(tmp_path) as one, running(closing(OK)) as app:
        await one.keep(*["push"] * 50)
        await one.follow(app.url, since=reference("1"))
        await one.until(lambda: one.notes)
        signal.raise_signal(signal.SIGINT)

        assert await one.ends() == 0
    assert len(app.requests) == 50
    assert sum(note.startswith("forward") for note in one.notes) == 50


async def test_does_not_send_to_the_listener_that_it_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each delivery would come in again, for ever."""
    status = make_status(store=f"sqlite:{tmp_path / 'hooks.db'}")
    monkeypatch.setattr(module, "listener_on", {4567: status}.get)
    async with bench(tmp_path) as one:
        await one.follow("4567")

        with pytest.raises(HookError, match="is the listener whose deliveries these are"):
            await one.ends()


async def test_only_the_listener_of_this_computer_can_be_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere the same port is another program's."""
    monkeypatch.setattr(module, "listener_on", pytest.fail)
    async with bench(tmp_path) as one:
        await one.follow(f"127.0.0.2:{free_port()}", timeout_s=0.01)

        assert await one.ends() == 0
