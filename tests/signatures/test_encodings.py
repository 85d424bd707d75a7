"""Secrets and signatures as text, right ones and wrong ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookcli.signatures.encodings import (
    Encoding,
    KeyForm,
    decode,
    described,
    encode,
    key_bytes,
    misfit,
    octets,
    same,
)

ENCODINGS: tuple[Encoding, ...] = ("hex", "base64")


@given(st.binary(), st.sampled_from(ENCODINGS))
def test_what_is_encoded_can_be_decoded(data: bytes, encoding: Encoding) -> None:
    assert decode(encode(data, encoding), encoding) == data


@given(st.text(), st.sampled_from(ENCODINGS))
def test_any_text_is_decoded_or_is_none(text: str, encoding: Encoding) -> None:
    assert isinstance(decode(text, encoding), (bytes, type(None)))


@pytest.mark.parametrize("text", ["YQ", "YQ==\n", " YQ==", "Y-Q=", "é"])
def test_base64_is_strict(text: str) -> None:
    assert decode(text, "base64") is None


@pytest.mark.parametrize(
    ("text", "data"), [("ä", b"\xc3\xa4"), ("\udcff", b"\xff"), ("\ud800", b"\xed\xa0\x80")]
)
def test_any_text_has_bytes(text: str, data: bytes) -> None:
    """What the system could not decode is what it was."""
    assert octets(text) == data


def test_texts_beyond_ascii_are_compared_too() -> None:
    assert same("ä", "ä")
    assert not same("ä", "a")


@pytest.mark.parametrize(
    ("key", "form", "expected"),
    [
        ("whsec_YQ==", "text", b"whsec_YQ=="),
        ("whsec_YQ==", "whsec", b"a"),
        ("YQ==", "whsec", b"a"),
        ("YQ==", "base64", b"a"),
        ("0aFF", "hex", b"\x0a\xff"),
    ],
)
def test_a_secret_becomes_a_key(key: str, form: KeyForm, expected: bytes) -> None:
    assert key_bytes(key, form) == expected
    assert misfit(key, form) is None


@pytest.mark.parametrize(
    ("key", "form", "said"),
    [
        ("", "text", "empty"),
        ("", "hex", "empty"),
        ("abc", "hex", "hex digits"),
        ("!", "base64", "not base64"),
        ("whsec_!", "whsec", "whsec_"),
        ("whsec_", "whsec", "not base64"),
    ],
)
def test_a_secret_that_does_not_fit_is_told_why(key: str, form: KeyForm, said: str) -> None:
    assert said in (misfit(key, form) or "")


@pytest.mark.parametrize(
    ("value", "prefix", "encoding", "said"),
    [
        ("", "sha256=", "hex", "it is empty"),
        ("sha1=00", "sha256=", "hex", "it starts with 'sha1=' instead of 'sha256='"),
        ("ab" * 32, "sha256=", "hex", "it has no 'sha256=' in front"),
        (f"sha256={'ab' * 32}", "", "hex", "it starts with 'sha256=' instead of 64 hex digits"),
        ("ab" * 20, "", "hex", "it is 40 hex digits (as of SHA-1) instead of 64 hex digits"),
        ("B" * 43 + "=", "", "hex", "it is base64 of 32 bytes (as of SHA-256) instead of 64 hex"),
        (
            "ab" * 32,
            "",
            "base64",
            "it is 64 hex digits (as of SHA-256) instead of base64 of 32 bytes",
        ),
        ("0" * 63, "", "hex", "it is 63 hex digits instead of 64 hex digits"),
        ("0" * 64, "", "hex", "it is nothing but zeros"),
        ("v1=<b>", "v1=", "hex", "it is not 64 hex digits"),
    ],
)
def test_a_malformed_signature_is_described(
    value: str, prefix: str, encoding: Encoding, said: str
) -> None:
    assert said in described(value, prefix, encoding, 32)


def test_a_length_that_differs_is_that_of_der() -> None:
    assert described("!", "", "base64", 0) == "it is not a signature in DER, as base64"


@given(st.text(), st.sampled_from(ENCODINGS))
def test_nothing_received_is_quoted_but_a_known_label(value: str, encoding: Encoding) -> None:
    said = described(f"<<{value}", "sha256=", encoding, 32)

    assert "<<" not in said
