"""Every provider's requests have a look, whether there are samples of it or not."""

from __future__ import annotations

import pytest

from hookcli.looks import LOOKS, look_of
from hookcli.signatures.providers import PROVIDERS, Provider
from hookcli.signatures.verifying import BY_NAME

KNOWN = [BY_NAME[name] for name in LOOKS]


@pytest.mark.parametrize("provider", KNOWN, ids=lambda provider: provider.name)
def test_a_place_is_kept_for_the_signature_and_nothing_else(provider: Provider) -> None:
    """Where nothing stands a signature will, so it is where the provider has it."""
    empty = [name.lower() for name, value in look_of(provider).headers if not value]

    assert empty
    assert set(empty) <= set(provider.signatures)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_the_header_that_names_the_event_is_there(provider: Provider) -> None:
    names = [name.lower() for name, _ in look_of(provider).headers]

    assert "content-type" in names
    assert provider.event[:1] == () or provider.event[0][0] == "." or provider.event[0] in names


def test_one_that_is_not_in_the_table_has_what_it_is_known_by() -> None:
    assert look_of(BY_NAME["bitbucket"]).headers == (
        ("Content-Type", "{type}"),
        ("x-event-key", "{event}"),
        ("x-request-uuid", "<uuid>"),
    )
