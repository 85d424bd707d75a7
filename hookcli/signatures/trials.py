"""What is tried to find out why a signature is wrong, each through the provider's own scheme."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from hookcli.delivery import HELD_BODY
from hookcli.payload import content_type
from hookcli.signatures.bodies import bodies
from hookcli.signatures.canonical import Contentful
from hookcli.signatures.encodings import decode, encode, key_bytes
from hookcli.signatures.fields import AdyenItems
from hookcli.signatures.hmacs import Shared
from hookcli.signatures.jwts import Monday
from hookcli.signatures.keys import PublicKey
from hookcli.signatures.request import Request
from hookcli.signatures.schemes import Signed
from hookcli.signatures.variants import secrets, texts, times, urls
from hookcli.text import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookcli.delivery import SignatureCode
    from hookcli.secret import Secret
    from hookcli.signatures.encodings import KeyForm
    from hookcli.signatures.hmacs import Algorithm
    from hookcli.signatures.providers import Provider
    from hookcli.signatures.request import Scheme

_SECRETS = 4
"""Secrets that everything is tried with."""
_CONTENTS = {
    "{body}": "the body alone",
    "{timestamp}.{body}": "time.body, as Stripe does,",
    "v0:{timestamp}:{body}": "v0:time:body, as Slack does,",
    "{timestamp}:{body}": "time:body, as Paddle does,",
    "{timestamp}{body}": "time and body without anything between",
    "{body}{timestamp}": "body and time without anything between",
    "{id}.{timestamp}.{body}": "id.time.body, as Standard Webhooks do,",
    "{url}{body}": "URL and body",
    "{body}{url}": "body and URL",
}
_FORMS: dict[KeyForm, str] = {
    "text": "as it is written, not decoded",
    "whsec": "decoded from base64",
    "base64": "decoded from base64",
    "hex": "decoded from hex",
}


class Cause(NamedTuple):
    """Why a signature is wrong. Holds no secret, and no signature."""

    code: SignatureCode
    what: str
    """What went wrong, as part of a sentence."""
    do: str
    """What to do about it."""
    again: bool = False
    """Whether the same delivery is right once that is done."""


class Trial(NamedTuple):
    """Something changed, and the cause that it is if the signature is right then."""

    scheme: Scheme
    request: Request
    key: str
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A check that failed."""

    request: Request
    provider: Provider
    scheme: Scheme
    """The one that failed."""
    secrets: tuple[Secret, ...]
    """Those that were tried."""
    others: tuple[Secret, ...] = ()
    """Those for other providers."""

    @property
    def keys(self) -> list[str]:
        """What everything is tried with."""
        return [secret.value for secret in self.secrets[:_SECRETS]]

    def scheme_for(self, key: str) -> Scheme:
        """Return the scheme that failed, or the one that another secret is for."""
        misfits = self.scheme.fits(key)
        return self.provider.scheme(self.request, key) if misfits else self.scheme


def mismatched(case: Case) -> Iterator[Trial]:
    """Yield what could explain a signature that is not right, likeliest first."""
    rest = [malformed(case), _contents(case), _urls(case), _bodies(case)]
    if isinstance(case.scheme, PublicKey):
        # Few trials are to be had where one checks, and vendors' keys sign as they should.
        rest.reverse()
    return chain(
        _weaker_schemes(case),
        _copied_secrets(case),
        _forms_of_secrets(case),
        _other_secrets(case),
        *rest,
    )


def malformed(case: Case) -> Iterator[Trial]:
    """Yield what could explain a signature that is not written as it should be."""
    return chain(_texts(case), _algorithms(case), _times(case))


def _weaker_schemes(case: Case) -> Iterator[Trial]:
    for scheme in case.provider.schemes:
        if scheme != case.scheme and scheme.headers and scheme.present(case.request):
            right = "the secret is" if scheme.gap else "the secret and the body are"
            what = (
                f"{right} right by {_named(scheme, case.scheme)}, but"
                f" {_named(case.scheme, scheme)} counts, and is not"
            )
            cause = Cause("mismatch", what, "find what changes the latter, or what it covers")
            yield from (Trial(scheme, case.request, key, cause) for key in case.keys)


def _named(scheme: Scheme, other: Scheme) -> str:
    """Return what tells a scheme from another of the same provider."""
    if not isinstance(scheme, Signed):
        return "the token"
    if isinstance(other, Signed) and scheme.header == other.header:
        return f"{scheme.prefix.rstrip('=,')} in {scheme.header}"
    return scheme.header


def _copied_secrets(case: Case) -> Iterator[Trial]:
    for secret in case.secrets:
        for key, how in secrets(secret.value):
            do = f"correct the secret ({secret.label})"
            cause = Cause("wrong_secret", f"right with the secret {how}", do, again=True)
            yield Trial(case.scheme_for(key), case.request, key, cause)


def _forms_of_secrets(case: Case) -> Iterator[Trial]:
    if not isinstance(case.scheme, (Shared, AdyenItems)):
        return
    due = case.scheme.key if isinstance(case.scheme, Shared) else "hex"
    do = "let the sender use it that way"
    for form, how in _FORMS.items():
        what = f"right with the secret {how}; {case.provider.title} uses it {_FORMS[due]}"
        cause = Cause("wrong_secret", what, do)
        for key in case.keys:
            bare = key.removeprefix("whsec_")
            for text in dict.fromkeys((key, bare, f"whsec_{bare}" if due == "whsec" else bare)):
                data = key_bytes(text, form) or (form == "base64" and _leniently(text))
                if form != due and data:
                    yield Trial(case.scheme, case.request, _as_secret(data, due), cause)


def _leniently(text: str) -> bytes | None:
    """Decode what is not quite base64, as Node.js does."""
    usual = text.replace("-", "+").replace("_", "/").rstrip("=")
    whole = usual[: len(usual) - (len(usual) % 4 == 1)]
    return decode(whole + "=" * (-len(whole) % 4), "base64")


def _as_secret(key: bytes, form: KeyForm) -> str:
    """Return a secret that stands for a key."""
    if form == "text":
        return key.decode("utf-8", "surrogateescape")
    return encode(key, "hex" if form == "hex" else "base64")


def _other_secrets(case: Case) -> Iterator[Trial]:
    for secret in case.others:
        what = f"right with the secret given for {secret.name}"
        do = f"give that one as {case.provider.name}=… as well"
        cause = Cause("wrong_secret", what, do, again=True)
        yield Trial(case.scheme_for(secret.value), case.request, secret.value, cause)


def _texts(case: Case) -> Iterator[Trial]:
    for header in case.scheme.headers:
        for value, how in texts(case.request.header(header) or ""):
            what = f"secret and body are right, but the form of {header} is not: {how}"
            cause = Cause("malformed_signature", what, "find what writes that header so")
            request = case.request.with_header(header, value)
            yield from (Trial(case.scheme, request, key, cause) for key in case.keys)


def _algorithms(case: Case) -> Iterator[Trial]:
    scheme = case.scheme
    if not isinstance(scheme, Shared):
        return
    name: Algorithm = "sha256" if scheme.algorithm == "sha1" else "sha1"
    made = replace(scheme, algorithm=name)
    what = f"secret and body are right, but signed with {made.name} instead of {scheme.name}"
    cause = Cause("malformed_signature", what, f"let the sender sign as {case.provider.title} does")
    for prefix in dict.fromkeys((scheme.prefix, scheme.prefix.replace(scheme.algorithm, name))):
        for key in case.keys:
            yield Trial(replace(made, prefix=prefix), case.request, key, cause)


def _times(case: Case) -> Iterator[Trial]:
    scheme = case.scheme
    if not isinstance(scheme, Signed) or not scheme.timestamp or scheme.timestamp[0] == ".":
        return
    header = scheme.header if scheme.timestamp.endswith("=") else scheme.timestamp
    for value, how in times(case.request.header(header) or ""):
        what = f"secret and body are right, but {header} came {how}"
        cause = Cause("malformed_signature", what, "find what writes that header so")
        request = case.request.with_header(header, value)
        yield from (Trial(scheme, request, key, cause) for key in case.keys)


def _contents(case: Case) -> Iterator[Trial]:
    scheme = case.scheme
    if not isinstance(scheme, Signed):
        return
    due = f"{case.provider.title} signs otherwise"
    do = f"let the sender sign as {case.provider.title} does: {case.provider.docs}"
    if scheme.content is not Request.body:
        cause = Cause("mismatch", f"the secret is right, but the raw body is signed: {due}", do)
        other = replace(scheme, content=Request.body)
        yield from (Trial(other, case.request, key, cause) for key in case.keys)
    for signed, said in _CONTENTS.items():
        if signed != scheme.signed:
            cause = Cause("mismatch", f"the secret is right, but {said} is signed: {due}", do)
            other = replace(scheme, signed=signed)
            yield from (Trial(other, case.request, key, cause) for key in case.keys)


def _urls(case: Case) -> Iterator[Trial]:
    if not signs_url(case.scheme):
        return
    for url in urls(case.request):
        what = f"signed for {word(url)}, checked for {word(case.request.sent_to())}"
        do = f"give the URL that {case.provider.title} was given: --public-url"
        request = replace(case.request, url=url)
        cause = Cause("url_mismatch", what, do, again=True)
        yield from (Trial(case.scheme, request, key, cause) for key in case.keys)


def signs_url(scheme: Scheme) -> bool:
    """Return whether a signature of this scheme is for one URL only."""
    if isinstance(scheme, Signed):
        return "{url}" in scheme.signed or isinstance(scheme, Contentful)
    return isinstance(scheme, Monday)


def _bodies(case: Case) -> Iterator[Trial]:
    if case.scheme.gap or case.request.delivery.size > HELD_BODY:
        return
    kind = content_type(case.request.delivery.headers)
    do = f"let nothing between {case.provider.title} and here parse the body and write it anew"
    for body, how in bodies(case.request.whole(), kind):
        cause = Cause("body_changed", f"right secret, but the body was signed {how}", do)
        request = case.request.with_body(body)
        yield from (Trial(case.scheme, request, key, cause) for key in case.keys)
