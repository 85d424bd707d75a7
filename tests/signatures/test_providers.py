"""The table of providers, checked row by row."""

from __future__ import annotations

import pytest

from hookcli.signatures.providers import PROVIDERS, Provider


def test_every_provider_has_a_name_of_its_own() -> None:
    names = [provider.name for provider in PROVIDERS]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_headers_are_in_lower_case_as_they_are_looked_up(provider: Provider) -> None:
    places = [*provider.event, *provider.delivery_id]
    headers = {
        *provider.markers,
        provider.user_agent or "",
        *(place for place in places if not place.startswith(".")),
        *provider.signatures,
    }

    assert {header.lower() for header in headers} == headers


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_an_action_stands_in_the_payload(provider: Provider) -> None:
    assert provider.action is None or provider.action.startswith(".")


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_every_provider_says_where_it_is_documented(provider: Provider) -> None:
    assert provider.docs.startswith("https://")


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_every_provider_waits_for_an_answer_and_not_for_ever(provider: Provider) -> None:
    assert 0 < provider.deadline_s <= 120
