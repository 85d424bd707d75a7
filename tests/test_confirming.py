"""A subscription is confirmed only where that was asked for, at SNS alone, and within bounds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hookcli.confirming import Confirming
from tests.apps import answering, free_port, running, silent

if TYPE_CHECKING:
    from tests.apps import App

PATH = "/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-west-2:1:T&Token=a%2Fb"
DONE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
OPEN = "Open its SubscribeURL yourself: hookcli show --format body | jq -r .SubscribeURL"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach this computer as it is, whatever the way out."""
    monkeypatch.setenv("NO_PROXY", "*")


class Desk:
    """Confirms at any address, and keeps what a person is told."""

    def __init__(self, timeout_s: float = 10) -> None:
        self.told: list[tuple[str, str | None]] = []
        self.confirming = Confirming(say=self.say, allowed=lambda _: True, timeout_s=timeout_s)

    def say(self, text: str, hint: str | None) -> None:
        """Take what is told."""
        self.told.append((text, hint))

    async def confirm(self, app: App) -> None:
        """Confirm at an app in place of SNS."""
        await self.confirming.confirm(app.url + PATH)


def answer(status: str, body: bytes = b"", *lines: str) -> bytes:
    """Return an answer of SNS."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines])
    return f"{head}\r\n\r\n".encode() + body


async def test_fetches_the_url_as_it_came_and_says_so() -> None:
    desk = Desk()

    async with running(answering(DONE)) as app:
        await desk.confirm(app)

    [request] = app.requests
    assert request.startswith(f"GET {PATH} HTTP/1.1\r\n".encode())
    assert desk.told == [("Confirmed at SNS: arn:aws:sns:us-west-2:1:T", None)]


async def test_says_why_sns_refuses() -> None:
    desk = Desk()
    said = b"<ErrorResponse><Error><Message>Invalid token\x1b[2J</Message></Error></ErrorResponse>"

    async with running(answering(answer("400 Bad Request", said))) as app:
        await desk.confirm(app)

    refused = r"it answered 400, Invalid token\u001b[2J"
    assert desk.told == [(f"SNS did not confirm arn:aws:sns:us-west-2:1:T: {refused}", OPEN)]


async def test_follows_nobody_elsewhere() -> None:
    desk = Desk()

    async with running(answering(DONE)) as elsewhere:
        redirect = answer("302 Found", b"", f"Location: {elsewhere.url}/")
        async with running(answering(redirect)) as app:
            await desk.confirm(app)

    assert elsewhere.requests == []
    assert "it answered 302" in desk.told[0][0]


async def test_reads_no_more_than_it_shows() -> None:
    desk = Desk()
    endless = b"HTTP/1.1 500 No\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 100_000

    async with running(answering(endless)) as app:
        await desk.confirm(app)

    assert desk.told[0][0].endswith(": it answered 500")


async def test_gives_up_after_a_while() -> None:
    desk = Desk(timeout_s=0.05)

    async with running(silent) as app:
        await desk.confirm(app)

    assert desk.told[0][0].endswith(": no answer within 0.05 s")


async def test_says_that_nobody_is_there() -> None:
    desk = Desk()

    await desk.confirming.confirm(f"http://127.0.0.1:{free_port()}{PATH}")

    assert "Cannot connect to host 127.0.0.1" in desk.told[0][0]


async def test_says_that_an_answer_is_no_http() -> None:
    desk = Desk()

    async with running(answering(b"\x1b[2J\r\n\r\n")) as app:
        await desk.confirm(app)

    [(text, hint)] = desk.told
    assert text.isprintable()
    assert hint == OPEN


@pytest.mark.parametrize("host", ["http://127.0.0.1:1", "https://sns.evil.example"])
async def test_fetches_nothing_that_is_not_of_sns(host: str) -> None:
    told: list[str] = []
    confirming = Confirming(say=lambda text, _: told.append(text))

    await confirming.confirm(f"{host}{PATH}")

    assert told == [f"Not confirmed, as this is no URL of SNS: {host}{PATH}"]


async def test_has_few_under_way_at_once() -> None:
    """Anybody can send confirmations, so none of them waits in line."""
    desk = Desk()

    async with running(silent) as app, asyncio.TaskGroup() as tasks:
        started = [tasks.create_task(desk.confirm(app)) for _ in range(6)]
        _, waiting = await asyncio.wait(started, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    assert [text for text, _ in desk.told] == [
        "Not confirmed, as too many come at once: arn:aws:sns:us-west-2:1:T"
    ] * 2
