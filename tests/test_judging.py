"""The rules of a run say what each delivery is, and who answers it."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from hookcli.answers import BuiltIn
from hookcli.delivery import Delivery, Headers
from hookcli.judging import Judge, Judgement, Rules
from hookcli.routes import Routes, route
from hookcli.secret import Secret
from hookcli.signatures import identify
from tests.senders import chunked, listening, post

if TYPE_CHECKING:
    from collections.abc import Sequence

GITHUB = Secret(value="s3cret", provider="github", source="env GH")
SLACK = b'{"type":"url_verification","challenge":"3eZbrw"}'


def signature(body: bytes, key: bytes = b"s3cret") -> str:
    """Return what GitHub signs a body with."""
    return f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}"


def push(body: bytes = b"{}", *, key: bytes | None = b"s3cret", **fields: Any) -> Delivery:
    """Return a push as the listener makes it."""
    pairs = [("X-GitHub-Event", "push")]
    if key is not None:
        pairs.append(("X-Hub-Signature-256", signature(body, key)))
    return told(Headers(pairs), body, **fields)


def told(headers: Headers, body: bytes, **fields: Any) -> Delivery:
    """Return a delivery with what it says of itself."""
    said = identify(headers, body)
    return Delivery(
        method="POST",
        path="/hook",
        headers=headers,
        body=body,
        provider=said.provider,
        event=said.event,
        signature=said.signature,
        **fields,
    )


async def judged(
    delivery: Delivery,
    *,
    forward: Sequence[str] = (),
    file: BytesIO | None = None,
    public_url: str | None = None,
    **rules: Any,
) -> Judgement:
    """Apply rules to a delivery."""
    routes = Routes(map(route, forward))
    judge = Judge(Rules(answer=BuiltIn(), routes=routes, **rules), lambda: public_url)
    return await judge.judge(delivery, file)


@pytest.mark.parametrize(
    ("key", "code"),
    [(b"s3cret", "valid"), (b"another", "mismatch"), (None, "missing_signature")],
)
async def test_a_signature_is_checked_with_the_secret(key: bytes | None, code: str) -> None:
    """And the secret is named by what it was called, never shown."""
    found = await judged(push(key=key), secrets=[GITHUB])

    verdict = found.delivery.signature
    assert verdict.code == code
    assert "s3cret" not in verdict.message
    assert found.answer.status == 200
    if code == "valid":
        assert "'github, from env GH'" in verdict.message


async def test_without_a_secret_for_it_nothing_is_checked() -> None:
    """One for another provider is none for this one."""
    stripe = Secret(value="whsec_x", provider="stripe")

    found = [await judged(push(), secrets=secrets) for secrets in ([], [stripe])]

    assert [each.delivery.signature.code for each in found] == ["unchecked"] * 2


async def test_a_large_body_is_checked_from_its_file() -> None:
    """It is held nowhere."""
    content = bytes(range(256)) * 8192
    headers = Headers([("X-GitHub-Event", "push"), ("X-Hub-Signature-256", signature(content))])
    delivery = told(headers, b"", size=len(content))

    found = await judged(delivery, secrets=[GITHUB], file=BytesIO(content))

    assert found.delivery.signature.code == "valid"


async def test_what_is_not_valid_is_refused_where_signatures_are_required() -> None:
    """It is not forwarded either; what is valid is."""
    rules: dict[str, Any] = {"secrets": [GITHUB], "require_signature": True, "forward": ["3000"]}

    valid, wrong, unsigned = [
        await judged(push(key=key), **rules) for key in (b"s3cret", b"another", None)
    ]

    assert valid.endpoint is not None
    assert (wrong.endpoint, wrong.answer.status) == (None, 401)
    assert wrong.answer.body == b"hookcli: mismatch\n"
    assert (unsigned.endpoint, unsigned.answer.status) == (None, 401)


@pytest.mark.parametrize(
    ("forward", "who", "answered"),
    [
        ([], None, True),
        ([], "hookcli", True),
        ([], "forward", False),
        (["3000"], None, False),
        (["3000"], "hookcli", True),
        (["/elsewhere=3000"], None, True),
    ],
)
async def test_who_answers_a_set_up_request(
    forward: list[str], who: str | None, answered: bool
) -> None:
    """hookcli, unless there is an app for it, or it was said."""
    found = await judged(told(Headers(), SLACK), forward=forward, handshakes=who)

    assert found.delivery.handshake == "slack_challenge"
    assert (found.handshake is not None) is answered
    assert (found.answer.body == b"3eZbrw") is answered


async def test_an_unsigned_set_up_request_passes_where_signatures_are_required() -> None:
    """It comes before there is anything to sign with."""
    found = await judged(told(Headers(), SLACK), secrets=[GITHUB], require_signature=True)

    assert (found.answer.status, found.answer.body) == (200, b"3eZbrw")


async def test_the_url_that_the_sender_used_is_checked() -> None:
    """Behind a tunnel the request does not tell it."""
    key, url = "key", "https://otter.test/hook"
    signed = hmac.new(key.encode(), url.encode() + b"{}", hashlib.sha256).digest()
    mark = b64encode(signed).decode()
    delivery = told(
        Headers([("Host", "localhost:4567"), ("x-square-hmacsha256-signature", mark)]), b"{}"
    )
    square = Secret(value=key, provider="square")

    right = await judged(delivery, secrets=[square], public_url="https://otter.test")
    wrong = await judged(delivery, secrets=[square], public_url="https://other.test")

    assert right.delivery.signature.code == "valid"
    assert wrong.delivery.signature.code in {"url_mismatch", "mismatch"}


async def test_a_failure_is_explained_to_a_person() -> None:
    """Nothing is where it is not known with what it was checked."""
    rules = Rules(answer=BuiltIn(), routes=Routes(), secrets=[GITHUB])
    judge = Judge(rules, lambda: None)
    blind = Judge(Rules(answer=BuiltIn(), routes=Routes()), lambda: None)
    failed = push(key=b"another")

    diagnosis = await judge.explain(failed)

    assert diagnosis is not None
    assert diagnosis.verdict.code == "mismatch"
    assert "6 characters" in diagnosis.tried
    assert await blind.explain(failed) is None
    assert await judge.explain(told(Headers(), b"{}")) is None


async def test_verdicts_are_kept_with_their_deliveries() -> None:
    """From the wire to the store, held or not."""
    body = json.dumps({"ref": "x" * 2_000_000}).encode()
    small = b'{"ref": "main"}'

    async with listening(rules={"secrets": [GITHUB], "require_signature": True}) as running:
        for raw in (small, body):
            head = f"X-GitHub-Event: push\r\nX-Hub-Signature-256: {signature(raw)}\r\n"
            assert (await running.say(post(raw, head=head))).status == 200
        refused = await running.say(chunked(small))
        kept = [await running.kept(number) for number in (1, 2, 3)]

    assert [delivery.signature.code for delivery in kept] == ["valid", "valid", "unsigned"]
    assert refused.status == 401
