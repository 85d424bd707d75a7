"""Secrets and signatures as text: hex, base64, and what a wrong one looks like."""

from __future__ import annotations

import binascii
import re
from hmac import compare_digest
from typing import Literal

Encoding = Literal["hex", "base64"]
KeyForm = Literal["text", "hex", "base64", "whsec"]
"""How a secret becomes a key; `whsec` is base64, after that prefix if it has it."""

_HEX = re.compile(r"[0-9A-Fa-f]*")
_LABEL = re.compile(r"(?:sha\d{1,3}|v\d{1,2}a?|t|ts|h\d)[=,]", re.ASCII)
_DIGESTS = {20: "SHA-1", 32: "SHA-256"}


def octets(text: str) -> bytes:
    """Return the bytes of any text: UTF-8, and what the system could not decode as it came."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def same(first: str, second: str) -> bool:
    """Compare without telling by the time it takes where they differ."""
    return compare_digest(octets(first), octets(second))


def decode(text: str, encoding: Encoding) -> bytes | None:
    """Return what hex digits or strict base64 stand for, or None where it is neither."""
    try:
        if encoding == "base64":
            return binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
        return binascii.unhexlify(text)
    except ValueError:
        return None


def encode(data: bytes, encoding: Encoding) -> str:
    """Return data as lower-case hex digits or as base64."""
    if encoding == "base64":
        return binascii.b2a_base64(data, newline=False).decode()
    return data.hex()


def key_bytes(key: str, form: KeyForm) -> bytes | None:
    """Return the key that a secret stands for, or None where it is not of that form."""
    if form == "text":
        return octets(key)
    if form == "whsec":
        return decode(key.removeprefix("whsec_"), "base64")
    return decode(key, form)


def misfit(key: str, form: KeyForm) -> str | None:
    """Return why a secret cannot be of a form, or None."""
    if not key:
        return "the secret is empty"
    if key_bytes(key, form):
        return None
    return {
        "text": "the secret is empty",
        "hex": "the secret is not made of pairs of hex digits",
        "base64": "the secret is not base64",
        "whsec": "the secret is not base64, with or without whsec_ in front",
    }[form]


def described(value: str, prefix: str, encoding: Encoding, length: int) -> str:
    """Say what is wrong with the form of a signature. Quotes nothing but a known kind of label."""
    if not value:
        return "it is empty"
    label = _LABEL.match(value)
    start = f"it starts with {label[0]!r}" if label else ""
    if prefix and prefix not in value:
        return f"{start} instead of {prefix!r}" if start else f"it has no {prefix!r} in front"
    if label and not prefix:
        return f"{start} instead of {_due(encoding, length)}"
    return _shape(value.rpartition(prefix)[2] if prefix else value, _due(encoding, length))


def _due(encoding: Encoding, length: int) -> str:
    if not length:
        return f"a signature in DER, as {encoding}"
    return f"{2 * length} hex digits" if encoding == "hex" else f"base64 of {length} bytes"


def _shape(value: str, due: str) -> str:
    is_hex = value and _HEX.fullmatch(value)
    data = decode(value, "hex" if is_hex else "base64")
    if data and not any(data):
        return "it is nothing but zeros"
    if is_hex:
        return f"it is {len(value)} hex digits{_kind(len(value) // 2)} instead of {due}"
    if not data:
        return f"it is not {due}"
    return f"it is base64 of {len(data)} bytes{_kind(len(data))} instead of {due}"


def _kind(size: int) -> str:
    return f" (as of {_DIGESTS[size]})" if size in _DIGESTS else ""
