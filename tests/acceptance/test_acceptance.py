"""What hookcli signs, vendors' own libraries accept; what those sign, hookcli finds valid."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

import hookcli
from hookcli.reading_back import raw_request
from hookcli.signatures.request import Request
from tests.acceptance.cases import CHECKED, SIGNED, Case
from tests.apps import OK, answering, running
from tests.replays import Sends
from tests.signatures.cases import as_secret

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


@pytest.mark.parametrize("case", [*CHECKED, *SIGNED], ids=str)
async def test_a_vendor_accepts_what_is_sent_again_with_sign(case: Case) -> None:
    """A day after it came: the app, which has the vendor's library, gets a right signature."""
    library = case.library()
    day_ago = time.time() - 86_400
    before = as_sent(case.unsigned(*case.like))
    sign = partial(hookcli.sign, provider=case.provider, url=before.url, now=day_ago)
    at = datetime.fromtimestamp(day_ago, UTC)
    came = replace(sign(before.delivery, case.keys.signs), provider=case.provider, received_at=at)
    sends, secret = Sends(), as_secret(case.provider, case.keys.signs)

    async with running(answering(OK)) as app:
        await sends.send(app.endpoint, came, sign=True, secrets=[secret], at=time.time())

    got = raw_request(app.requests[0])
    site = f"{got.headers.get('X-Forwarded-Proto')}://{got.headers.get('X-Forwarded-Host')}"
    request = Request(delivery=got, url=site + got.target, now=time.time())
    assert accepts(library, request, case.keys.checks)
    assert not accepts(library, request, case.keys.other)
    assert got.headers.get("X-Hookcli-Replay") == "1"


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
