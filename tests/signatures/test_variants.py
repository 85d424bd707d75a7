"""What a secret, a URL or a header may have been before somebody changed it."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.delivery import Delivery, Headers
from hookcli.signatures.request import Request
from hookcli.signatures.variants import secrets, texts, times, urls

HEX = "0123456789abcdef" * 4
BASE64 = base64.b64encode(bytes.fromhex(HEX)).decode()


def guesses(url: str | None, target: str = "/in", **headers: str) -> list[str]:
    """Return the URLs tried for a request to `target`, whose sender is said to have used `url`."""
    path, _, query = target.partition("?")
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    delivery = Delivery(method="POST", path=path, query=query, headers=Headers(pairs))
    return list(urls(Request(delivery=delivery, url=url, now=0)))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("s3cret\n", "s3cret"),
        (" s3cret", "s3cret"),
        ("\u200bs3cret\ufeff", "s3cret"),
        ('"s3cret"\n', "s3cret"),
        ("'s3cret'", "s3cret"),
        ("`s3cret`", "s3cret"),
        ("SECRET=s3cret", "s3cret"),
        ("export SECRET='s3cret'", "s3cret"),
        ("\u2060SECRET=s3cret", "s3cret"),
        ("s3cret\\n", "s3cret"),
        ("s3c\n  ret", "s3cret"),
        ("whsec_abc", "abc"),
        ("abc", "whsec_abc"),
        ("s3%2Bret", "s3+ret"),
        ("S3CRET", "s3cret"),
        ("s3cret", "S3CRET"),
        ("s3cret", "s3cret\n"),
    ],
)
def test_secrets_are_copied_with_too_much_or_too_little(given: str, meant: str) -> None:
    assert meant in dict(secrets(given))


def test_a_name_is_looked_for_in_front_of_a_secret_only() -> None:
    """To look for one all over takes minutes where the secret is as long as a file may be."""
    assert "two three" not in dict(secrets("two words=three"))
    assert len(dict(secrets("a" * 200_000))) < 20


@pytest.mark.parametrize(
    ("used", "seen"),
    [
        ("https://x.test/in", "http://x.test/in"),
        ("https://x.test/in", "https://x.test/in/"),
        ("https://x.test/in/", "https://x.test/in"),
        ("https://x.test/in", "https://x.test:443/in"),
        ("https://x.test:443/in", "https://x.test/in"),
        ("https://x.test/in?a=1&b=2", "https://x.test/in?b=2&a=1"),
        ("https://x.test/in?b=2&c=3&d=4&a=1", "https://x.test/in?a=1&b=2&c=3&d=4"),
        ("https://x.test/in", "https://x.test/in?a=1"),
        ("https://x.test/in?a=b c", "https://x.test/in?a=b%20c"),
        ("https://x.test/in?a=1&b=2", "http://x.test:8080/in?b=2&a=1"),
        ("https://x.test/in?a=b+c", "https://x.test/in?a=b%20c"),
        ("https://x.test/in?a=b%20c", "https://x.test/in?a=b+c"),
        ("https://x.test", "https://x.test/"),
    ],
)
def test_urls_differ_by_what_proxies_and_people_change(used: str, seen: str) -> None:
    assert used in guesses(seen)


@pytest.mark.parametrize("name", ["Host", "X-Forwarded-Host", "X-Original-Host"])
def test_the_host_that_the_sender_used_stands_in_headers(name: str) -> None:
    """Behind a tunnel the request may have been made to another one than is listened on."""
    found = guesses("http://localhost:3000/in", **{name.replace("-", "_"): "brave-otter.test"})

    assert "https://brave-otter.test/in" in found


def test_a_url_that_is_not_known_is_made_of_the_request() -> None:
    found = guesses(None, "/in?a=1", Host="x.test")

    assert found[0] == "https://x.test/in?a=1"


def test_a_query_that_is_not_in_the_url_is_taken_from_the_request() -> None:
    assert "https://x.test/in?a=1" in guesses("https://x.test/in", "/in?a=1")


def test_few_urls_are_tried() -> None:
    fields = "&".join(f"f{number}=1" for number in range(1_000))

    assert (
        len(guesses(f"https://x.test/in?{fields}", Host="y.test", X_Original_Host="z.test")) < 200
    )
    assert guesses(None) == []


@pytest.mark.parametrize(
    ("value", "meant", "how"),
    [
        ("a b", "a+b", "its + became a space on the way"),
        ("a%2Bb", "a+b", "it is written with %XX, as in a URL"),
        (f'"{HEX}"', HEX, "it stands in quotes"),
        (HEX.upper(), HEX, "its hex digits are capitals"),
        (f"v1,{HEX}", f"v1,{BASE64}", "it is hex, where base64 belongs"),
        (f"t=1,v1={BASE64}", f"t=1,v1={HEX}", "it is base64, where hex belongs"),
        (BASE64.rstrip("=").replace("+", "-"), BASE64, "it is base64 as for URLs, without + and /"),
        (f"sha256={HEX}", HEX, "sha256= in front of it is too much"),
        (HEX, f"sha256={HEX}", "sha256= in front of it is missing"),
        (f"sha256={HEX}", f"v1={HEX}", "v1= in front of it is missing"),
    ],
)
def test_signatures_are_written_as_other_senders_do(value: str, meant: str, how: str) -> None:
    assert dict(texts(value))[meant] == how


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("1790000000", "1790000000000"),
        ("1790000000123", "1790000000"),
        ("t=1790000000123,v1=1790", "t=1790000000,v1=1790"),
    ],
)
def test_times_are_in_another_unit(value: str, meant: str) -> None:
    assert meant in dict(times(value))


@given(st.text())
def test_any_text_will_do(text: str) -> None:
    """Nothing is empty, as given, or there twice."""
    for variants in (secrets, texts, times):
        made = [each for each, _ in variants(text)]

        assert len(made) == len({*made})
        assert not {"", text} & {*made}


@given(st.text(), st.text(), st.text())
def test_any_url_will_do(url: str, target: str, host: str) -> None:
    guesses(url, target, Host=host)
