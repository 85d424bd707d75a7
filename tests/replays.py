"""Deliveries that are sent again, and what comes of that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hookcli.delivery import Delivery, Headers, Verdict
from hookcli.forwarder import Forwarder
from hookcli.replaying import Replaying, Result, Wish, target_of
from hookcli.stores.memory import MemoryStore
from tests.signatures.cases import NOW, SECRET, as_secret, signed

if TYPE_CHECKING:
    from hookcli.replay_lines import Remark
    from hookcli.routes import Endpoint

GITHUB = as_secret("github", SECRET)
STRIPE = as_secret("stripe", SECRET)


def came(provider: str = "github", **fields: Any) -> Delivery:
    """Return a delivery that was signed in time."""
    delivery = signed(provider, b'{"a":1.10}').delivery
    pairs = [*delivery.headers, ("X-GitHub-Delivery", "72d3162e")]
    usual = {
        "headers": Headers(pairs),
        "provider": provider,
        "delivery_id": "72d3162e",
        "received_at": datetime.fromtimestamp(NOW, UTC),
        "signature": Verdict("valid", "the secret 'github'"),
    }
    return replace(delivery, **{**usual, **fields})


class Sends:
    """A store, and what was said and done."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.remarks: list[Remark] = []
        self.results: list[Result] = []

    async def send(self, there: Endpoint, *deliveries: Delivery, **how: Any) -> None:
        """Store deliveries, and send them again."""
        numbers = [await self.store.append(each) for each in deliveries]
        await self.again(there, *numbers, **how)

    async def again(self, there: Endpoint, *numbers: int, at: float = NOW, **how: Any) -> None:
        """Send what is stored."""
        wish = Wish(to=there, **how)
        kept = [await self.store.get(number) for number in numbers]
        targets = [await target_of(self.store, each, wish) for each in kept if each]
        async with Forwarder(timeout_s=5) as forwarder:
            replaying = Replaying(
                wish,
                store=self.store,
                forwarder=forwarder,
                say=self.remarks.append,
                done=self.results.append,
                clock=lambda: at,
            )
            await replaying.run(targets)

    @property
    def kinds(self) -> list[str]:
        """What was said, in a word each."""
        return [remark.kind for remark in self.remarks]
