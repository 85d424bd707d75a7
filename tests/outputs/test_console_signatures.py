"""The console says why a signature fails, before the payload, where payloads are shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hookcli.delivery import Delivery, Verdict
from hookcli.signatures.doctor import Diagnosis
from tests.outputs.test_console import DELIVERY, Desk

BAD = Verdict("mismatch", "The secrets differ")
DIAGNOSIS = Diagnosis(BAD, "the secrets differ", "X: HMAC", "github, 9 characters", ("mend it",))
HEAD = "14:03:22 --> #42 github issues.opened [BAD] 48 B POST /github"


async def explained(delivery: Delivery) -> Diagnosis | None:
    return DIAGNOSIS if delivery.id == DELIVERY.id else None


async def shown(desk: Desk, signature: Verdict, number: int = 42) -> list[str]:
    await desk.console.handle([replace(DELIVERY, signature=signature, id=number)])
    return desk.shown


async def test_a_cause_stands_before_the_payload() -> None:
    desk = Desk()
    desk.console.explain_by(explained)

    assert (await shown(desk, BAD))[:5] == [
        HEAD,
        "       ! mismatch: the secrets differ",
        "         Checked  X: HMAC",
        "         Do       mend it",
        "  │ {",
    ]


async def test_without_an_explanation_the_log_tells_what_is_known() -> None:
    """Nobody but the listener has one, and for some of the deliveries only."""
    log, unknown = Desk(), Desk()
    unknown.console.explain_by(explained)

    assert (await shown(log, BAD))[1:3] == [
        "       ! mismatch: The secrets differ",
        "         Do       hookcli verify 42",
    ]
    assert (await shown(unknown, BAD, 7))[2] == "         Do       hookcli verify 7"


async def test_a_secret_that_is_not_given_is_asked_for() -> None:
    lines = await shown(Desk(), Verdict("unchecked", ""))

    assert lines[1] == "         Signed, but no secret given: --secret github=env:NAME"


@pytest.mark.parametrize("signature", [BAD, Verdict("unchecked", "")])
async def test_a_line_is_one_line(signature: Verdict) -> None:
    """Who wants to know more asks `verify`, or takes another format."""
    desk = Desk(payloads=False)
    desk.console.explain_by(explained)

    assert len(await shown(desk, signature)) == 1
