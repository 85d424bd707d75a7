"""The secrets that signatures are checked with, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from hookcli.errors import UsageError
from hookcli.grammar import suggestion
from hookcli.signatures.providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ANY = "any"
"""Stands in front of what is taken literally."""
SECONDS = ("meta.verify-token",)
"""Secrets of providers that have another one than that which signs."""
OTHERS = ("strava", "twitter")
"""They want proof of a secret when they are set up, but what they send is not checked."""
NAMES = tuple(dict.fromkeys([*(provider.name for provider in PROVIDERS), *SECONDS, *OTHERS]))
"""All that may stand in front of a secret."""

_KIN = {provider.name: provider.kin for provider in PROVIDERS}
_ENV, _FILE = "env:", "@"
_FORMS = "Give it as {name}=SECRET, {name}=env:NAME or {name}=@FILE"
_EDITS = 2
"""A name that is so near is more likely one that is misspelt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """What signatures are checked with. Its value is in no text that is made of it."""

    value: str = field(repr=False)
    """As it is shown by whoever gave it; lone surrogates stand for bytes that are no UTF-8."""
    provider: str | None = None
    """None: it is tried with every provider."""
    second: str | None = None
    """Which other secret of the provider it is, like `verify-token`; None: the one that signs."""
    source: str = ""
    """Where it was read: `env NAME` or `file PATH`; empty where it was given itself."""

    @property
    def name(self) -> str:
        """What stands in front of it, like `github` or `meta.verify-token`."""
        return ".".join(filter(None, (self.provider or ANY, self.second)))

    @property
    def label(self) -> str:
        """What to call it: `github, from env GITHUB_WEBHOOK_SECRET`."""
        return f"{self.name}, from {self.source}" if self.source else self.name

    @property
    def short_label(self) -> str:
        """What to call it in a list: `github (env GITHUB_WEBHOOK_SECRET)`."""
        return f"{self.name} ({self.source})" if self.source else self.name


class Read(NamedTuple):
    """What `env:NAME` or `@FILE` stands for."""

    value: str
    source: str
    """As in `Secret`."""


def parse(text: str, read: Callable[[str], Read]) -> Secret:
    """Read a SECRET, where `read` looks up `env:NAME` and `@FILE`. Raises UsageError."""
    name, rest = split(text)
    found = read(rest) if name != ANY and is_elsewhere(rest) else Read(rest, "")
    if not found.value:
        what = f"{found.source} is empty" if found.source else "there is nothing to check with"
        raise UsageError(what, _FORMS.format(name=name or "github"))
    provider, _, second = name.partition(".")
    return Secret(
        value=found.value,
        provider=provider if provider != ANY and provider else None,
        second=second or None,
        source=found.source,
    )


def is_elsewhere(text: str) -> bool:
    """Return whether a secret stands in a variable or a file, and not there itself."""
    return text.startswith((_ENV, _FILE))


def split(text: str) -> tuple[str, str]:
    """Return the name in front of a secret, or nothing where there is none, and the rest.

    Raises UsageError for what looks like a name and is none, and for a name alone. The errors
    never repeat what may be a secret.
    """
    name, equals, rest = text.partition("=")
    if equals and (name in NAMES or name == ANY):
        return name, rest
    known = {each.casefold(): each for each in NAMES}
    if not equals:
        if bare := known.get(name.casefold()):
            raise UsageError(f"{bare} is a provider without its secret", _either(bare))
        return "", text
    if close := _nearest(name.casefold(), known):
        raise UsageError("what stands before = is nearly a provider's name", _meant(known[close]))
    provider, _, second = name.partition(".")
    if second and provider in NAMES:
        seconds = [each for each in SECONDS if each.startswith(f"{provider}.")]
        hint = suggestion(name, [provider, *seconds]) if seconds else _meant(provider)
        raise UsageError(f"{provider} has no second secret of that name", hint)
    return "", text


def fitting(secrets: Iterable[Secret], provider: str) -> tuple[Secret, ...]:
    """Return the secrets that may have signed what `provider` sent, its own ones first."""
    signing = [secret for secret in secrets if secret.second is None]
    own = [secret for secret in signing if secret.provider == provider]
    akin = _KIN.get(provider, ())
    kin = [secret for secret in signing if secret.provider in akin]
    return (*own, *kin, *(secret for secret in signing if secret.provider is None))


def _either(name: str) -> str:
    return f"{_FORMS.format(name=name)}; {ANY}={name} takes the word itself as the secret"


def _meant(name: str) -> str:
    return f"Did you mean {name}=…? With {ANY}= in front all of it is taken as the secret"


def _nearest(word: str, known: Iterable[str]) -> str | None:
    edits = {each: _edits(word, each) for each in known if abs(len(word) - len(each)) <= _EDITS}
    close = min(edits, key=lambda each: edits[each], default=None)
    return close if close is not None and edits[close] <= _EDITS else None


def _edits(word: str, other: str) -> int:
    """Return how many characters are to be put in, taken out or replaced to get the other word."""
    row = list(range(len(other) + 1))
    for done, character in enumerate(word, 1):
        above, row[0] = row[0], done
        for at, wanted in enumerate(other, 1):
            replaced = above + (character != wanted)
            above, row[at] = row[at], min(replaced, row[at] + 1, row[at - 1] + 1)
    return row[-1]
