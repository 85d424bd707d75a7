"""Shows a person what happens: deliveries, answers, floods, the tunnel, notices, the end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from hookcli.answer_lines import format_answer, format_outcome, format_pending
from hookcli.delivery import Delivery
from hookcli.endpoint_lines import format_endpoint
from hookcli.lines import (
    format_delivery,
    format_flood,
    format_flood_end,
    format_flood_start,
    format_notice,
    format_payload,
)
from hookcli.outputs.flood import End, FloodWatch, NoticeWatch, Start
from hookcli.outputs.waiting import Known, Late, Waiting
from hookcli.signature_lines import format_signature
from hookcli.signatures.providers import PROVIDERS
from hookcli.tunnel_lines import Total, format_end, format_tunnel
from hookcli.views import VIEWED, view

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from hookcli.delivery import Attempt, Entry
    from hookcli.endpoint_lines import EndpointChange
    from hookcli.outputs.flood import Second
    from hookcli.screen import Screen
    from hookcli.signatures.doctor import Diagnosis
    from hookcli.state import TunnelState

TICK_S = 0.25

_PROVIDERS = {provider.name: provider for provider in PROVIDERS}


async def _unexplained(_: Delivery) -> None:
    """Know of a signature what the log says, and no more."""


class Pane(NamedTuple):
    """Where lines go, and what can be shown there."""

    write: Callable[[str], object]
    screen: Callable[[], Screen]
    """Asked each time: a terminal may become narrower."""


class Console:
    """Writes what a person reads: deliveries to one pane, all else to another."""

    def __init__(
        self,
        *,
        deliveries: Pane,
        notices: Pane,
        clock: Callable[[], datetime],
        body: Callable[[int, int], Awaitable[bytes]],
        payloads: bool,
        may_skip: bool,
        total: Total,
        awaited: bool = True,
    ) -> None:
        """Show deliveries on one pane and everything else on the other.

        `body(id, limit)` gives the first bytes of a body that is not held. With `payloads` each
        delivery's is shown. With `may_skip` a flood is counted, not shown. `total` is what came
        in altogether, also of what is not shown here; somebody else counts. `awaited` says that
        senders wait for what comes of their deliveries here.
        """
        self._deliveries = deliveries
        self._notices = notices
        self._clock = clock
        self._body = body
        self._payloads = payloads
        self._watch = FloodWatch() if may_skip else None
        self._noticed = NoticeWatch()
        self._tunnel: TunnelState | None = None
        self._label: str | None = None
        self._total = total
        self._awaited = awaited
        self._waiting = Waiting()
        self._at_a_page = False
        self._why: Callable[[Delivery], Awaitable[Diagnosis | None]] = _unexplained

    def explain_by(self, why: Callable[[Delivery], Awaitable[Diagnosis | None]]) -> None:
        """Let `why` tell from now on why a signature fails; None: only the log tells."""
        self._why = why

    async def handle(self, entries: Sequence[Entry]) -> None:
        """Show entries of the log, or count them in a flood."""
        now = self._clock()
        self.tick()
        self._at_a_page = True
        for entry in entries:
            known = Known()
            if not isinstance(entry, Delivery):
                known = self._waiting.answered(entry.delivery, entry.endpoint)
            admitted = self._watch.admit(entry, now) if self._watch else True
            if admitted is False:
                continue
            if isinstance(admitted, Start):
                self._show(format_flood_start(admitted.rate, now, self._deliveries.screen()))
            elif isinstance(entry, Delivery):
                await self._show_delivery(entry)
            else:
                self._show_answer(entry, known)
        self._at_a_page = False
        self._show_late()

    async def _show_delivery(self, delivery: Delivery) -> None:
        screen = self._deliveries.screen()
        lines = format_delivery(delivery, screen)
        if self._payloads:
            diagnosis = await self._why(delivery) if delivery.signature.failed else None
            lines += format_signature(delivery, diagnosis, screen)
            body = delivery.body if delivery.held else await self._body(delivery.id, VIEWED)
            shown = view(
                delivery.headers,
                body,
                size=delivery.size,
                limit=screen.screenful,
                cells=screen.room,
            )
            lines += format_payload(shown, delivery.id, screen)
        self._show(lines)
        self._waiting.shown(delivery)
        # Laying out takes a moment that the listener may need.
        await asyncio.sleep(0)

    def _show_answer(self, attempt: Attempt, known: Known) -> None:
        screen = self._deliveries.screen()
        if not self._payloads:
            self._show(format_answer(attempt, screen, known.handshake))
            return
        lines = format_outcome(
            attempt,
            screen,
            _PROVIDERS.get(known.provider or "") if self._awaited else None,
            handshake=known.handshake,
            signature=known.signature,
        )
        self._show(lines)

    def pending(self, delivery: int, url: str) -> None:
        """Say, once it is shown, that the app at `url` has not answered a delivery until now."""
        self._waiting.late(Late(delivery, url, self._clock()))
        # The answer may stand in the page that is being shown.
        if not self._at_a_page:
            self._show_late()

    def _show_late(self) -> None:
        for late in self._waiting.due():
            screen = self._deliveries.screen()
            self._show(format_pending(late.delivery, late.url, late.at, screen))

    def tick(self) -> None:
        """Say what a flood brought, once a second of it is over."""
        now = self._clock()
        self._say_of_notices(self._noticed.tick(now), now)
        if self._watch:
            for said in self._watch.tick(now):
                self._say_of_flood(said, now)

    async def run(self) -> None:
        """Tick, until cancelled: a flood's last second is told although nothing more comes."""
        while True:
            await asyncio.sleep(TICK_S)
            self.tick()

    def _say_of_flood(self, said: Second | End, now: datetime) -> None:
        screen = self._deliveries.screen()
        if isinstance(said, End):
            self._show(format_flood_end(said.hidden, said.since, now, screen))
            return
        lines = format_flood(said.flood, now, screen)
        for entry in said.notable:
            if isinstance(entry, Delivery):
                lines += format_delivery(entry, screen)
            else:
                lines += format_answer(entry, screen)
        self._show(lines)

    def notice(self, text: str, hint: str | None = None) -> None:
        """Say something that is not about one delivery, and what to do about it."""
        now = self._clock()
        self._say_of_notices(self._noticed.tick(now), now)
        if self._noticed.admit(text, now):
            self._tell(format_notice(text, hint, now, self._notices.screen()))

    def _say_of_notices(self, hidden: Sequence[tuple[str, int]], now: datetime) -> None:
        for kind, count in hidden:
            text = f"{count:,} more that begin with {kind!r} were not shown"
            self._tell(format_notice(text, None, now, self._notices.screen()))

    def endpoint(self, change: EndpointChange) -> None:
        """Say that nothing listens at an endpoint any more, or that something does again."""
        screen = self._notices.screen()
        self._tell(format_endpoint(change, self._clock(), screen, awaited=self._awaited))

    def ready(self, tunnel: str = "") -> None:
        """Tell of the tunnel from now on; until now the banner did. `tunnel` is its label."""
        self._label = tunnel

    def tunnel(self, state: TunnelState) -> None:
        """Say how the tunnel's state changed, if that means something to a person."""
        if self._label is not None:
            lines = format_tunnel(
                state,
                self._tunnel,
                self._clock(),
                self._notices.screen(),
                label=self._label,
                total=self._total,
            )
            self._tell(lines)
        if state.state != "connecting":
            self._tunnel = state

    def end(self) -> None:
        """Say what came in altogether, and who will go on sending."""
        now = self._clock()
        for said in self._watch.rest() if self._watch else ():
            self._say_of_flood(said, now)
        self._say_of_notices(self._noticed.rest(), now)
        url = self._tunnel.public_url if self._tunnel else None
        self._tell(format_end(self._total, url, now, self._notices.screen()))

    def _show(self, lines: Sequence[str]) -> None:
        self._deliveries.write("".join([f"{line}\n" for line in lines]))

    def _tell(self, lines: Sequence[str]) -> None:
        if lines:
            self._notices.write("".join([f"{line}\n" for line in lines]))
