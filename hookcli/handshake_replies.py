"""How set-up requests are answered: echoes, proofs that a secret is known, refusals."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import orjson

from hookcli.delivery import NO_HEADERS, Headers
from hookcli.secret import fitting
from hookcli.signatures.providers import PROVIDERS
from hookcli.signatures.request import Request
from hookcli.text import word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookcli.delivery import Delivery
    from hookcli.secret import Secret

TOKEN = re.compile(r"[\w.+/=-]{1,256}", re.ASCII)
"""What is signed, shown or put into a header looks like this.

A payload does not, so nobody can have one of theirs signed by asking for a proof."""

_SMALL = 4096
_SNS_HOST = re.compile(r"sns\.[a-zA-Z0-9-]{3,}\.amazonaws\.com(\.cn)?")
_ZOOM = next(each.schemes[0] for each in PROVIDERS if each.name == "zoom")
_NOSNIFF = ("X-Content-Type-Options", "nosniff")
_TEXT = Headers([("Content-Type", "text/plain"), _NOSNIFF])
_JSON = Headers([("Content-Type", "application/json"), _NOSNIFF])


class Handshake(NamedTuple):
    """The answer to a set-up request."""

    name: str
    """Which one it was, like `slack_challenge`."""
    status: int = 200
    headers: Headers = NO_HEADERS
    body: bytes = b""
    say: str | None = None
    """What the person should be told; received words in it are made harmless."""
    hint: str | None = None
    """What the person should do then."""
    confirm: str | None = None
    """The URL at its provider that completes it, for who may fetch it in place of the person."""


class Asked(NamedTuple):
    """A set-up request, and what there is to answer it with."""

    name: str
    value: str
    """What is to be given back; empty where nothing is."""
    facts: Mapping[str, Any]
    """Header fields as `name:`, query fields as `?name`, fields of the payload as `.name`."""
    delivery: Delivery
    secrets: Sequence[Secret]


Reply = Callable[[Asked], Handshake | None]
"""None: it is no such request after all, or hookcli lacks the secret to answer it."""


def empty(asked: Asked) -> Handshake:
    """Give nothing back: a status is all that is wanted."""
    return Handshake(asked.name)


def echo(asked: Asked) -> Handshake:
    """Give the value back as text, which no browser takes for a page."""
    return _text(asked, asked.value)


def words(said: str) -> Reply:
    """Return a reply that says always the same."""
    return lambda asked: _text(asked, said)


def in_json(field: str) -> Reply:
    """Return a reply that gives the value back in a field of an object."""
    return lambda asked: _object(asked, {field: asked.value})


def in_header(name: str) -> Reply:
    """Return a reply that gives the value back in a header."""

    def reply(asked: Asked) -> Handshake | None:
        if not TOKEN.fullmatch(asked.value):
            return None
        return Handshake(asked.name, headers=Headers([(name, asked.value)]))

    return reply


def signed(status: int, payload: Any = None) -> Reply:
    """Return a reply to those that are signed right; 401 goes to all others.

    Some providers sign wrongly on purpose, to see whether that is noticed. Without a secret it
    cannot be, and there is no reply.
    """

    def reply(asked: Asked) -> Handshake | None:
        verdict = asked.delivery.signature
        if verdict.failed:
            return Handshake(asked.name, 401)
        if verdict.code != "valid":
            return None
        return Handshake(asked.name, status) if payload is None else _object(asked, payload)

    return reply


def meta(asked: Asked) -> Handshake:
    """Give the challenge back to who has our verify token, or to all where we have none."""
    tokens = [each.value for each in asked.secrets if each.name == "meta.verify-token"]
    if tokens and not _knows(asked, tokens):
        return _stranger(asked, "meta.verify-token")
    return echo(asked)


def strava(asked: Asked) -> Handshake | None:
    """Give the challenge back as Strava wants it, which asks as Meta does: to who has its token."""
    tokens = [each.value for each in asked.secrets if each.provider == "strava"]
    if _knows(asked, tokens):
        return _object(asked, {"hub.challenge": asked.value})
    others = any(each.provider == "meta" for each in asked.secrets)
    return None if others or not tokens else _stranger(asked, "strava")


def zoom(asked: Asked) -> Handshake | None:
    """Prove to Zoom, which shows that it knows the secret first, that we know it too."""
    payload = asked.facts.get(".payload")
    token = payload.get("plainToken") if isinstance(payload, dict) else None
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        return None
    request = Request(delivery=asked.delivery, now=asked.delivery.received_at.timestamp())
    for secret in fitting(asked.secrets, "zoom"):
        if _ZOOM.verify(request, secret.value).matched:
            proof = _mac(secret, token.encode()).hex()
            return _object(asked, {"plainToken": token, "encryptedToken": proof})
    return None


def twitter(asked: Asked) -> Handshake | None:
    """Prove to X that we know its secret. Anybody can ask, so no secret of others is used."""
    secret = next((each for each in asked.secrets if each.name == "twitter"), None)
    if secret is None or not TOKEN.fullmatch(asked.value):
        return None
    proof = base64.b64encode(_mac(secret, asked.value.encode())).decode()
    return _object(asked, {"response_token": f"sha256={proof}"})


def sns(asked: Asked) -> Handshake:
    """Accept it; a URL that is to be fetched completes it, which nobody does without being told."""
    url = asked.value
    if not may_confirm(url):
        said = f"This SNS confirmation leads elsewhere, so do not open it: {word(url[:300])}"
        return Handshake(asked.name, say=said)
    return Handshake(
        asked.name,
        say=f"SNS waits for you to confirm {topic(url)}",
        hint="Open its SubscribeURL (hookcli show --format body | jq -r .SubscribeURL), or start "
        "listen with --confirm-subscriptions, which opens such",
        confirm=url,
    )


def dropbox_sign(asked: Asked) -> Handshake | None:
    """Say the words that Dropbox Sign wants to hear, where it only tests the URL."""
    body = asked.delivery.body[:_SMALL]
    if b"callback_test" in body or b"name=" not in body:
        return _text(asked, "Hello API Event Received")
    return None


def may_confirm(url: str) -> bool:
    """Return whether fetching a URL confirms a subscription at SNS, and does nothing else."""
    if not re.fullmatch(r"[!-\[\]-~]{1,2048}", url):
        return False
    try:
        parts = urlsplit(url)
        fields = parse_qs(parts.query, max_num_fields=10)
    except ValueError:
        return False
    plain = parts.scheme == "https" and parts.path == "/" and not parts.fragment
    return bool(
        plain
        and _SNS_HOST.fullmatch(parts.netloc)
        and fields.get("Action") == ["ConfirmSubscription"]
    )


def topic(url: str) -> str:
    """Return what a URL subscribes to, as a word that is harmless."""
    return word(parse_qs(urlsplit(url).query).get("TopicArn", ["a topic"])[0][:300])


def _text(asked: Asked, said: str) -> Handshake:
    return Handshake(asked.name, headers=_TEXT, body=said.encode())


def _object(asked: Asked, payload: Any) -> Handshake:
    return Handshake(asked.name, headers=_JSON, body=orjson.dumps(payload))


def _stranger(asked: Asked, secret: str) -> Handshake:
    return Handshake(
        asked.name,
        403,
        say="It was asked with another verify token than hookcli has, so it was refused",
        hint=f"Give both the same one: --secret {secret}=TOKEN",
    )


def _knows(asked: Asked, tokens: Sequence[str]) -> bool:
    given = asked.facts.get("?hub.verify_token", "").encode()
    return any(hmac.compare_digest(given, _bytes(token)) for token in tokens)


def _mac(secret: Secret, message: bytes) -> bytes:
    return hmac.digest(_bytes(secret.value), message, hashlib.sha256)


def _bytes(secret: str) -> bytes:
    return secret.encode("utf-8", "surrogateescape")
