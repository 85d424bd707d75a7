"""What is sent again with a change is signed where it can be, and said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hookcli.delivery import Changed, Delivery, Headers
from hookcli.errors import UsageError
from hookcli.replaying import Wish, target_of
from hookcli.routes import endpoint
from hookcli.stores.memory import MemoryStore
from tests.apps import OK, answering, running
from tests.replays import GITHUB, STRIPE, Sends, came
from tests.signatures.cases import NOW


async def test_it_is_signed_with_the_time_of_now() -> None:
    """The request is kept with the attempt, and is what an app got."""
    sends = Sends()
    async with running(answering(OK)) as app:
        await sends.send(
            app.endpoint, came("stripe"), at=NOW + 900, sign=True, secrets=[GITHUB, STRIPE]
        )

    [attempt] = await sends.store.attempts([1])
    assert attempt.request
    signature = attempt.request.headers.get("stripe-signature") or ""
    assert signature.startswith(f"t={NOW + 900},")
    assert f"\r\nStripe-Signature: {signature}\r\n".encode() in app.requests[0]
    assert (attempt.request.method, attempt.request.path) == ("POST", "/in")
    assert attempt.request.body == came().body
    assert sends.results[0].signature.code == "valid"
    assert sends.kinds == []


@pytest.mark.parametrize(
    ("delivery", "said"),
    [
        (replace(came(), provider=None), "Nothing tells which provider #0 is from"),
        (came("stripe"), "There is no secret to sign #0 with"),
    ],
)
async def test_what_cannot_be_signed_is_not_sent(delivery: Delivery, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        await target_of(
            MemoryStore(),
            replace(delivery, id=0),
            Wish(to=endpoint("1"), sign=True, secrets=[GITHUB]),
        )


@pytest.mark.parametrize(
    ("how", "kinds", "signed_anew"),
    [
        ({"secrets": [GITHUB]}, ["signed"], True),
        ({"secrets": [STRIPE]}, ["unsigned"], False),
        ({"secrets": [GITHUB], "sign": False}, [], False),
        ({"secrets": [GITHUB], "sign": True}, [], True),
    ],
)
async def test_what_is_changed_is_signed_if_its_secret_is_known(
    how: dict[str, Any], kinds: list[str], *, signed_anew: bool
) -> None:
    """And that is said, unless it was asked for."""
    sends = Sends()
    async with running(answering(OK)) as app:
        await sends.send(app.endpoint, came(), settings=["a:=2"], **how)

    [attempt] = await sends.store.attempts([1])
    assert attempt.request
    name = "x-hub-signature-256"
    assert attempt.request.body == b'{"a":2}'
    assert (attempt.request.headers.get(name) != came().headers.get(name)) == signed_anew
    assert sends.kinds == kinds


async def test_what_was_not_signed_is_not_signed_when_it_is_changed() -> None:
    sends = Sends()
    bare = came(headers=Headers([("X-GitHub-Event", "push")]), delivery_id=None)
    async with running(answering(OK)) as app:
        await sends.send(app.endpoint, bare, settings=["a:=2"], secrets=[GITHUB])

    assert b"ignature" not in app.requests[0]
    assert sends.kinds == []


async def test_an_edited_payload_is_sent() -> None:
    """The editor is told of which delivery it is."""
    sends = Sends()
    async with running(answering(OK)) as app:
        await sends.send(
            app.endpoint,
            came(),
            edit=lambda text, delivery: text.replace("1.10", str(delivery.id)),
            secrets=[GITHUB],
        )

    assert app.requests[0].endswith(b'{"a":1}')
    assert sends.kinds == ["signed"]


async def test_an_editor_that_fails_sends_nothing() -> None:
    """And the error says of what."""
    sends = Sends()
    async with running(answering(OK)) as app:
        with pytest.raises(ExceptionGroup) as caught:
            await sends.send(app.endpoint, came(), edit=lambda text, _: text)

    [error] = caught.value.exceptions
    assert str(error) == "#1: Nothing was changed, so nothing is sent"
    assert app.requests == []


async def test_a_header_is_put_in_place() -> None:
    """Which is no reason to sign: it is not known what for."""
    sends = Sends()
    async with running(answering(OK)) as app:
        await sends.send(app.endpoint, came(), headers=[("host2", "x")], secrets=[GITHUB])

    [attempt] = await sends.store.attempts([1])
    assert isinstance(attempt.request, Changed)
    assert b"\r\nhost2: x\r\n" in app.requests[0]
    assert sends.kinds == []


async def test_each_send_has_a_new_id_of_its_own() -> None:
    """And is signed anew, as the id may be signed as well."""
    sends = Sends()
    async with running(answering(OK)) as app:
        await sends.send(app.endpoint, came(), new_delivery_id=True, times=3, secrets=[GITHUB])

    ids = {
        each.request.headers.get("x-github-delivery")
        for each in await sends.store.attempts([1])
        if each.request
    }
    assert len(ids - {"72d3162e"}) == 3
    assert sends.kinds == ["signed"]


async def test_retries_are_counted_and_have_the_same_id() -> None:
    sends = Sends()
    slack = came("slack")
    async with running(answering(OK)) as app:
        await sends.send(app.endpoint, slack, came(), as_retry=True, times=2)

    assert [b"X-Slack-Retry-Num: 1" in raw for raw in app.requests] == [True, False, False, False]
    assert b"X-Slack-Retry-Num: 2" in app.requests[1]
    assert all(b"X-GitHub-Delivery: 72d3162e" in raw for raw in app.requests)
    assert sends.kinds == ["untold"]


@pytest.mark.parametrize(
    ("provider", "at", "how", "kinds"),
    [
        ("stripe", NOW + 301, {}, ["expired"]),
        ("stripe", NOW + 301, {"sign": False}, ["expired"]),
        ("stripe", NOW + 301, {"sign": True, "secrets": [STRIPE]}, []),
        ("stripe", NOW + 300, {}, []),
        ("stripe", NOW + 301, {"settings": ["a:=2"]}, ["unsigned"]),
        ("github", NOW, {"new_delivery_id": True}, []),
        ("twitch", NOW, {"new_delivery_id": True}, ["unsigned"]),
        ("twitch", NOW + 601, {"new_delivery_id": True, "sign": False}, []),
        ("github", NOW, {"times": 2}, ["repeated"]),
        ("github", NOW, {"times": 2, "as_retry": True}, ["untold"]),
    ],
)
async def test_what_a_handler_may_refuse_is_said(
    provider: str, at: float, how: dict[str, Any], kinds: list[str]
) -> None:
    """A signature that is too old, and an id that comes again."""
    sends = Sends()
    async with running(answering(OK)) as app:
        await sends.send(app.endpoint, came(provider), at=at, **how)

    assert sends.kinds == kinds
