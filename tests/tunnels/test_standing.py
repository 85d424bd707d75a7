"""How a tunnel stands, and telling it."""

from __future__ import annotations

from hookcli.tunnels.probe import Reach
from hookcli.tunnels.standing import Standing
from tests.tunnels.parts import Notes

ARRIVED = Reach(True, seconds=0.1)


def test_offline_dates_from_when_contact_was_lost() -> None:
    """Not from when that was noticed; and a second word on it does not move it."""
    notes = Notes()
    standing = Standing(notes.note, "https://a.ngrok.app")
    standing.online(ARRIVED)
    standing.offline("no contact with ngrok", silent_s=15)
    standing.offline("refused")
    standing.offline("refused")
    standing.online(ARRIVED)

    online, lost, refused, back = notes.states
    assert online.offline_s is None
    assert (online.at - lost.at).total_seconds() > 14
    assert refused.at == lost.at
    assert refused.reason == "refused"
    assert back.offline_s is not None
    assert 15 <= back.offline_s < 20
    assert {state.public_url for state in notes.states} == {"https://a.ngrok.app"}


def test_a_gap_is_told_once() -> None:
    """A later word on the same tunnel does not repeat it."""
    notes = Notes()
    standing = Standing(notes.note)
    standing.offline("no contact with ngrok")
    standing.online(Reach(False, "404, ERR_NGROK_3200"))
    standing.online(ARRIVED)

    assert [state.offline_s is None for state in notes.states] == [True, False, True]
    assert [state.reachable for state in notes.states] == [None, False, True]
    assert notes.states[1].reason == "404, ERR_NGROK_3200"
    assert standing.checked_s == 0.1
