"""Decides what is said of a delivery's signature, and who answers it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Literal, NamedTuple

from hookcli import handshakes
from hookcli.answers import BuiltIn
from hookcli.secret import fitting
from hookcli.signatures.request import Request
from hookcli.signatures.verifying import BY_NAME, check, examine, glances, settled
from hookcli.stores import CHUNK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hookcli.delivery import Delivery, Headers, Verdict
    from hookcli.handshake_replies import Handshake
    from hookcli.routes import Endpoint, Routes
    from hookcli.secret import Secret
    from hookcli.signatures.doctor import Diagnosis

_PASSING = {"valid", "unsigned", "unchecked"}
"""What is said of a set-up request that is answered although signatures are required."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Who answers what."""

    answer: BuiltIn
    """Ours, to what nobody else answers."""
    routes: Routes
    """Where deliveries are forwarded."""
    secrets: Sequence[Secret] = ()
    """What signatures are checked with."""
    require_signature: bool = False
    """Whether what is not signed rightly is answered 401, and goes no further."""
    handshakes: Literal["hookcli", "forward"] | None = None
    """Who answers set-up requests; None: an app where there is one for them, else hookcli."""


class Judgement(NamedTuple):
    """What is to be done with a delivery."""

    delivery: Delivery
    """With the verdict on its signature."""
    answer: BuiltIn
    endpoint: Endpoint | None = None
    """The app that answers it, if one does, in place of `answer`."""
    handshake: Handshake | None = None
    """Set if `answer` is that of a set-up request."""


class Judge:
    """Applies the rules of a run to one delivery after the other."""

    def __init__(self, rules: Rules, public_url: Callable[[], str | None]) -> None:
        """`public_url` gives the URL that senders use, where it is known."""
        self._rules = rules
        self._public_url = public_url
        self._fitting = {name: fitting(rules.secrets, name) for name in BY_NAME}
        self._glances = {name: glances(BY_NAME[name], self._fitting[name]) for name in BY_NAME}

    def glimpse(self, provider: str | None, headers: Headers, body: bytes) -> Verdict | None:
        """Return that a signature is right, where that is seen at once; None: `judge` will tell."""
        for look, verdict in self._glances[provider] if provider else ():
            if look(headers.folded, body):
                return verdict
        return None

    async def judge(self, delivery: Delivery, file: BinaryIO | None = None) -> Judgement:
        """Check the signature, and say who answers; `file` has a body that is not held."""
        rules = self._rules
        seen = delivery.signature.code == "valid"
        if rules.secrets and delivery.provider is not None and not seen:
            delivery = delivery.judged(await self._verdict(delivery, delivery.provider, file))
        endpoint = rules.routes.of(delivery.path)
        handshake = handshakes.answer(delivery, rules.secrets)
        if handshake is not None:
            delivery = replace(delivery, handshake=handshake.name)
            if rules.handshakes == "hookcli" or (endpoint is None and not rules.handshakes):
                said = BuiltIn(
                    status=handshake.status, headers=handshake.headers, body=handshake.body
                )
                return Judgement(delivery, said, None, handshake)
        passing = _PASSING if handshake is not None else {"valid"}
        if rules.require_signature and delivery.signature.code not in passing:
            refusal = f"hookcli: {delivery.signature.code}\n".encode()
            return Judgement(delivery, BuiltIn(status=401, body=refusal))
        return Judgement(delivery, rules.answer, endpoint)

    async def explain(self, delivery: Delivery) -> Diagnosis | None:
        """Return why the signature of a delivery fails; None where only its verdict is known."""
        provider = BY_NAME.get(delivery.provider or "")
        if provider is None or not delivery.held or not self._rules.secrets:
            return None
        request = self._request(delivery, None)
        examined = await asyncio.to_thread(examine, request, provider, self._rules.secrets)
        return examined.diagnosis

    async def _verdict(self, delivery: Delivery, sender: str, file: BinaryIO | None) -> Verdict:
        provider, tried = BY_NAME[sender], self._fitting[sender]
        if not tried:
            return delivery.signature
        request = self._request(delivery, file)
        if file is None and (verdict := settled(request, provider, tried)) is not None:
            return verdict
        # To read a file, or to find why a check failed, takes longer than others may be held up.
        return await asyncio.to_thread(check, request, provider, self._rules.secrets)

    def _request(self, delivery: Delivery, file: BinaryIO | None) -> Request:
        public = self._public_url()
        return Request(
            delivery=delivery,
            url=public and f"{public}{delivery.target}",
            now=delivery.received_at.timestamp(),
            chunks=partial(_chunks, file) if file is not None else None,
        )


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk
