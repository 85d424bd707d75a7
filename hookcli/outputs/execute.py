"""Runs a command per delivery, and tells a person what comes of it."""

from __future__ import annotations

import asyncio
import shlex
from typing import TYPE_CHECKING

from hookcli.delivery import Delivery
from hookcli.errors import HookError
from hookcli.text import human_size

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from hookcli.children import Children
    from hookcli.delivery import Entry
    from hookcli.screen import Screen


class Teller:
    """Runs commands, and tells what they print and how they fail."""

    def __init__(
        self,
        children: Children,
        *,
        notice: Callable[[str, str | None], None],
        say: Callable[[Sequence[str]], None],
        screen: Callable[[], Screen],
        heard: Callable[[], Awaitable[None]],
    ) -> None:
        """Tell by `notice(message, hint)`, and by lines for `screen`, which `say` writes.

        `heard` waits while too much of it is still to be written.
        """
        self._children = children
        self._notice = notice
        self._say = say
        self._screen = screen
        self._heard = heard

    async def run(
        self,
        title: str,
        words: Sequence[str],
        *,
        variables: Mapping[str, str],
        payload: AsyncIterator[bytes] | None = None,
        hint: str,
    ) -> None:
        """Run a command, called `title` when told of; `hint` says what to do where it fails."""

        def show(lines: Sequence[str], skipped: int) -> None:
            self._show(title, lines, skipped)

        await self._heard()
        trouble = await self._children.run(words, variables=variables, payload=payload, show=show)
        if trouble is not None:
            self._notice(f"{title} {trouble.what}", trouble.hint or hint)

    def _show(self, title: str, lines: Sequence[str], skipped: int) -> None:
        """Write what was printed as received text: it may quote a payload."""
        left_out = f", after {human_size(skipped)} not shown" if skipped else ""
        self._notice(f"{title} prints{left_out}:", None)
        screen = self._screen()
        self._say([part for line in lines for part in screen.fold([("", line)])])


class Execute:
    """Runs a command with each delivery, one at a time and in order."""

    def __init__(
        self,
        words: Sequence[str],
        body: Callable[[int], AsyncIterator[bytes]],
        *,
        teller: Teller,
        notice: Callable[[str, str], None],
    ) -> None:
        """Run `words`; `body` is the store's, `notice(message, hint)` tells a person."""
        self._words = words
        self._body = body
        self._teller = teller
        self._notice = notice

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Run it on the deliveries among the entries; a failure becomes a notice."""
        for entry in entries:
            if not isinstance(entry, Delivery):
                continue
            try:
                await self._run(entry)
            except HookError as error:
                self._notice(f"--exec on #{entry.id} was ended: {error.message}", error.hint)
            except asyncio.CancelledError:
                self._notice(
                    f"--exec on #{entry.id} was ended, since hookcli ends",
                    "Nor was it run on what came after; all of it is kept: hookcli list",
                )
                raise

    async def _run(self, delivery: Delivery) -> None:
        again = f"hookcli show {delivery.id} --format body | {shlex.join(self._words)}"
        await self._teller.run(
            f"--exec on #{delivery.id}",
            self._words,
            variables=delivery_variables(delivery),
            payload=self._payload(delivery),
            hint=f"Try it alone: {again}",
        )

    async def _payload(self, delivery: Delivery) -> AsyncIterator[bytes]:
        if delivery.held:
            yield delivery.body
            return
        missing = delivery.size
        async for chunk in self._body(delivery.id):
            yield chunk
            missing -= len(chunk)
        if missing:
            raise HookError("the store no longer has its whole body", "Was it pruned?")


def delivery_variables(delivery: Delivery) -> dict[str, str]:
    """Return what a command is told of a delivery; what is not known is empty."""
    known = {
        "ID": str(delivery.id),
        "PROVIDER": delivery.provider,
        "EVENT": delivery.event,
        "ACTION": delivery.action,
        "PROVIDER_ID": delivery.delivery_id,
        "METHOD": delivery.method,
        "PATH": delivery.path,
    }
    return {f"HOOKCLI_DELIVERY_{name}": value or "" for name, value in known.items()}
