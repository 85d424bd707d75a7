"""Set-up requests, by which providers find out whether a URL is what it is said to be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from hookcli.handshake_kinds import KINDS
from hookcli.handshake_replies import Asked
from hookcli.payload import payload_of
from hookcli.text import word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookcli.delivery import Delivery
    from hookcli.handshake_kinds import Kind
    from hookcli.handshake_replies import Handshake
    from hookcli.secret import Secret

_LARGEST = 4096
"""Bytes of a set-up request's body at the most; theirs have far less."""
_LONGEST = 2048
"""Characters that are given back; challenges have far less."""
_QUERY = 8192

_BY_METHOD = {
    method: [kind for kind in KINDS if kind.method == method] for method in ("GET", "HEAD", "POST")
}
_TITLES = {kind.name: kind.title for kind in KINDS}


def answer(delivery: Delivery, secrets: Sequence[Secret]) -> Handshake | None:
    """Return the answer to a set-up request, None for any other delivery. Never raises.

    `delivery.signature` is what came of checking it. Those that want a proof are answered only
    where there is the secret for it.
    """
    kinds = _BY_METHOD.get(delivery.method)
    if not kinds or delivery.size > _LARGEST:
        return None
    facts = _facts(delivery)
    for kind in kinds:
        value = facts.get(kind.value, "") if kind.value else ""
        given = isinstance(value, str) and 0 < len(value) <= _LONGEST
        if (given or not kind.value) and _fits(kind, facts):
            handshake = kind.reply(Asked(kind.name, value, facts, delivery, secrets))
            if handshake is not None:
                return _told(handshake, kind, value)
    return None


def what_was_done(name: str, *, refused: bool) -> str:
    """Say in what a built-in answer to a set-up request consisted."""
    title = _TITLES.get(name, "a set-up request")
    return f"refused {title}" if refused else f"answered {title}"


def _told(handshake: Handshake, kind: Kind, value: str) -> Handshake:
    if not kind.say:
        return handshake
    return handshake._replace(say=kind.say.format(word(value)), hint=kind.hint)


def _fits(kind: Kind, facts: Mapping[str, Any]) -> bool:
    for name, expected in kind.when.items():
        fact = facts.get(name)
        if isinstance(expected, re.Pattern):
            if not isinstance(fact, str) or not expected.fullmatch(fact):
                return False
        elif fact != expected:
            return False
    return True


def _facts(delivery: Delivery) -> dict[str, Any]:
    # Reversed, so that the first of repeated ones stands.
    facts: dict[str, Any] = {
        f"{name.lower()}:": value for name, value in reversed(delivery.headers.pairs)
    }
    facts |= {f"?{name}": value for name, value in reversed(_query(delivery.query))}
    if delivery.size:
        payload = payload_of(delivery.headers, delivery.body, _LARGEST)
        if isinstance(payload, dict):
            facts |= {f".{name}": value for name, value in payload.items()}
            facts["."] = len(payload)
    return facts


def _query(query: str) -> list[tuple[str, str]]:
    if len(query) > _QUERY:
        return []
    sent = query.encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        return parse_qsl(sent, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return []
