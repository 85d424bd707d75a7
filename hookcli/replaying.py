"""Sends kept deliveries again: where to, with what changed or signed anew, how often, how many."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from hookcli import remaking
from hookcli.delivery import UNSIGNED, Changed, Verdict
from hookcli.errors import HookError, UsageError
from hookcli.exchange import KEPT_BODY
from hookcli.reading import sendable_body, whole_body
from hookcli.replay_lines import Remark
from hookcli.resigning import covers, is_signed, secret_of, signed_for, too_old
from hookcli.routes import Routes, endpoint
from hookcli.secret import fitting
from hookcli.signatures.verifying import BY_NAME

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from hookcli.delivery import Attempt, Delivery
    from hookcli.forwarder import Forwarder
    from hookcli.remaking import Pair
    from hookcli.routes import Endpoint
    from hookcli.secret import Secret
    from hookcli.stores import Reader, Store

MARK = "X-Hookcli-Replay"
"""The header that says which delivery was sent again."""
NOWHERE = Routes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How deliveries are sent again. As by default it is byte for byte, and once."""

    to: Endpoint | None = None
    """None: where each was sent last, or else where `routes` lead."""
    routes: Routes = NOWHERE
    secrets: Sequence[Secret] = ()
    sign: bool | None = None
    """None: what is changed is signed, if its secret is known."""
    settings: Sequence[str] = ()
    edit: Callable[[str, Delivery], str] | None = None
    """Given the payload, returns another one; it may take its time."""
    headers: Sequence[Pair] = ()
    new_delivery_id: bool = False
    as_retry: bool = False
    times: int = 1
    concurrency: int = 1


class Target(NamedTuple):
    """A delivery that is to be sent, and where to."""

    id: int
    endpoint: Endpoint
    why: str
    """Why there, to be read behind the URL."""
    heard: bool
    """Whether an app there has had it before."""


class Result(NamedTuple):
    """What came of one send."""

    attempt: Attempt
    delivery: Delivery
    signature: Verdict
    """That which the app saw, as far as it is known."""


class _Load(NamedTuple):
    """A delivery as it is to be sent, but for what is made anew for each send."""

    target: Target
    came: Delivery
    delivery: Delivery
    secret: Secret | None
    """Signs each send, if there is one."""


async def target_of(store: Reader, delivery: Delivery, wish: Wish) -> Target:
    """Return where a delivery goes. Raises HookError where nothing says so, or it cannot go so."""
    attempts = [each for each in await store.attempts([delivery.id]) if each.endpoint]
    there, why = wish.to, ""
    if there is None and attempts:
        there, why = endpoint(attempts[-1].endpoint or ""), "where it was last sent"
    if there is None:
        there, why = wish.routes.of(delivery.path), "as [forward] says"
    if there is None:
        raise HookError(
            f"Nothing says where #{delivery.id} goes: it was never forwarded",
            f"Name the URL of your app: hookcli replay {delivery.id} --to 3000",
        )
    if wish.sign:
        _require_secret(delivery, wish.secrets)
    url = there.url
    heard = any(each.endpoint == url and not each.error for each in attempts)
    return Target(delivery.id, there, why, heard)


def _require_secret(delivery: Delivery, secrets: Sequence[Secret]) -> None:
    provider = BY_NAME.get(delivery.provider or "")
    if provider is None:
        raise UsageError(
            f"Nothing tells which provider #{delivery.id} is from, so it cannot be signed",
            "Leave --sign out",
        )
    if not fitting(secrets, provider.name):
        raise UsageError(
            f"There is no secret to sign #{delivery.id} with",
            f"Give it: --secret {provider.name}=env:NAME, or in [secrets] of hookcli.toml",
        )


class Replaying:
    """Sends deliveries again, and stores what comes of it."""

    def __init__(
        self,
        wish: Wish,
        *,
        store: Store,
        forwarder: Forwarder,
        say: Callable[[Remark], object],
        done: Callable[[Result], object],
        clock: Callable[[], float],
    ) -> None:
        """`say` is told what a person should know first, `done` what came of each send.

        `clock` gives Unix seconds.
        """
        self._wish = wish
        self._store = store
        self._forwarder = forwarder
        self._say = say
        self._done = done
        self._clock = clock

    async def run(self, targets: Sequence[Target]) -> None:
        """Send them in this order, each as often as is wished; as many at once as is wished.

        Raises HookError, in a group, where one cannot be made or the store fails; what is under
        way then still ends, and is kept.
        """
        room = asyncio.Semaphore(self._wish.concurrency)
        failures: list[HookError] = []

        async def send(load: _Load, number: int) -> None:
            try:
                self._done(await self._send(load, number))
            except HookError as error:
                failures.append(error)
            finally:
                room.release()

        async with asyncio.TaskGroup() as tasks:
            try:
                async for load, number in self._loads(targets):
                    await room.acquire()
                    if failures:
                        break
                    tasks.create_task(send(load, number))
            except HookError as error:
                failures.append(error)
        if failures:
            raise ExceptionGroup("not all could be sent", failures)

    async def _loads(self, targets: Sequence[Target]) -> AsyncIterator[tuple[_Load, int]]:
        for target in targets:
            load = await self._load(target)
            for number in range(1, self._wish.times + 1):
                yield load, number

    async def _load(self, target: Target) -> _Load:
        delivery = await self._store.get(target.id)
        if delivery is None:
            raise HookError(
                f"#{target.id} is gone: it was pruned", "hookcli list shows what is left"
            )
        delivery = remaking.sendable(delivery)
        try:
            return await self._made(target, delivery)
        except HookError as error:
            raise type(error)(f"#{target.id}: {error.message}", error.hint) from error

    async def _made(self, target: Target, delivery: Delivery) -> _Load:
        wish = self._wish
        provider = BY_NAME.get(delivery.provider or "")
        names = {name.lower() for name, _ in wish.headers}
        id_changed = wish.new_delivery_id or not names.isdisjoint(
            provider.delivery_id if provider else ()
        )
        remade = bool(wish.settings or wish.edit or id_changed)
        if not delivery.held and (remade or wish.sign):
            delivery = replace(delivery, body=await whole_body(self._store, delivery))
        came = delivery
        if wish.settings:
            delivery = remaking.with_settings(delivery, wish.settings)
        if wish.edit is not None:
            edit = wish.edit
            delivery = await asyncio.to_thread(
                remaking.edited, delivery, lambda text: edit(text, delivery)
            )
        if wish.headers:
            delivery = remaking.with_headers(delivery, wish.headers)
        secret = self._signing(came, target.endpoint, remade=remade)
        load = _Load(target, came, delivery, secret)
        self._remark(load, remade=remade)
        return load

    def _signing(self, came: Delivery, there: Endpoint, *, remade: bool) -> Secret | None:
        """Return what is to sign; None: nothing, or there is nothing that can."""
        wish = self._wish
        if not wish.sign and (wish.sign is False or not remade or not is_signed(came)):
            return None
        secret = secret_of(came, wish.secrets)
        if secret is not None and not wish.sign:
            try:
                signed_for(came, there, secret, self._clock())
            except HookError:
                return None
        return secret

    def _remark(self, load: _Load, *, remade: bool) -> None:
        """Say what a person may not expect."""
        wish, came, number = self._wish, load.came, load.target.id
        provider = BY_NAME.get(came.provider or "")
        title = provider.title if provider else ""
        if load.secret and not wish.sign:
            self._say(Remark("signed", number, title, load.secret.label))
        elif remade and not load.secret and covers(came, self._renewed(load.delivery)):
            if wish.sign is None:
                self._say(Remark("unsigned", number, came.provider or ""))
        elif not load.secret and too_old(came, self._clock()):
            self._say(Remark("expired", number, title))
        if wish.as_retry and not remaking.tells_retries(came.provider):
            self._say(Remark("untold", number, title))
        if wish.new_delivery_id and provider and not came.delivery_id:
            self._say(Remark("nameless", number, title))
        again = load.target.heard or wish.times > 1
        if came.delivery_id and again and not (wish.new_delivery_id or wish.as_retry):
            self._say(Remark("repeated", number, title))

    def _renewed(self, delivery: Delivery) -> Delivery:
        """Return it with an id of its own, if that is wished and it has one."""
        provider = BY_NAME.get(delivery.provider or "")
        if provider is None or not self._wish.new_delivery_id:
            return delivery
        return remaking.with_fresh_id(delivery, provider)

    async def _send(self, load: _Load, number: int) -> Result:
        wish, there, secret = self._wish, load.target.endpoint, load.secret
        delivery = self._renewed(load.delivery)
        if wish.as_retry:
            delivery = remaking.as_retry(delivery, number)
        if secret is not None:
            delivery = signed_for(delivery, there, secret, self._clock())
        request = None if delivery == load.came else _changed(delivery, there, load.came)
        marked = remaking.with_headers(delivery, [(MARK, str(load.target.id))])
        body = sendable_body(self._store, marked)
        sent = await self._forwarder.send(marked, there, body)
        attempt = replace(sent.attempt, kind="replay", request=request)
        signature = delivery.signature
        if secret is not None:
            signature = Verdict("valid", f"Signed with the secret '{secret.label}'")
        elif request is not None or too_old(delivery, self._clock()):
            signature = UNSIGNED
        attempt = replace(attempt, id=await self._store.append_attempt(attempt))
        return Result(attempt, delivery, signature)


def _changed(delivery: Delivery, there: Endpoint, came: Delivery) -> Changed:
    """Return what is kept of a request: not a large body once more that is as it came."""
    left_out = delivery.body == came.body and delivery.size > KEPT_BODY
    return Changed(
        method=delivery.method,
        path=there.request_target(delivery),
        headers=delivery.headers,
        body=None if left_out else delivery.body,
    )
