"""What the agent's log lines say."""

from __future__ import annotations

import pytest
from pyngrok.log import NgrokLog

from hookcli.tunnels.ngrok_log import Lost, Stopping, Up, read_line

LINES = [
    ('lvl=info msg="client session established" obj=csess id=6aff0cb3a3fc', Up()),
    (
        'lvl=eror msg="heartbeat timeout, terminating session" obj=csess id=a96613b0bc40',
        Lost(silent=True),
    ),
    (
        'lvl=eror msg="session closed, starting reconnect loop" obj=csess err="session closed"',
        Lost("session closed"),
    ),
    (
        'lvl=eror msg="failed to reconnect session" obj=csess id=1 err="dial tcp: refused"',
        Lost("dial tcp: refused"),
    ),
    (
        'lvl=info msg="received stop request" obj=app stopReq="{err:<nil> restart:false}"',
        Stopping(),
    ),
    ('lvl=info msg="started tunnel" obj=tunnels name=hookcli url=https://a.ngrok.app', None),
    ("ERROR:  Your authtoken: client session established", None),
    ("", None),
]


@pytest.mark.parametrize(("line", "event"), LINES)
def test_the_lines_of_agents_2_and_3(line: str, event: object) -> None:
    """As they were seen."""
    log = NgrokLog(f"t=2026-11-24T23:48:39+0000 {line}")

    assert read_line(log.msg, log.err) == event
