"""What hookcli signs, vendors' own libraries accept; what those sign, hookcli finds valid."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

import hookcli
from hookcli.signatures.request import Request
from tests.acceptance.cases import CHECKED, SIGNED, Case

if TYPE_CHECKING:
    from hookcli import Delivery
    from tests.acceptance.library import Library

pytestmark = pytest.mark.acceptance


def as_sent(delivery: Delivery) -> Request:
    """Return a delivery as it arrives, now."""
    return Request(delivery=delivery, url=f"https://hooks.test{delivery.target}", now=time.time())


def accepts(library: Library, request: Request, key: str) -> bool:
    """Return what a library says of a request."""
    try:
        return bool(library.accepts(request, key))
    except library.refusal:
        return False


@pytest.mark.parametrize("case", [*CHECKED, *SIGNED], ids=str)
def test_a_vendor_accepts_what_hookcli_signs(case: Case) -> None:
    """And nothing that was signed with another secret."""
    library = case.library()
    unsigned = as_sent(case.unsigned(*case.like))

    sign = partial(hookcli.sign, provider=case.provider, url=unsigned.url, now=unsigned.now)
    signed = as_sent(sign(unsigned.delivery, case.keys.signs))

    assert accepts(library, signed, case.keys.checks)
    assert not accepts(library, signed, case.keys.other)


@pytest.mark.parametrize("case", SIGNED, ids=str)
def test_hookcli_finds_valid_what_a_vendor_signs(case: Case) -> None:
    """It knows the vendor by the request alone."""
    sign = case.library().sign
    assert sign

    signed = as_sent(sign(as_sent(case.unsigned()), case.keys.signs))
    verify = partial(hookcli.verify, signed.delivery, url=signed.url, now=signed.now)

    assert verify(case.keys.checks).code == "valid"
    assert verify(case.keys.other).failed
    assert hookcli.detect(signed.delivery) == case.provider
