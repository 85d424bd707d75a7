"""What all signatures in headers share: their parts, their times, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hookcli.delivery import Delivery, Headers
from hookcli.signatures.clocks import Clock
from hookcli.signatures.hmacs import Hmac
from hookcli.signatures.request import Finding, Request

if TYPE_CHECKING:
    from hookcli.signatures.schemes import Signed

NOW = 1_790_000_000
KEY = "secret"
PLAIN = Hmac(header="X-Sig", prefix="sha256=")
LISTED = Hmac(header="X-Sig", prefix="v1=", separator=",")
STAMPED = Hmac(
    header="X-Sig",
    signed="{id}.{timestamp}.{body}",
    timestamp="X-Time",
    id="X-Id",
    clock=Clock(tolerance=300),
)
FIELD = Hmac(
    header="X-Sig",
    signed="{timestamp}.{body}",
    prefix="v1=",
    separator=",",
    timestamp="t=",
    clock=Clock(tolerance=300),
)
INSIDE = Hmac(header="X-Sig", timestamp=".sentAt", clock=Clock(unit="milliseconds", tolerance=60))
NUMBERED = Hmac(header="X-Sig-", numbered=True)
ALL: dict[str, Signed] = {
    "plain": PLAIN,
    "listed": LISTED,
    "stamped": STAMPED,
    "field": FIELD,
    "inside": INSIDE,
    "numbered": NUMBERED,
    "url": Hmac(header="X-Sig", signed="{method}{url}{body}"),
    "chosen": Hmac(header="X-Sig", when=("X-Version", "v2")),
}


def signed(scheme: Signed, *, at: float = NOW, body: bytes = b'{"a":1}') -> Request:
    """Return a request that a scheme has signed, as it is checked at `NOW`."""
    headers = Headers([("Content-Type", "application/json")])
    delivery = Delivery(method="POST", path="/", headers=headers, body=body)
    request = Request(delivery=delivery, url="https://x.test/", now=at)
    return replace(request, delivery=scheme.sign(request, KEY), now=NOW)


def without(request: Request, name: str) -> Request:
    pairs = [pair for pair in request.delivery.headers if pair[0] != name]
    return replace(request, delivery=replace(request.delivery, headers=Headers(pairs)))


@pytest.mark.parametrize("name", ALL)
def test_what_is_signed_is_valid_and_what_is_changed_is_not(name: str) -> None:
    scheme = ALL[name]
    request = signed(scheme)
    changed = request.with_body(request.delivery.body + b"\n")

    assert scheme.present(request)
    assert scheme.verify(request, KEY).code == "valid"
    assert scheme.verify(changed, KEY).code == "mismatch"
    assert scheme.verify(request, "other").code == "mismatch"


@pytest.mark.parametrize("name", ALL)
def test_without_its_header_it_is_missing(name: str) -> None:
    scheme = ALL[name]
    header = "X-Sig-1" if name == "numbered" else "X-Sig"
    bare = without(signed(scheme), header)

    assert not scheme.present(bare)
    assert scheme.verify(bare, KEY).code == "missing_signature"
    assert scheme.headers == (header.lower(),)


@pytest.mark.parametrize("name", ["stamped", "field"])
def test_its_time_is_looked_at_after_the_signature(name: str) -> None:
    """So that an old one is told from a wrong one."""
    scheme = ALL[name]
    old, early = signed(scheme, at=NOW - 412), signed(scheme, at=NOW + 412)

    assert scheme.verify(old, KEY).code == "expired_timestamp"
    assert scheme.verify(early, KEY).code == "future_timestamp"
    assert scheme.verify(old, "other").code == "mismatch"
    assert scheme.verify(old, KEY).detail.startswith("right secret, right body, signed 6 min 52 s")


def test_a_time_in_the_body_counts() -> None:
    assert INSIDE.verify(signed(INSIDE, at=NOW - 100), KEY).code == "expired_timestamp"
    assert INSIDE.verify(signed(PLAIN), KEY).detail == "there is no sentAt"


@pytest.mark.parametrize("header", ["X-Time", "X-Id"])
def test_without_what_is_signed_beside_the_body_it_is_missing(header: str) -> None:
    finding = STAMPED.verify(without(signed(STAMPED), header), KEY)

    assert (finding.code, finding.detail) == ("missing_signature", f"there is no {header}")


def test_the_id_that_there_is_stays() -> None:
    request = signed(STAMPED).with_header("X-Id", "mine")
    again = STAMPED.sign(request, KEY)

    assert again.headers.get("x-id") == "mine"


@pytest.mark.parametrize(
    ("scheme", "value", "said"),
    [
        (PLAIN, "", "X-Sig is malformed: it is empty"),
        (PLAIN, "sha1=00", "it starts with 'sha1=' instead of 'sha256='"),
        (PLAIN, "sha256=", "it is not 64 hex digits"),
        (PLAIN, "sha256=zz", "it is not 64 hex digits"),
        (FIELD, "v1=00", "it starts with 'v1=' instead of 't='"),
        (FIELD, f"t={NOW}", "it starts with 't=' instead of 'v1='"),
        (FIELD, f"t=now,v1={'0' * 64}", "the timestamp is not in seconds"),
    ],
)
def test_what_is_malformed_is_described(scheme: Signed, value: str, said: str) -> None:
    finding = scheme.verify(signed(scheme).with_header("X-Sig", value), KEY)

    assert finding.code == "malformed_signature"
    assert said in finding.detail


@pytest.mark.parametrize("order", ["{0},{1}", "{1},{0}", "v2=x,{1},{0}"])
def test_one_right_signature_among_several_is_enough(order: str) -> None:
    request = signed(LISTED)
    right = request.header("X-Sig") or ""
    several = request.with_header("X-Sig", order.format(f"v1={'0' * 64}", right))

    assert LISTED.verify(several, KEY).code == "valid"


def test_only_so_many_signatures_are_looked_at() -> None:
    request = signed(LISTED)
    flood = f"v1={'0' * 64}," * 1_000 + (request.header("X-Sig") or "")

    assert LISTED.verify(request.with_header("X-Sig", flood), KEY).code == "mismatch"


def test_any_of_numbered_headers_may_match() -> None:
    request = signed(NUMBERED)
    right = request.header("X-Sig-1") or ""
    several = request.with_header("X-Sig-1", "0" * 64).with_header("x-sig-2", right)
    other = without(several, "x-sig-2").with_header("X-Sig-Kind", right)

    assert NUMBERED.verify(several, KEY).code == "valid"
    assert NUMBERED.verify(other, KEY).code == "mismatch"


@pytest.mark.parametrize("value", ["", "sha256="])
def test_some_senders_without_a_secret_send_the_header_all_the_same(value: str) -> None:
    scheme = replace(PLAIN, empty_is_unsigned=True)
    request = signed(PLAIN).with_header("X-Sig", value)

    assert not scheme.present(request)
    assert scheme.verify(request, KEY).detail == "X-Sig is empty: the sender has no secret"


def test_says_what_was_compared() -> None:
    request = signed(PLAIN, body=b"x" * 7_104)

    assert PLAIN.verify(request, KEY) == Finding(
        "valid",
        "HMAC-SHA256 of the raw body matches",
        "X-Sig: HMAC-SHA256 of the 7,104 raw bytes",
    )
    assert STAMPED.verify(signed(STAMPED), KEY).checked == (
        "X-Sig: HMAC-SHA256 of the id, the time and the 7 raw bytes"
    )
    assert ALL["url"].verify(signed(ALL["url"]), KEY).checked == (
        "X-Sig: HMAC-SHA256 of the method, https://x.test/ and the 7 raw bytes"
    )


def test_a_value_beyond_latin_1_is_a_mismatch() -> None:
    """A program may make such headers; no sender can."""
    request = signed(STAMPED).with_header("X-Id", "→")

    assert STAMPED.verify(request, KEY).code == "mismatch"
