"""Receives requests: each is kept as it came, then answered."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, NamedTuple

from aiohttp import ClientError

from hookcli.connections import Server
from hookcli.delivery import NO_HEADERS, Delivery, Headers
from hookcli.errors import HookError
from hookcli.intake import SilentError, TooLargeError
from hookcli.replies import Reply
from hookcli.running import port_taken
from hookcli.signatures import identify
from hookcli.text import human_size, word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookcli.delivery import Attempt
    from hookcli.intake import Body, Intake
    from hookcli.judging import Judge, Judgement
    from hookcli.passing import Passing
    from hookcli.received import Answer, Received
    from hookcli.routes import Endpoint
    from hookcli.setting_up import SettingUp
    from hookcli.stores import Store
    from hookcli.tunnel_lines import Total

Notice = Callable[[str, str | None], None]
"""Told what happened, and what to do about it."""
Later = Callable[[Coroutine[Any, Any, None]], object]
"""Sees to something that nobody waits for."""

_IN_HAND = 64 * 1024
"""Bytes of a body that is held while an app is waited for; more is read again from the store."""
_DRAIN_S = 5.0
"""Seconds that answers under way have to get out at the end."""


class _Kept(NamedTuple):
    """A stored delivery, and what is to be done with it."""

    number: int
    judged: Judgement
    answer: Attempt | None
    """Our own, where it was stored with the delivery."""


class Listener:
    """The HTTP side of hookcli."""

    def __init__(
        self,
        *,
        store: Store,
        intake: Intake,
        judge: Judge,
        passing: Passing,
        setting_up: SettingUp,
        own: Mapping[str, Callable[[], bytes]],
        tunnelled: bool,
        total: Total,
        notice: Notice,
    ) -> None:
        """Keep in `store` what `intake` reads, and answer as `judge` says: by `passing`, or itself.

        `setting_up` is told of the set-up requests that are answered here.
        `own` are our own paths: requests for them are answered and not stored. `tunnelled` says
        that what comes from this computer may come through a tunnel, which knows the sender.
        `total` counts what is stored.
        """
        self._store = store
        self._intake = intake
        self._judge = judge
        self._passing = passing
        self._setting_up = setting_up
        self._own = own
        self._tunnelled = tunnelled
        self._total = total
        self._notice = notice
        self._server = Server(self._receive, self._no_answer)
        self._listening: asyncio.Server | None = None
        self._idle = asyncio.Event()
        self._refused = 0
        self._stopping = False
        self.in_flight = 0
        """Requests that are being received or answered."""

    async def start(self, host: str, port: int, later: Later) -> int:
        """Open the port, 0 for any free one; return it. Raises HookError where it is not free.

        `later` sees to answers that are stored while their senders have them already.
        """
        self._later = later
        loop = asyncio.get_running_loop()
        try:
            self._listening = await loop.create_server(self._server, host, port, backlog=1024)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise await asyncio.to_thread(port_taken, port) from None
            raise HookError(
                f"Cannot listen on {word(host)} port {port}: {error.strerror or error}",
                "Ports under 1024 need root; --host takes an address of this computer",
            ) from None
        bound: int = self._listening.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Take nothing more in, let what is under way be answered, and close the connections."""
        if self._listening is not None:
            self._listening.close()
        self._stopping = True
        self._idle.clear()
        if self.in_flight:
            try:
                await asyncio.wait_for(self._idle.wait(), _DRAIN_S)
            except TimeoutError:
                waiting = f"{self.in_flight} senders were" if self.in_flight > 1 else "A sender was"
                self._notice(f"{waiting} still waiting for an answer", None)
        await self._server.shutdown(0.1)  # 0 would be for ever

    async def _receive(self, request: Received) -> Answer:
        self.in_flight += 1
        try:
            own = self._own.get(request.raw_path)
            if own is not None:
                return Reply(200, NO_HEADERS, own())
            return await self._answered(request)
        finally:
            self.in_flight -= 1
            if not self.in_flight:
                self._idle.set()

    async def _answered(self, request: Received) -> Answer:
        remote = self._remote(request)
        try:
            if request.headers.get("Expect", "").lower() == "100-continue":
                await request.line.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            kept = await self._keep(request, datetime.now(UTC), remote)
        except TooLargeError:
            size = request.content_length
            said = f"of {human_size(size)}" if size else "without end"
            self._notice(f"A body {said} from {_from(remote)} was refused (413)", "See --max-body")
            return Reply(413, NO_HEADERS, b"The body is too large\n", close=True)
        except SilentError:
            self._notice(f"A body from {_from(remote)} stopped coming, and was given up", None)
            return Reply(408, NO_HEADERS, b"The body never ended\n", close=True)
        except (ClientError, ConnectionError):
            self._notice(f"A request from {_from(remote)} broke off; nothing of it is kept", None)
            return Reply(400, NO_HEADERS, b"The body broke off\n", close=True)
        except (HookError, OSError) as error:
            return self._unkept(error)
        if self._refused:
            were = f"{self._refused:,} {'was' if self._refused == 1 else 'were'}"
            self._notice(f"Storing again; {were} answered 503 meanwhile", None)
            self._refused = 0
        if kept.judged.endpoint is not None:
            return await self._passed(request, kept, kept.judged.endpoint)
        if kept.judged.handshake is not None:
            self._later(self._setting_up.answered(kept.judged.handshake))
        answer = kept.judged.answer
        attempt = kept.answer or await self._answered_late(kept)
        self._total.answered(attempt)
        return Reply(answer.status, answer.headers, answer.body, close=self._stopping)

    async def _keep(self, request: Received, received_at: datetime, remote: str | None) -> _Kept:
        """Store the delivery, with its answer where that is known already."""
        body = self._intake.whole(request.content)
        if body is None:
            body = await self._intake.take(request.content, request.content_length)
        try:
            delivery = self._delivery(request, body, received_at, remote)
            judged = await self._judge.judge(delivery, body.file)
            waits = judged.endpoint is not None or judged.answer.delay_s
            answer = None if waits else judged.answer.attempt(judged.delivery, datetime.now(UTC))
            number = await self._store.append(judged.delivery, answer, body.file)
        finally:
            await self._intake.release(body)
        self._total.received(number, judged.delivery)
        if judged.endpoint is not None and delivery.size > _IN_HAND:
            judged = judged._replace(delivery=replace(judged.delivery, body=b""))
        return _Kept(number, judged, answer)

    async def _answered_late(self, kept: _Kept) -> Attempt:
        built_in = kept.judged.answer
        await asyncio.sleep(built_in.delay_s)
        given = built_in.attempt(kept.judged.delivery, datetime.now(UTC))
        answer = replace(given, delivery=kept.number)
        self._later(self._keep_attempt(answer))
        return answer

    async def _passed(self, request: Received, kept: _Kept, endpoint: Endpoint) -> Answer:
        delivery = kept.judged.delivery.numbered(kept.number)
        try:
            response, attempt = await self._passing.pass_on(
                request, delivery, endpoint, close=self._stopping
            )
        except HookError as error:
            self._notice(f"#{kept.number} was not forwarded: {error.message}", error.hint)
            return Reply(502, NO_HEADERS, b"hookcli could not read it again\n", close=True)
        self._total.answered(attempt)
        self._later(self._keep_attempt(attempt))
        return response

    async def _keep_attempt(self, attempt: Attempt) -> None:
        try:
            await self._store.append_attempt(attempt)
        except HookError as error:
            said = f"The answer to #{attempt.delivery} is not stored: {error.message}"
            self._notice(said, error.hint)

    def _delivery(
        self, request: Received, body: Body, received_at: datetime, remote: str | None
    ) -> Delivery:
        path, mark, query = _as_sent(request.raw_path).partition("?")
        if mark and not query:
            path += mark
        headers = Headers.from_raw(request.raw_headers)
        identity = identify(headers, body.held)
        seen = body.file is None and self._judge.glimpse(identity.provider, headers, body.held)
        return Delivery(
            method=request.method,
            path=path,
            query=query,
            headers=headers,
            body=body.held,
            size=body.size,
            http_version=request.http_version,
            remote=remote,
            received_at=received_at,
            provider=identity.provider,
            event=identity.event,
            action=identity.action,
            delivery_id=identity.delivery_id,
            signature=seen or identity.signature,
        )

    def _remote(self, request: Received) -> str | None:
        if self._tunnelled and (hops := request.headers.getall("X-Forwarded-For", None)):
            last = hops[-1].rpartition(",")[2].strip()
            try:
                if request.line.remote and ip_address(request.line.remote).is_loopback:
                    return str(ip_address(last))
            except ValueError:
                return request.line.remote
        return request.line.remote

    def _unkept(self, error: HookError | OSError) -> Answer:
        """Tell the sender to come again, and the person why: once, until storing works again."""
        if not self._refused:
            if isinstance(error, HookError):
                message, hint = error.message, error.hint
            else:
                message, hint = f"{error.strerror or error}", "Look at the disk"
            self._notice(f"Not stored: {message}. Senders get 503 until it works again", hint)
        self._refused += 1
        return Reply(503, Headers([("Retry-After", "10")]), b"Cannot be stored at the moment\n")

    def _no_answer(self, remote: str | None, status: int, what: str) -> None:
        """Tell of a request that is no HTTP, or that made hookcli itself fail."""
        if status == HTTPStatus.BAD_REQUEST:
            said = f"A malformed request from {_from(remote)} was refused (400): {what}"
            self._notice(said, None)
        else:
            said = f"A request from {_from(remote)} failed here ({status}): {what}"
            self._notice(said, "That is a fault of hookcli: please report it")


def _as_sent(path: str) -> str:
    """Undo aiohttp's decoding: a character for each byte of the request line."""
    return path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("latin-1")


def _from(remote: str | None) -> str:
    return word(remote) if remote else "an unknown sender"
