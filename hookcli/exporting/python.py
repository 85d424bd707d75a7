"""Deliveries as Python: a call of requests, and tests for pytest, as ruff formats them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hookcli.exporting.items import as_bytes, fields, normalized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hookcli.delivery import Delivery
    from hookcli.exporting.items import Item
    from hookcli.routes import Endpoint

_DOTS = re.compile(r"/\.{1,2}(/|$)")
_WIDTH = 88
"""Columns of a line, as ruff has them where nothing else is set."""
_PIECE = 60
"""Bytes of a literal that is one of several lines; none is written over more than that."""
_USUAL_APP = "http://127.0.0.1:3000"
_SVIX = "whsec_dGVzdC1zZWNyZXQ="
_SECRETS = {
    **dict.fromkeys(("clerk", "resend", "standard-webhooks", "svix"), _SVIX),
    **dict.fromkeys(("gitlab", "gitlab-signing"), _SVIX),
    "adyen": "746573742d736563726574",
    "discord": "00" * 32,
    "sendgrid": "",
    "sns": "",
}
"""What stands in for a secret in tests, where it has to have a form; private keys are for you."""

REQUESTS_HEAD = "import requests\nfrom urllib3.util import SKIP_HEADER\n\n"

_CALL = """\
# {title}
with requests.Session() as session:
    session.trust_env = False  # neither .netrc nor a proxy
    session.headers.clear()  # only those below
    response = session.request(
        {method},
        {url},
        headers={headers},
{data}        allow_redirects=False,
        timeout=30,
    )
    print(response.status_code, response.text)
"""

_TESTS_HEAD = '''\
"""Deliveries that hookcli kept, as tests. Run: HOOKCLI_APP=module:app pytest FILE."""

from __future__ import annotations

import os

import pytest

from hookcli import Delivery, Headers{sign}
from hookcli.testing import send

{app}
"""The app to be tested: a URL, or module:app, as "shop.web:app", of WSGI or ASGI."""
'''

_SECRETS_HEAD = '''
SECRETS = {{
{rows}
}}
"""What your app checks signatures with: of its environment, or set there for the tests."""
'''

_TEST = '''

@pytest.fixture
def delivery_{number}() -> Delivery:
    """Return what was received{how}."""
    {keep}Delivery(
        method={method},
        path={path},
        query={query},
        headers=Headers({headers}),
        body={body},
    )
{signed}

def test_{name}(delivery_{number}: Delivery) -> None:
    """The app accepts it."""
    status, answer = send(delivery_{number}, APP)

    assert 200 <= status < 300, f"{{status}} {{answer}}"
'''


def literal(value: str | bytes) -> str:
    """Return a literal in ASCII, in the quotes that ruff would choose."""
    data = value if isinstance(value, bytes) else None
    written = repr(value) if data is not None else ascii(value)
    prefix, inner = ("b", written[2:-1]) if data is not None else ("", written[1:-1])
    if written.endswith("'"):  # else none is escaped, and a backslash stands for itself
        inner = inner.replace("\\'", "'")
    doubled = '"' if inner.count('"') <= inner.count("'") else "'"
    return f"{prefix}{doubled}{inner.replace(doubled, chr(92) + doubled)}{doubled}"


def requests(item: Item) -> str:
    """Return Python that sends the request with requests."""
    delivery = item.delivery
    given = {name.lower(): (name, value) for name, value in _single(delivery)}
    # In a text requests takes some characters, which are a byte here, for a space.
    rows = [
        f"{literal(name)}: {literal(value if value.isascii() else as_bytes(value))}"
        for name, value in given.values()
    ]
    unwanted = [name for name in ("User-Agent", "Accept-Encoding") if name.lower() not in given]
    rows += [f'"{name}": SKIP_HEADER' for name in unwanted]
    body = _bytes(delivery.body, 8)
    return _CALL.format(
        title=item.title,
        method=literal(delivery.method),
        url=literal(item.url),
        headers="".join(["{\n", *(f"            {row},\n" for row in rows), "        }"]),
        data=f"        data={body},\n" if delivery.body else "",
    )


def requests_misses(delivery: Delivery) -> str | None:
    """Return what requests cannot send as it came, or None."""
    names: set[str] = set()
    for name, _ in fields(delivery):
        if name.lower() == "transfer-encoding":
            return "the body in chunks"
        if name.lower() in names:
            return f"the header {name} more than once: its values are joined"
        names.add(name.lower())
    if _DOTS.search(delivery.path):
        return "the path: it resolves the dots in it"
    return normalized(delivery)


def head_of_tests(providers: Iterable[str], to: Endpoint | None = None) -> str:
    """Return how a file of tests begins, where `providers` sign, of an app that is at `to`."""
    rows = [_secret(name) for name in sorted(set(providers))]
    named, url = 'os.environ.get("HOOKCLI_APP")', literal(to.url if to else _USUAL_APP)
    app = f"APP = {named} or {url}"
    if len(app) > _WIDTH:
        app = f"APP = (\n    {named}\n    or {url}\n)"
    head = _TESTS_HEAD.format(sign=", sign" if rows else "", app=app)
    return head + (_SECRETS_HEAD.format(rows="\n".join(rows)) if rows else "")


def as_test(item: Item) -> str:
    """Return a fixture with a delivery, signed anew where it was signed, and a test of it."""
    delivery = item.delivery
    provider = signer(delivery)
    signed = (
        f"    return sign(delivery, SECRETS[{literal(provider)}], provider={literal(provider)})\n"
        if provider
        else ""
    )
    rows = "".join(_pair(name, _sent(value)) for name, value in delivery.headers)
    return _TEST.format(
        number=delivery.id,
        how=", signed anew" if provider else "",
        keep="delivery = " if provider else "return ",
        method=literal(delivery.method),
        path=literal(delivery.path),
        query=literal(delivery.query),
        headers=f"\n            [\n{rows}            ]\n        " if rows else "[]",
        body=_bytes(delivery.body, 8),
        signed=signed,
        name=_name(delivery),
    )


def signer(delivery: Delivery) -> str | None:
    """Return the provider that signed a delivery, or None."""
    return delivery.provider if delivery.signature.code != "unsigned" else None


def _secret(provider: str) -> str:
    variable = f"{re.sub(r'[^A-Za-z0-9]', '_', provider).upper()}_WEBHOOK_SECRET"
    values = [literal(variable), literal(_SECRETS.get(provider, "test-secret"))]
    row = f"    {literal(provider)}: os.environ.setdefault("
    flat = ", ".join(values)
    if len(f"{row}{flat}),") <= _WIDTH:
        return f"{row}{flat}),"
    rows = [flat] if len(flat) + 8 <= _WIDTH else [f"{value}," for value in values]
    return "\n".join([row, *(f"        {each}" for each in rows), "    ),"])


def _single(delivery: Delivery) -> Iterator[tuple[str, str]]:
    """Yield the headers with the values of repeated ones joined, as RFC 9110 lets them be."""
    joined: dict[str, tuple[str, str]] = {}
    for name, value in fields(delivery):
        if name.lower() != "transfer-encoding":
            first, so_far = joined.get(name.lower(), (name, ""))
            kept = value.strip(" \t")  # around it no wire brings any, and requests refuses them
            joined[name.lower()] = (first, f"{so_far}, {kept}" if so_far else kept)
    yield from joined.values()


def _sent(value: str) -> str:
    return as_bytes(value).decode("latin-1")


def _pair(name: str, value: str) -> str:
    flat = f"                ({literal(name)}, {literal(value)}),\n"
    if len(flat) <= _WIDTH + 1:
        return flat
    margin = " " * 20
    rows = f"{margin}{literal(name)},\n{margin}{literal(value)},\n"
    return f"{' ' * 16}(\n{rows}{' ' * 16}),\n"


def _bytes(data: bytes, margin: int) -> str:
    """Return a literal of many lines where one would be longer than three."""
    if len(literal(data)) <= 3 * _WIDTH:
        return literal(data)
    pieces = [data[at : at + _PIECE] for at in range(0, len(data), _PIECE)]
    inner = "".join(f"{' ' * (margin + 4)}{literal(piece)}\n" for piece in pieces)
    return f"(\n{inner}{' ' * margin})"


def _name(delivery: Delivery) -> str:
    words = filter(None, (delivery.provider, delivery.event, delivery.action))
    name = re.sub(r"[^a-z0-9]+", "_", " ".join(words).lower())[:40].strip("_")
    return f"{name or 'delivery'}_{delivery.id}"
