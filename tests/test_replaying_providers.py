"""What is sent again with `--sign` is valid where signatures are required, whoever sent it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hookcli.delivery import Delivery, Headers
from hookcli.errors import HookError
from hookcli.routes import endpoint
from hookcli.signatures.providers import PROVIDERS, Provider
from hookcli.signatures.verifying import verify
from tests.apps import OK, answering, running
from tests.replays import Sends
from tests.senders import listening
from tests.signatures.cases import NOW, as_secret
from tests.signatures.test_verifying import keys_of, made
from tests.signatures.vectors import vectors

PAIRS = {"discord", "sendgrid", "sns"}
VECTORS = {each.provider: each for each in reversed(vectors()) if not each.reason}
TOLD = [provider for provider in PROVIDERS if provider.markers or provider.name in VECTORS]
"""Those whose deliveries a listener can tell from others."""


def came(provider: Provider) -> tuple[Delivery, str, str]:
    """Return a delivery of a provider's, what signs it, and what checks that."""
    private, public = keys_of(provider)
    own = VECTORS.get(provider.name)
    if own is None:
        delivery = made(provider=provider.name)
        pairs = [*delivery.headers, *((marker, "push") for marker in provider.markers)]
        delivery = replace(delivery, headers=Headers(pairs))
    else:
        delivery = own.request.delivery
        if provider.name not in PAIRS:
            private = public = own.secret
    between = {"host", "x-forwarded-host", "x-forwarded-proto"}
    kept = [pair for pair in delivery.headers if pair[0].lower() not in between]
    there = [("Host", "otter.test"), ("X-Forwarded-Proto", "https")]
    return (
        replace(delivery, headers=Headers([*there, *kept]), provider=provider.name),
        private,
        public,
    )


@pytest.mark.parametrize("provider", TOLD, ids=lambda provider: provider.name)
async def test_a_listener_that_requires_signatures_takes_it(provider: Provider) -> None:
    """Years after it came, with the same payload."""
    delivery, private, public = came(provider)
    rules = {"secrets": (as_secret(provider.name, public),), "require_signature": True}
    sends = Sends()

    async with listening(rules=rules) as listener:
        await sends.send(
            endpoint(f"127.0.0.1:{listener.port}"),
            delivery,
            sign=True,
            secrets=[as_secret(provider.name, private)],
            at=time.time(),
        )
        kept = await listener.kept()

    assert (kept.provider, kept.signature.code) == (provider.name, "valid")
    assert sends.results[0].attempt.status == 200


@pytest.mark.parametrize(
    "provider", [each for each in PROVIDERS if each not in TOLD], ids=lambda each: each.name
)
async def test_those_that_must_be_named_are_signed_too(provider: Provider) -> None:
    """As what is kept of the request shows."""
    delivery, private, public = came(provider)
    sends = Sends()

    async with running(answering(OK)) as app:
        secrets = [as_secret(provider.name, private)]
        await sends.send(app.endpoint, delivery, sign=True, secrets=secrets)

    sent = sends.results[0].attempt.request
    assert sent
    path, _, query = sent.path.partition("?")
    again = replace(delivery, path=path, query=query, headers=sent.headers, body=sent.body or b"")
    assert verify(again, public, provider=provider.name, now=NOW).code == "valid"


@pytest.mark.parametrize("name", sorted(PAIRS))
async def test_a_public_key_does_not_sign(name: str) -> None:
    """Asked to, that is an error; and what is changed goes as it is, which is said."""
    delivery = VECTORS[name].request.delivery
    delivery = replace(
        delivery,
        provider=name,
        received_at=datetime.fromtimestamp(VECTORS[name].request.now, UTC),
    )
    secrets = [as_secret(name, VECTORS[name].secret)]
    setting = "[0].event=x" if name == "sendgrid" else "type:=7"
    sends = Sends()

    async with running(answering(OK)) as app:
        with pytest.raises(ExceptionGroup) as caught:
            await sends.send(app.endpoint, delivery, sign=True, secrets=secrets)
        assert app.requests == []
        await sends.again(app.endpoint, 1, settings=[setting], secrets=secrets)

    assert isinstance(caught.value.exceptions[0], HookError)
    assert sends.kinds[:1] == ["unsigned"]
