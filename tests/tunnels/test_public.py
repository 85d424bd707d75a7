"""The user's own way in."""

from __future__ import annotations

import pytest

from hookcli.errors import HookError
from hookcli.tunnels.public import PublicUrl
from tests.tunnels.parts import PROBE, Notes, listening


async def test_a_public_url_is_probed_before_it_is_called_online() -> None:
    """It may have a path of its own, and a slash at its end."""
    notes = Notes()

    async with (
        listening() as listener,
        PublicUrl(url=f"{listener.url}/", probe=PROBE, report=notes.note) as tunnel,
    ):
        assert notes.words == ["online"]
        assert notes.last.reachable
        assert notes.last.public_url == listener.url
        assert tunnel.checked_s is not None


async def test_one_that_leads_elsewhere_is_unreachable_until_it_leads_here() -> None:
    """Said when it changes, not at each probe."""
    notes = Notes()
    async with listening() as listener:
        listener.answers_probe = False
        async with PublicUrl(url=listener.url, probe=PROBE, report=notes.note, again_s=0.01):
            await notes.until(lambda _: True)
            while listener.probes < 4:
                await listener.asked.wait()
                listener.asked.clear()
            listener.answers_probe = True
            await notes.until(lambda notes: bool(notes.last.reachable))

    assert [state.reachable for state in notes.states] == [False, True]
    assert notes.states[0].reason == "200, answered by something else"


async def test_an_error_of_the_body_comes_out_as_it_is() -> None:
    """Not wrapped in a group."""
    with pytest.raises(HookError, match="disk full"):
        async with (
            listening() as listener,
            PublicUrl(url=listener.url, probe=PROBE, report=Notes().note),
        ):
            raise HookError("disk full", "make room")
