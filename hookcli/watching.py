"""What `listen` and `follow` share: the log is brought to the outputs until the run ends."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from hookcli.children import Children
from hookcli.endings import Stop, signals
from hookcli.open_files import Faults
from hookcli.outputs.desk import Desk
from hookcli.outputs.execute import Execute, Teller
from hookcli.pipeline import Follower, first_hand, one
from hookcli.stores.opening import open_store
from hookcli.tunnel_lines import Total

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from hookcli.choosing import Choice
    from hookcli.delivery import Attempt, Delivery
    from hookcli.endings import Ending
    from hookcli.filenames import Template
    from hookcli.outputs.desk import Form
    from hookcli.outputs.save import Save
    from hookcli.pipeline import Output
    from hookcli.screen import When
    from hookcli.stores import Page, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchWish:
    """What is to be shown, saved and run, and until when."""

    form: Form | None
    color: When
    choice: Choice
    save: Template | None
    execute: Sequence[str] | None
    """The words of a command."""
    count: int | None
    timeout_s: float | None
    check: bool


@asynccontextmanager
async def watching(
    wish: WatchWish,
    url: str | None,
    *,
    create: bool,
    awaited: bool = True,
    stdout: TextIO,
    stderr: TextIO,
    environ: Mapping[str, str],
) -> AsyncIterator[Watching]:
    """Hear signals, open the store that `--store` names and both streams; close all in order.

    `create` makes a store that is not there; `awaited` is the desk's. Raises HookError where the
    store cannot be opened.
    """
    stop = Stop()
    with signals(stop):
        store = await open_store(url, create=create)
        try:
            total = Total()
            desk = Desk(
                store=store,
                form=wish.form,
                color=wish.color,
                total=total,
                stdout=stdout,
                stderr=stderr,
                environ=environ,
                awaited=awaited,
            )
            faults = Faults(desk.console.notice, debug=bool(environ.get("HOOKCLI_DEBUG")))
            asyncio.get_running_loop().set_exception_handler(faults)
            children = Children(environ)
            stop.at_once.append(children.kill)
            teller = Teller(
                children,
                notice=desk.console.notice,
                say=desk.say,
                screen=desk.screen,
                heard=desk.heard,
            )
            try:
                yield Watching(wish, store=store, desk=desk, total=total, teller=teller, stop=stop)
            finally:
                await desk.close()
        finally:
            await store.close()


class Watching:
    """A run's outputs, what is brought to them, and how it ends."""

    def __init__(
        self,
        wish: WatchWish,
        *,
        store: Store,
        desk: Desk,
        total: Total,
        teller: Teller,
        stop: Stop,
    ) -> None:
        self.store = store
        self.desk = desk
        self.total = total
        """What came in; who runs this counts."""
        self.teller = teller
        """Runs commands."""
        self._wish = wish
        self._stop = stop
        self._followers: list[Follower] = []
        self._save: Save | None = None
        wish.choice.told_to(desk.console.notice)

    @asynccontextmanager
    async def bringing(
        self,
        pages: Callable[[], Awaitable[AsyncIterator[Page]]],
        *,
        busy: Callable[[], bool] = bool,
        answers: Callable[[Delivery], int] = one,
        counts: Callable[[Attempt], bool] = first_hand,
        patience_s: float | None = None,
        also: Sequence[Follower] = (),
    ) -> AsyncIterator[asyncio.TaskGroup]:
        """Bring the log to the outputs; at the end, all that came until then.

        `pages` begins to read it, for each output by itself; `also` are further ones that read
        it all and do not count. The rest is as for a Follower; with `patience_s` the answers come
        from somebody else, who is not waited for at the end. Tasks of the group that is yielded
        have to be cancelled by who started them.
        """
        self._followers = [
            Follower(
                output,
                selects=self.picks,
                count=self._wish.count,
                busy=busy,
                answers=answers,
                counts=counts,
                patience_s=patience_s,
            )
            for output in self._outputs()
        ]
        answered = patience_s is None or bool(also)
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(self.desk.console.run()),
                tasks.create_task(self._stop_when_unread()),
                tasks.create_task(self._bring([await pages() for _ in self._followers])),
            ]
            running += [tasks.create_task(follower.run(await pages())) for follower in also]
            yield tasks
            if self._stop.ending != "unread":
                await _catch_up([*also, *self._followers], self.total.last, answered=answered)
            for task in running:
                task.cancel()
        if self._stop.ending != "unread":
            self.desk.console.end()

    async def ended(self) -> Ending:
        """Wait for the first reason to stop; return it."""
        ending = await self._stop.wait(self._wish.timeout_s)
        if ending == "signal":
            self.desk.cover_echo()
        return ending

    def exit_code(self) -> int:
        """Return what the run, which is over, has to end with."""
        if self._stop.ending == "unread":
            return 0
        unmet = self._wish.count is not None and (
            not all(each.done for each in self._followers)
            or (self._save is not None and self._save.failed)
        )
        failed = self._wish.check and any(each.failed for each in self._followers)
        return 3 if unmet or failed else 0

    def _outputs(self) -> Sequence[Output]:
        outputs = list(self.desk.outputs)
        notice = self.desk.console.notice
        if self._wish.save is not None:
            from hookcli.outputs.save import Save  # noqa: PLC0415 - only who saves pays for it

            self._save = Save(self._wish.save, self.store.body, notice)
            outputs.append(self._save)
        if self._wish.execute is not None:
            outputs.append(
                Execute(self._wish.execute, self.store.body, teller=self.teller, notice=notice)
            )
        return outputs

    async def picks(self, delivery: Delivery) -> bool:
        """Return whether a stored delivery is one of those that are shown, saved and counted."""
        return await self._wish.choice.picks(delivery, self.desk.body)

    async def _bring(self, pages: Sequence[AsyncIterator[Page]]) -> None:
        """Bring the log to the outputs; stop the run once each has had all it wants."""
        async with asyncio.TaskGroup() as tasks:
            for follower, its_pages in zip(self._followers, pages, strict=True):
                tasks.create_task(follower.run(its_pages))
        self._stop.ask("count")

    async def _stop_when_unread(self) -> None:
        await self.desk.unread()
        self._stop.ask("unread")


async def _catch_up(followers: Sequence[Follower], last: int, *, answered: bool) -> None:
    """Let each take what came in before the end, up to `last`, and what any other one took."""
    last = max(last, *(follower.reached for follower in followers))
    async with asyncio.TaskGroup() as tasks:
        for follower in followers:
            tasks.create_task(follower.reach(last, answered=answered))
