"""Sends a sample to where it is wanted, and tells what was sent and what came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from hookcli.answer_lines import format_outcome
from hookcli.errors import HookError
from hookcli.forwarder import Forwarder, reachable
from hookcli.lines import INDENT, format_delivery
from hookcli.routes import endpoint
from hookcli.running import listener_on, listeners
from hookcli.signatures.events import Seen, action_of, delivery_id_of, event_of
from hookcli.signatures.verifying import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hookcli.delivery import Delivery
    from hookcli.routes import Endpoint
    from hookcli.screen import Screen

_TIMEOUT_S = 30.0
_LOCAL = {"127.0.0.1", "localhost", "::1"}


class Goal(NamedTuple):
    """Where a sample goes."""

    endpoint: Endpoint
    public_url: str | None = None
    """By which the internet reaches the listener there."""
    named: bool = True
    """Whether it was asked for."""

    def url(self, delivery: Delivery) -> str:
        """Return the whole URL that a sender would use, as some sign it."""
        if self.public_url is None:
            return self.endpoint.target(delivery)
        return self.public_url + self.endpoint.request_target(delivery)


def goal_of(to: Endpoint | None) -> Goal:
    """Return where to send to: what was asked for, the listener started last, or port 4567."""
    if to is None:
        running = listeners()[-1:]
        url = running[0].local_url if running else "4567"
        return Goal(endpoint(url), running[0].public_url if running else None, named=False)
    host, port = to.address
    status = listener_on(port) if host in _LOCAL else None
    return Goal(to, status.public_url if status else None)


async def run(
    delivery: Delivery,
    goal: Goal,
    *,
    say: Callable[[Sequence[str]], None],
    screen: Screen,
    insecure: bool = False,
) -> bool:
    """Send it, and say what was sent and what came of it; return whether the answer was 2xx.

    Raises HookError where nothing listens at a goal that was not named.
    """
    target = goal.endpoint
    host, port = target.address
    if not goal.named and not await reachable(target):
        raise HookError(
            f"No listener is running, and nothing listens on {host}:{port}",
            "Start one: hookcli listen 4567; or send to your app: --to 3000",
        )
    say(format_sent(delivery, target, screen))
    async with Forwarder(timeout_s=_TIMEOUT_S, insecure=insecure) as forwarder:
        sent = await forwarder.send(delivery, target, delivery.body)
    # A person sends it, so nothing that is said of it is about forwarding.
    attempt = replace(sent.attempt, kind="replay")
    provider = BY_NAME.get(delivery.provider or "")
    say(format_outcome(attempt, screen, provider, signature=delivery.signature))
    return not attempt.failed


def format_sent(delivery: Delivery, target: Endpoint, screen: Screen) -> list[str]:
    """Say what is sent, and what it is signed with."""
    told = replace(
        delivery, path=target.request_target(delivery), query="", received_at=datetime.now(UTC)
    )
    if provider := BY_NAME.get(delivery.provider or ""):
        seen = Seen(delivery.headers, delivery.body)
        told = replace(
            told,
            event=event_of(provider, seen),
            action=action_of(provider, seen),
            delivery_id=delivery_id_of(provider, seen),
        )
    lines = format_delivery(told, screen)
    if delivery.signature.code == "valid":
        lines += screen.wrap([("dim", INDENT + delivery.signature.message)])
    return lines
