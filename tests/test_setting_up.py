"""Set-up requests are told, not more often than a person can read, and completed if allowed."""

from __future__ import annotations

from hookcli.confirming import Confirming
from hookcli.handshake_replies import Handshake
from hookcli.setting_up import SettingUp
from tests.senders import Notices

TOKEN = Handshake("notion_token", say="Notion sent its token: secret_x", hint="Paste it")


async def test_says_what_there_is_to_do() -> None:
    """And nothing where there is nothing."""
    notices = Notices()
    setting_up = SettingUp(notices, confirming=None)

    await setting_up.answered(Handshake("slack_challenge"))
    await setting_up.answered(TOKEN)

    assert notices.lines == ["Notion sent its token: secret_x"]
    assert notices.hints == ["Paste it"]


async def test_says_it_once_in_a_while() -> None:
    """Anybody can send them; each kind by itself."""
    notices = Notices()
    now = [100.0]
    setting_up = SettingUp(notices, confirming=None, clock=lambda: now[0])

    for now[0] in (100.0, 101.0, 104.9, 105.0):
        await setting_up.answered(TOKEN)
    await setting_up.answered(TOKEN._replace(name="asana_secret", say="Asana sent its secret"))

    assert notices.lines == [*["Notion sent its token: secret_x"] * 2, "Asana sent its secret"]


async def test_completes_what_it_may() -> None:
    """In place of telling the person to."""
    notices = Notices()
    confirming = Confirming(say=notices, allowed=lambda _: False)

    await SettingUp(notices, confirming=confirming).answered(
        Handshake("sns_subscription", say="Open it", confirm="https://sns.example/x")
    )

    (line,) = notices.lines
    assert line.startswith("Not confirmed")
