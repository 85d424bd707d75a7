"""More senders than there may be connections: they wait, and a person reads one line."""

from __future__ import annotations

import resource
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.sockets import OK, App, answering, dial, request
from tests.end_to_end.support import LISTEN, Running, until

if TYPE_CHECKING:
    from pathlib import Path

FILES = 48
SENDERS = 60


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits others")
def test_who_cannot_be_taken_yet_waits(tmp_path: Path) -> None:
    """Each is answered once others have gone, and nothing is said a thousand times."""
    store = f"sqlite:{tmp_path / 'hooks.db'}"
    with (
        App(answering()) as app,
        Running(tmp_path, *LISTEN, "--store", store, "-f", app.url) as hookcli,
        ExitStack() as stack,
    ):
        url = hookcli.local_url
        resource.prlimit(hookcli.process.pid, resource.RLIMIT_NOFILE, (FILES, FILES))
        idle = [stack.enter_context(dial(url)) for _ in range(SENDERS)]
        until(lambda: "No more connections" in hookcli.err.read_text(), "the shortage")
        for line in idle:
            line.hang_up()
        with dial(url) as line:
            line.say(request())
            answer = line.message()

    said = hookcli.err.read_text()
    assert answer == OK
    assert said.count("No more connections can be taken for the moment") == 1
    assert "Traceback" not in said
