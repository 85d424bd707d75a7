"""Why a signature is wrong, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from hookcli.delivery import HELD_BODY, Verdict
from hookcli.payload import FORM, content_type
from hookcli.secret import fitting
from hookcli.signatures.bodies import json_of
from hookcli.signatures.clocks import ALLOWED
from hookcli.signatures.keys import PublicKey
from hookcli.signatures.request import Request
from hookcli.signatures.schemes import Signed
from hookcli.signatures.sns import Sns
from hookcli.signatures.trials import Case, Cause, malformed, mismatched, signs_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from hookcli.delivery import SignatureCode
    from hookcli.secret import Secret
    from hookcli.signatures.providers import Provider
    from hookcli.signatures.request import Finding, Scheme
    from hookcli.signatures.trials import Trial

_WORK = 8_000_000
"""What all trials may cost together, in bytes hashed: some 7 ms."""
_MOST = 4 * _WORK
"""What they may cost where the body is large."""
_TRIALS = 140
"""As many are made where that is not too dear."""
_EACH = 30_000
"""What a trial costs besides its body."""
_PUBLIC_KEY = 130_000
"""What it costs where a public key checks."""
_READING = 20
"""Times that it costs to read the fields of another body."""
_FIELD = 500
"""What each of its fields costs besides."""
_LEAST = 3
"""Trials made however large the body is."""
_DELIBERATE: dict[str, tuple[str, object]] = {"discord": ("type", 1), "xero": ("events", [])}
"""Senders that test us with wrong signatures, and the field and value that tell of it."""
_UNDECODED = re.compile("[\udc80-\udcff]")
"""Bytes that are no UTF-8."""


class Diagnosis(NamedTuple):
    """Why a check failed, for a person."""

    verdict: Verdict
    cause: str
    """The likeliest, as part of a sentence."""
    checked: str
    """What was compared; empty where there was nothing to compare with, as `tried` is."""
    tried: str
    """The secrets by their labels, with their lengths: for a terminal, and nowhere else."""
    do: tuple[str, ...]
    """What to do, a line each."""


def diagnose(
    request: Request, provider: Provider, secrets: Sequence[Secret], finding: Finding
) -> Diagnosis:
    """Find why a check of the provider's signature failed. Bounded work; never raises.

    `secrets` are all there are: those for other providers may explain it.
    """
    tried = fitting(secrets, provider.name)
    scheme = provider.scheme(request, tried[0].value if tried else "")
    scheme, finding = _signature_first(scheme, request, tried, finding)
    case = Case(
        request=request,
        provider=provider,
        scheme=scheme,
        secrets=tried,
        others=tuple(each for each in secrets if each not in tried and each.second is None),
    )
    cause = _cause(case, finding)
    compared = finding.code != "missing_signature"
    lengths = [f"{each.label}, {_characters(each.value)}" for each in tried]
    return Diagnosis(
        verdict=Verdict(cause.code, f"{_capital(cause.what)}. {_capital(cause.do)}"),
        cause=cause.what,
        checked=finding.checked if compared else "",
        tried="; ".join(lengths) if compared else "",
        do=_steps(cause, request.delivery.id),
    )


def _steps(cause: Cause, number: int) -> tuple[str, ...]:
    """Return what to do, a line each, about delivery `number`; 0: it is not kept."""
    if number and cause.code == "expired_timestamp":
        return (
            f"an old one sent again? hookcli replay {number} --sign",
            "a new one? this computer's clock is fast: hookcli doctor",
        )
    if number and cause.again:
        return f"{cause.do}; then check this one:", f"hookcli verify {number}"
    return (cause.do,)


def _signature_first(
    scheme: Scheme, request: Request, secrets: Sequence[Secret], finding: Finding
) -> tuple[Scheme, Finding]:
    """Look at the signature itself where the time, which is in the body, came first."""
    if not isinstance(scheme, Signed) or not scheme.timestamp.startswith("."):
        return scheme, finding
    timeless = replace(scheme, timestamp="")
    findings = [timeless.verify(request, secret.value) for secret in secrets]
    if not findings or any(each.matched for each in findings):
        return scheme, finding
    return timeless, findings[0]


def _capital(text: str) -> str:
    """Begin a sentence, but not with a header in capitals."""
    return text[:1].upper() + text[1:] if text.partition(" ")[0].isalpha() else text


def _characters(text: str) -> str:
    return f"{len(text)} character{'s' * (len(text) != 1)}"


def _cause(case: Case, finding: Finding) -> Cause:
    title = case.provider.title
    match finding.code:
        case "missing_signature":
            do = f"set a secret for this webhook at {title}, the same as here"
            if case.scheme.present(case.request):
                do = "find what drops it on its way, or let the sender send it"
            return Cause(finding.code, finding.detail, do)
        case "expired_timestamp":
            do = "one sent again is just old; if it is new, this computer's clock is fast"
            return Cause(finding.code, _untimely(case, finding.detail), do)
        case "future_timestamp":
            do = "this computer's clock is slow: hookcli doctor"
            return Cause(finding.code, _untimely(case, finding.detail), do)
        case "malformed_signature":
            found = _first(case, malformed(case))
            return found or Cause(finding.code, finding.detail, f"see {case.provider.docs}")
        case _:
            return _first(case, mismatched(case)) or _evident(case) or _likely(case, finding)


def _untimely(case: Case, detail: str) -> str:
    """Say who allows how much, where it is not the user."""
    start, _, limit = detail.rpartition("; ")
    if case.request.tolerance is not None or not limit.endswith(ALLOWED):
        return detail
    return f"{start}; {case.provider.title} libraries allow {limit.removesuffix(ALLOWED)}"


def _first(case: Case, trials: Iterable[Trial]) -> Cause | None:
    """Return the cause of the first trial that fits, unless they get too dear."""
    left = min(max(_WORK, _TRIALS * (_EACH + case.request.delivery.size)), _MOST)
    reads = (
        isinstance(case.scheme, Signed)
        and case.scheme.content is not Request.body
        and content_type(case.request.delivery.headers) == FORM
    )
    for number, (scheme, request, key, cause) in enumerate(trials):
        left -= _EACH
        if scheme.fits(key):
            continue
        left -= request.delivery.size + _PUBLIC_KEY * isinstance(scheme, (PublicKey, Sns))
        if reads and request.delivery.body is not case.request.delivery.body:
            left -= _READING * request.delivery.size + _FIELD * request.delivery.body.count(b"&")
        if left < 0 and number >= _LEAST:
            return None
        if scheme.verify(request, key).matched:
            return cause
    return None


def _evident(case: Case) -> Cause | None:
    """Return what the request itself shows to be wrong, though it cannot be undone."""
    code, what = next(_damages(case.request), ("mismatch", ""))
    if case.scheme.gap or not what:
        return None
    do = f"see what stands between {case.provider.title} and here, and lets the body go wrong"
    return Cause(code, what, do)


def _damages(request: Request) -> Iterator[tuple[SignatureCode, str]]:
    body, size = request.whole(), request.delivery.size
    length = request.header("content-length") or ""
    if length.isascii() and length.isdecimal() and length.lstrip("0") != str(size or ""):
        yield "body_changed", f"Content-Length is {length[:20]}, but the body has {size:,} bytes"
    if not size:
        yield "mismatch", "the body is empty: what was signed is lost"
    if content_type(request.delivery.headers).endswith("json") and 0 < size <= HELD_BODY:
        text = body.decode(errors="surrogateescape")
        if _UNDECODED.search(text):
            yield "body_changed", "the charset of the body was changed, and cannot be restored"
        if "\ufffd" in text:
            yield "mismatch", "characters of the body may have been replaced on its way"
        if json_of(body) is None:
            yield "mismatch", "the body is not whole: its JSON is broken"


def _likely(case: Case, finding: Finding) -> Cause:
    title, scheme = case.provider.title, case.scheme
    if case.secrets and all(scheme.fits(secret.value) for secret in case.secrets):
        return Cause("wrong_secret", finding.detail, f"copy it from {title} again", again=True)
    if _is_deliberate(case):
        what = f"{title} sends wrong ones on purpose when a URL is set up, or the secrets differ"
        return Cause("mismatch", what, f"answer {title} with 401, as with --require-signature")
    what = "no change to the body explains it, so the secrets differ"
    do = f"set the same secret on {title} and here"
    if scheme.gap or not isinstance(scheme, Signed):
        what = finding.detail
        do = do if "secret" in what else f"see {case.provider.docs}"
    elif isinstance(scheme, PublicKey):
        what = "no change to the body explains it, so the public key is another one"
        do = f"copy the public key from {title} again"
    elif case.request.delivery.size > HELD_BODY:
        what = "the secrets differ or the body was changed, but it is too large to say which"
    elif signs_url(scheme):
        what = "no likely URL and no change to the body explains it, so the secrets or URLs differ"
        do = f"{do}, and give the URL that is set there: --public-url"
    return Cause("mismatch", what, do, again=True)


def _is_deliberate(case: Case) -> bool:
    """Return whether it may be one that its sender wants to see refused."""
    place = _DELIBERATE.get(case.provider.name)
    small = case.request.delivery.size <= HELD_BODY
    payload = case.request.payload() if place and small else None
    return place is not None and isinstance(payload, dict) and payload.get(place[0]) == place[1]
