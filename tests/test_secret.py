"""A secret is for one provider or for any, is read where it says, and is never seen."""

from __future__ import annotations

import traceback
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.errors import UsageError
from hookcli.secret import NAMES, Read, Secret, fitting, is_elsewhere, parse, split

VALUE = "It's a Secret"


def read(reference: str) -> Read:
    """Look up what every reference here stands for."""
    if reference.startswith("env:"):
        return Read("from env", f"env {reference[4:]}")
    return Read("from file" if reference != "@empty" else "", f"file {reference[1:]}")


def refused(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parse(text, read)
    return caught.value


@pytest.mark.parametrize(
    ("text", "provider", "value", "source"),
    [
        (VALUE, None, VALUE, ""),
        (f"github={VALUE}", "github", VALUE, ""),
        ("github=a=b==", "github", "a=b==", ""),
        ("github= spaces stay ", "github", " spaces stay ", ""),
        ("ZmFrZS1ub3QtZGVjb2RlZA==", None, "ZmFrZS1ub3QtZGVjb2RlZA==", ""),
        ("unknown-provider=x", None, "unknown-provider=x", ""),
        ("env:NAME", None, "from env", "env NAME"),
        ("@path/to", None, "from file", "file path/to"),
        ("github=env:NAME", "github", "from env", "env NAME"),
        ("github=@path/to", "github", "from file", "file path/to"),
        ("any=github", None, "github", ""),
        ("any=github=x", None, "github=x", ""),
        ("any=env:NAME", None, "env:NAME", ""),
        ("any=@path", None, "@path", ""),
        ("any=any=", None, "any=", ""),
    ],
)
def test_what_stands_before_the_first_equals_is_a_provider_only_if_it_names_one(
    text: str, provider: str | None, value: str, source: str
) -> None:
    """Otherwise it belongs to the secret, as does every later one; `any=` makes all literal."""
    secret = parse(text, read)

    assert (secret.provider, secret.value, secret.source) == (provider, value, source)
    assert secret.second is None


def test_a_provider_s_second_secret_has_its_own_name() -> None:
    secret = parse("meta.verify-token=env:TOKEN", read)

    assert (secret.provider, secret.second, secret.value) == ("meta", "verify-token", "from env")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("githb=x", "github"),
        ("gihtub=x", "github"),
        ("GitHub=x", "github"),
        ("git-hub=@file", "github"),
        ("meta.verify_token=x", "meta.verify-token"),
        ("meta.verifytoken=", "meta.verify-token"),
    ],
)
def test_a_name_that_is_nearly_right_is_a_mistake(text: str, meant: str) -> None:
    """Up to two edits; the right one is suggested, and how to have it literal all the same."""
    error = refused(text)

    assert error.hint.startswith(f"Did you mean {meant}=…? With any= in front")


@pytest.mark.parametrize("text", ["githubcom=x", "github-app=x", "gxxxub=x"])
def test_three_edits_are_another_word(text: str) -> None:
    assert parse(text, read).value == text


@pytest.mark.parametrize("name", ["github", "GITHUB", "meta.verify-token"])
def test_a_name_alone_is_a_mistake(name: str) -> None:
    """It is taken for the secret of that provider by nobody but `any=`."""
    error = refused(name)

    assert error.message == f"{name.lower()} is a provider without its secret"
    assert f"{name.lower()}=env:NAME" in error.hint
    assert parse(f"any={name}", read).value == name


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_its_own_and_may_be_followed_by_a_secret(name: str) -> None:
    """Also where it is two edits away from another one."""
    secret = parse(f"{name}=x", read)

    assert (secret.name, secret.value) == (name, "x")


def test_a_second_secret_that_a_provider_has_not_is_a_mistake() -> None:
    error = refused("github.token=x")

    assert error.message == "github has no second secret of that name"
    assert error.hint.startswith("Did you mean github=…?")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is nothing to check with"),
        ("github=", "there is nothing to check with"),
        ("any=", "there is nothing to check with"),
        ("github=@empty", "file empty is empty"),
        ("@empty", "file empty is empty"),
    ],
)
def test_an_empty_secret_is_a_mistake(text: str, said: str) -> None:
    """It would check nothing, as everybody knows it."""
    assert refused(text).message == said


def test_a_secret_is_called_by_its_name_and_where_it_was_read() -> None:
    """For a sentence, and for a list."""
    texts = ("github=env:X", "github=@.secrets/github", "github=x", "x", "meta.verify-token=x")
    secrets = [parse(text, read) for text in texts]

    assert [(secret.label, secret.short_label) for secret in secrets] == [
        ("github, from env X", "github (env X)"),
        ("github, from file .secrets/github", "github (file .secrets/github)"),
        ("github", "github"),
        ("any", "any"),
        ("meta.verify-token", "meta.verify-token"),
    ]


@pytest.mark.parametrize("text", [VALUE, f"github={VALUE}", f"any={VALUE}"])
def test_no_text_of_a_secret_shows_its_value(text: str) -> None:
    """Neither what Python makes of it, nor what names it."""
    secret = parse(text, read)

    shown = f"{secret} {secret!r} {[secret]} {secret.label} {secret.short_label}"
    assert VALUE not in shown


@pytest.mark.parametrize("text", ["githb=hunter2", "github.hunter2=x", "meta.hunter2=x"])
def test_no_error_repeats_what_may_be_the_secret(text: str) -> None:
    """What stands before the equals sign may be the beginning of it as well."""
    error = refused(text)

    told = f"{error.message} {error.hint} {''.join(traceback.format_exception(error))}"
    assert "hunter2" not in told


def test_those_of_the_provider_are_tried_before_those_for_any() -> None:
    """Neither those of others, nor second ones, which sign nothing."""
    anyone = Secret(value="1")
    other = Secret(value="2", provider="stripe")
    own = Secret(value="3", provider="meta")
    second = Secret(value="4", provider="meta", second="verify-token")

    assert fitting([anyone, other, own, second], "meta") == (own, anyone)
    assert fitting([other, second], "meta") == ()


def test_secrets_of_a_providers_kin_fit_after_its_own() -> None:
    """GitLab has two ways to sign under two names, and one word for both."""
    anyone = Secret(value="x")
    gitlab = Secret(value="y", provider="gitlab")
    own = Secret(value="z", provider="gitlab-signing")

    assert fitting([anyone, gitlab, own], "gitlab-signing") == (own, gitlab, anyone)
    assert fitting([own], "gitlab") == ()


def test_a_reference_says_that_the_secret_is_elsewhere() -> None:
    assert is_elsewhere("env:NAME")
    assert is_elsewhere("@FILE")
    assert not is_elsewhere("Env:NAME")


@given(st.text() | st.sampled_from(NAMES).flatmap(lambda name: st.just(f"{name}=")) | st.binary())
def test_any_text_is_a_secret_or_a_usage_error(text: str | bytes) -> None:
    """And `any=` takes all but the empty one."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")

    with suppress(UsageError):
        name, rest = split(text)
        assert text in {rest, f"{name}={rest}"}

    assert not text or parse(f"any={text}", read).value == text


def test_a_secret_of_the_family_fits() -> None:
    """Svix sends for Clerk and Resend, and does not always say for whom."""
    svix, clerk, gitlab = (Secret(value="x", provider=name) for name in ("svix", "clerk", "gitlab"))

    assert fitting([svix, clerk, gitlab], "clerk") == (clerk, svix)
    assert fitting([clerk, gitlab], "svix") == (clerk,)
    assert fitting([svix, gitlab], "stripe") == ()
