"""The edge that tests of the tunnel share."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import pytest

from tests.ngrok_edge.running import RunningEdge, running_edge
from tests.tunnels.parts import agents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def edge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[RunningEdge]:
    """Run an edge whose public URLs work here, with the look-alike as the agent to be found.

    Tests marked `agent` find the real one. Afterwards no agent may be left, and no private folder.
    """
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with running_edge(tmp_path) as edge:
        for name, value in edge.through.items():
            monkeypatch.setenv(name, value)
        if request.node.get_closest_marker("agent") is None:
            monkeypatch.setenv("PYNGROK_NGROK_PATH", str(edge.agent()))
        yield edge
    assert not agents(tmp_path), "an agent is left"
    assert not list(tmp_path.glob("hookcli-*")), "a private folder is left"
