"""A run with a way in of the user's own."""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING

from hookcli.way_in import TunnelWish
from tests.test_listening import make_wish, running

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_request_of_its_own_is_known_under_the_path_of_a_proxy_too(tmp_path: Path) -> None:
    """It is no delivery: neither kept, nor shown."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    way = TunnelWish(kind="auto", public_url=f"http://127.0.0.1:{port}/behind/a/proxy")
    async with running(tmp_path, make_wish(port=port, tunnel=way), ready=False) as run:
        online = await run.record("tunnel")
        signal.raise_signal(signal.SIGTERM)
        rest = await run.rest()

    assert online["reachable"]
    assert {record["type"] for record in rest} <= {"ready"}
