"""Whether an app is there is looked at where it is in doubt, and each change is told once."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from hookcli import health as module
from hookcli.endpoint_lines import EndpointChange
from hookcli.health import Health
from hookcli.routes import endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hookcli.routes import Endpoint

AT = datetime(2026, 11, 24, 14, 7, 15, tzinfo=UTC)
APP = endpoint("3000/stripe")
SAME = endpoint("3000/github")
OTHER = endpoint("8000")
PATIENCE_S = 5


class Apps:
    """Two apps that come and go, and what is told of them."""

    def __init__(self, *there: Endpoint) -> None:
        self.there = {each.address for each in there}
        self.looks: list[tuple[str, int]] = []
        self.told: list[EndpointChange] = []
        self.now = AT
        self.open = asyncio.Event()
        """Looks end only while it is set."""
        self.open.set()
        self._moved = asyncio.Event()
        self.health = Health(
            [APP, SAME, OTHER], connect=self.connect, say=self.say, clock=lambda: self.now
        )

    async def connect(self, to: Endpoint) -> bool:
        """Look whether one is there."""
        found = to.address in self.there
        self.looks.append(to.address)
        self._moved.set()
        await self.open.wait()
        return found

    def say(self, change: EndpointChange) -> None:
        """Take what is told."""
        self.told.append(change)
        self._moved.set()

    async def until(self, *, looks: int = 0, told: int = 0) -> None:
        """Wait until there were so many of each."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.looks) < looks or len(self.told) < told:
                self._moved.clear()
                await self._moved.wait()

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Let them be watched for a while."""
        running = asyncio.ensure_future(self.health.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.wait([running])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two looks follow one another at once."""
    monkeypatch.setattr(module, "PAUSE_S", 0.001)


async def test_looks_once_for_each_app_at_the_start() -> None:
    """And leaves the telling to the banner."""
    apps = Apps(OTHER)

    await apps.health.check()

    assert sorted(apps.looks) == [APP.address, OTHER.address]
    assert [apps.health.down(each) for each in (APP, SAME, OTHER)] == [True, True, False]
    assert apps.told == []


async def test_an_app_that_works_is_left_alone() -> None:
    apps = Apps(APP, OTHER)
    await apps.health.check()

    async with apps.watched():
        apps.health.worked(APP)
        for _ in range(20):
            await asyncio.sleep(0)

    assert len(apps.looks) == 2
    assert apps.told == []


async def test_an_app_that_was_never_there_is_told_of_when_it_comes() -> None:
    apps = Apps(OTHER)
    await apps.health.check()

    async with apps.watched():
        await apps.until(looks=4)
        apps.now += timedelta(seconds=12)
        apps.there.add(APP.address)
        await apps.until(told=1)

    assert apps.told == [EndpointChange("http://127.0.0.1:3000", up=True, since=AT, missed=0)]
    assert set(apps.looks[2:]) == {APP.address}
    assert not apps.health.down(APP)


async def test_a_failed_send_makes_it_look_and_tell_once() -> None:
    apps = Apps(APP, OTHER)
    await apps.health.check()
    apps.there.clear()

    async with apps.watched():
        apps.health.failed(APP)
        await apps.until(told=1)
        apps.health.failed(SAME)
        await apps.until(looks=6)
        apps.there.add(APP.address)
        await apps.until(told=2)

    assert apps.told == [
        EndpointChange("http://127.0.0.1:3000", up=False, since=AT, missed=1),
        EndpointChange("http://127.0.0.1:3000", up=True, since=AT, missed=2),
    ]


async def test_an_app_that_fails_but_is_there_is_not_called_down() -> None:
    """It was too slow, or answered nonsense: the delivery's own lines tell that."""
    apps = Apps(APP, OTHER)
    await apps.health.check()

    async with apps.watched():
        apps.health.failed(APP)
        await apps.until(looks=3)
        apps.there.clear()
        apps.health.failed(APP)
        await apps.until(told=1)

    assert apps.told == [
        EndpointChange("http://127.0.0.1:3000", up=False, since=AT, missed=1),
    ]


async def test_a_delivery_that_gets_through_tells_it_too() -> None:
    """At once, and again only after it was missed again."""
    apps = Apps(OTHER)
    await apps.health.check()

    apps.health.worked(SAME)
    apps.health.worked(APP)

    assert [change.up for change in apps.told] == [True]
    assert not apps.health.down(APP)


async def test_a_look_that_a_delivery_has_overtaken_does_not_count() -> None:
    apps = Apps(APP, OTHER)
    await apps.health.check()
    apps.there.clear()
    apps.open.clear()

    async with apps.watched():
        apps.health.failed(APP)
        await apps.until(looks=3)
        apps.health.worked(APP)
        apps.open.set()
        for _ in range(20):
            await asyncio.sleep(0)

    assert apps.told == []
    assert not apps.health.down(APP)
