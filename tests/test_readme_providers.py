"""The table of providers in the README is what the code knows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookcli.secret import NAMES
from hookcli.signatures.jwts import Monday
from hookcli.signatures.providers import PROVIDERS
from hookcli.signatures.tokens import QueryToken
from hookcli.text import human_duration
from tests.test_readme import README

if TYPE_CHECKING:
    from hookcli.signatures.providers import Provider
    from hookcli.signatures.request import Scheme

HEADING = (
    "| provider | name | signature in | it shows | valid for | waits | sends again |",
    "|---|---|---|---|---|---|---|",
)


def place(scheme: Scheme) -> str:
    """Say where a signature stands."""
    if isinstance(scheme, QueryToken):
        return "the URL"
    header = getattr(scheme, "header", None)
    number = "1" if getattr(scheme, "numbered", False) else ""
    return f"`{header}{number}`" if header else "the body"


def proof(provider: Provider) -> str:
    """Say what a right signature shows, where that depends on which of them is sent."""
    weak = [bool(scheme.gap) for scheme in provider.schemes]
    if all(weak):
        return "sender"
    return f"sender; body by {place(provider.schemes[0])}" if any(weak) else "sender and body"


def lifetime(provider: Provider) -> str:
    """Say how long a signature is good that no tolerance ends."""
    return "as it says" if isinstance(provider.schemes[0], Monday) else "ever"


def row(provider: Provider) -> str:
    """Return what the README says of a provider."""
    tolerance = next((s.clock.tolerance for s in provider.schemes if hasattr(s, "clock")), None)
    cells = (
        f"[{provider.title}]({provider.docs})",
        f"`{provider.name}`",
        ", ".join(dict.fromkeys(map(place, provider.schemes))),
        proof(provider),
        human_duration(tolerance) if tolerance else lifetime(provider),
        human_duration(provider.deadline_s),
        "yes" if provider.retries else "no",
    )
    return f"| {' | '.join(cells)} |"


def test_every_provider_has_its_row_and_there_are_no_others() -> None:
    """By title; whoever adds one pastes what this test says is missing."""
    providers = sorted(PROVIDERS, key=lambda each: (each.title.casefold(), each.name))

    table = README.partition("### Providers\n")[2].partition("\n\n")[2].partition("\n\n")[0]

    assert table.splitlines()[:2] == [*HEADING]
    assert table.splitlines()[2:] == [row(provider) for provider in providers]


def test_every_other_name_of_a_secret_is_told() -> None:
    known = {provider.name for provider in PROVIDERS}

    assert [name for name in NAMES if name not in known and f"`{name}=`" not in README] == []
