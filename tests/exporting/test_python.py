"""What is exported as Python runs, says the same as what came, and looks as ruff has it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hookcli.delivery import Delivery, Headers, Verdict
from hookcli.exporters import EXPORTERS
from hookcli.exporting.items import Item
from hookcli.exporting.python import literal, requests_misses, signer
from hookcli.reading_back import raw_request
from hookcli.redaction import Redactor
from hookcli.routes import endpoint
from hookcli.signatures.providers import PROVIDERS, Provider
from hookcli.signatures.verifying import verify
from hookcli.testing import send
from hookcli.text import escape
from tests.exporting.test_shell import deliveries
from tests.exporting.test_shell import make_delivery as whole
from tests.receivers import receiver
from tests.test_replaying_providers import PAIRS, came

if TYPE_CHECKING:
    from collections.abc import Sequence

RUFF = Path(sys.executable).with_name("ruff")
SIGNED = Verdict("unchecked", "Signed")


def make_delivery(**fields: Any) -> Delivery:
    usual: dict[str, Any] = {"method": "POST", "path": "/github", "id": 1, "body": b"{}"}
    return Delivery(**{**usual, **fields})


def written(form: str, deliveries: Sequence[Delivery]) -> str:
    """Return a whole file of them."""
    exporter = EXPORTERS[form]
    names = [name for name in map(signer, deliveries) if name]
    pieces = [exporter.write(Item(delivery)) for delivery in deliveries]
    return exporter.head(names, None) + exporter.between.join(pieces) + exporter.tail


def is_formatted(text: str) -> bool:
    command = [str(RUFF), "format", "--isolated", "--check", "-"]
    return subprocess.run(command, input=text.encode(), check=False).returncode == 0


@given(st.text() | st.binary() | st.text("\\'\"") | st.text("\\'").map(str.encode))
def test_a_literal_is_its_value(value: str | bytes) -> None:
    """In ASCII, so no value can do anything to a terminal."""
    text = literal(value)

    assert eval(text) == value
    assert escape(text) == text


def test_literals_have_the_quotes_that_need_fewer_escapes() -> None:
    assert literal("a") == '"a"'
    assert literal(b'{"a": 1}') == """b'{"a": 1}'"""
    assert literal("it's") == '"it\'s"'
    assert literal("""'"'""") == '''"'\\"'"'''


@pytest.mark.parametrize("form", ["python", "pytest"])
def test_it_is_formatted(form: str) -> None:
    """With long values, with none, with all providers that sign."""
    pairs = [("X-Long", "x" * 90), ("A" * 60, "b" * 40), ("Q", 'it\'s "q"'), ("E", "")]
    deliveries = [
        make_delivery(headers=Headers(pairs), body=b'{"a": "it\'s"}' * 40, query="a=" + "b" * 99),
        make_delivery(id=2, body=b"", path="/" + "x" * 99, event="a" * 99, provider="github"),
        make_delivery(id=3, body=b"\0\xff'\"" * 99),
        make_delivery(id=4, body=b"x" * 250),
        make_delivery(id=5, body=b"x" * 251),
        *(
            make_delivery(id=number, provider=provider.name, signature=SIGNED, event="a.b c")
            for number, provider in enumerate(PROVIDERS, 10)
        ),
    ]

    assert is_formatted(written(form, deliveries))


@pytest.mark.parametrize("length", [1, 40, 50, 60, 70, 200])
def test_the_app_is_where_it_is_to_be_sent(length: int) -> None:
    url = "https://x.test/" + "x" * length

    text = EXPORTERS["pytest"].head([], endpoint(url))

    assert f'"{url}"' in text
    assert is_formatted(text)


def test_unsigned_ones_need_no_secret() -> None:
    text = written("pytest", [make_delivery(provider="github", event="push")])

    assert "SECRETS" not in text
    assert "def test_github_push_1(delivery_1: Delivery) -> None:" in text
    assert is_formatted(text)


@pytest.mark.parametrize(
    "fields",
    [
        {"headers": Headers([("A", "caf\xe9 'x'"), ("User-Agent", "x"), ("E", ""), ("a-B", "1")])},
        {"body": b"\0\xff" * 200, "query": "a=%20b", "headers": Headers([("Accept", "*/*")])},
        {"body": b"", "method": "GET"},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_requests_sends_it_again(fields: dict[str, Any]) -> None:
    """Every header in its place, and no other one."""
    pytest.importorskip("requests")
    with receiver() as there:
        delivery = make_delivery(**fields)
        framing = [("Content-Length", str(delivery.size))] if delivery.size else []
        pairs = [("Host", there.host), *delivery.headers, *framing]
        sent = make_delivery(**fields | {"headers": Headers(pairs)})

        program = [sys.executable, "-c", written("python", [sent])]
        subprocess.run(program, check=True, stdout=subprocess.DEVNULL)

        came = raw_request(there.received())
    assert (came.method, came.target, came.body) == (sent.method, sent.target, sent.body)
    assert came.headers == sent.headers


@settings(max_examples=200, deadline=None)
@given(deliveries(), st.from_regex(r"[a-c%25é.?/ä]{0,9}", fullmatch=True))
def test_what_it_sends_otherwise_is_told(fields: dict[str, Any], query: str) -> None:
    """So that all else is the same, byte for byte."""
    pytest.importorskip("requests")
    with receiver() as there:
        sent = whole(there.host, **fields | {"path": "/a", "query": query})

        exec(written("python", [sent]), {})

        came = raw_request(there.received())
    same = (came.method, came.target, came.body, came.headers) == (
        sent.method,
        sent.target,
        sent.body,
        sent.headers,
    )
    assert same or requests_misses(sent)


@settings(max_examples=200, deadline=None)
@given(deliveries())
def test_a_test_sends_whatever_came(fields: dict[str, Any]) -> None:
    with receiver() as there:
        sent = whole(there.host, **fields)
        names: dict[str, Any] = {}
        exec(written("pytest", [sent]).replace("@pytest.fixture\n", ""), names)

        send(names["delivery_1"](), there.host)

        came = raw_request(there.received())
    assert (came.method, came.target, came.body) == (sent.method, sent.target, sent.body)
    assert came.headers == sent.headers


@pytest.mark.parametrize(
    "provider", [each for each in PROVIDERS if each.name not in PAIRS], ids=lambda each: each.name
)
def test_a_test_signs_anew_as_its_provider_does(provider: Provider) -> None:
    """With a secret of its own, though all that is secret is masked."""
    masked = Redactor().delivery(replace(came(provider)[0], id=1, signature=SIGNED))
    names: dict[str, Any] = {}
    exec(written("pytest", [masked]).replace("@pytest.fixture\n", ""), names)

    signed = names["delivery_1"]()

    secret = names["SECRETS"][provider.name]
    assert verify(signed, secret, provider=provider.name).code == "valid"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"headers": Headers([("A", "1"), ("a", "2")])}, "the header a more than once"),
        ({"headers": Headers([("Transfer-Encoding", "chunked")])}, "the body in chunks"),
        ({"query": "a[]=1"}, "the path or query"),
        ({"query": "a=%c3%a9"}, "the path or query"),
        ({"path": "/a/../b"}, "the path: it resolves the dots"),
        ({"method": "post"}, "the method"),
        ({"http_version": "1.0"}, "its version, HTTP/1.0"),
        ({"body": b""}, "that it has no Content-Length"),
        ({"headers": Headers([("A", "1"), ("B", "1")]), "query": "a=%C3%A9?/"}, None),
    ],
)
def test_it_is_told_what_requests_cannot_send(fields: dict[str, Any], said: str | None) -> None:
    assert (requests_misses(make_delivery(**fields)) or "None").startswith(str(said))
