"""Choosing the way in from the internet."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hookcli.errors import HookError
from hookcli.tunnels import find_token, open_ngrok, open_public_url
from tests.ngrok_edge.running import running_edge
from tests.tunnels.parts import PROBE, Notes, listening

if TYPE_CHECKING:
    from pathlib import Path


def test_where_the_token_is_is_told_but_not_the_token(tmp_path: Path) -> None:
    """The environment first, as for ngrok itself."""
    config = tmp_path / "ngrok.yml"
    config.write_text("authtoken: 2abcdef\n")
    environ = {"HOME": str(tmp_path)}

    assert find_token(environ, None) is None
    assert find_token(environ, config) == "~/ngrok.yml"
    assert find_token({**environ, "NGROK_AUTHTOKEN": "x"}, config) == "NGROK_AUTHTOKEN"
    config.write_text("version: '3'\nagent: {}\n")
    assert find_token(environ, config) is None


def test_a_configuration_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """Whoever names one wants that one."""
    with pytest.raises(HookError, match="cannot be read"):
        find_token({}, tmp_path / "gone.yml")


async def test_each_way_is_opened_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what it needs, and no more."""
    notes = Notes()
    with running_edge(tmp_path) as edge:
        for name, value in edge.environ().items():
            monkeypatch.setenv(name, value)
        async with (
            listening() as listener,
            open_public_url(url=listener.url, probe=PROBE, report=notes.note) as own,
            open_ngrok(
                mode="auto",
                upstream=listener.url,
                domain=None,
                ngrok_config=None,
                probe=PROBE,
                report=notes.note,
                announce=notes.lines.append,
            ) as ngrok,
        ):
            assert (own.label, ngrok.label) == ("your own", "ngrok 3.30.0")
            assert notes.words == ["online", "connecting", "online"]


async def test_ngrok_without_a_token_is_an_error_with_the_way_to_one() -> None:
    """Before anything is downloaded."""
    notes = Notes()
    tunnel = open_ngrok(
        mode="ngrok",
        upstream="http://127.0.0.1:9",
        domain=None,
        ngrok_config=None,
        probe=PROBE,
        report=notes.note,
        announce=notes.lines.append,
    )

    with pytest.raises(HookError, match="No ngrok authtoken found") as caught:
        async with tunnel:
            pytest.fail("it opened")

    assert "https://dashboard.ngrok.com/get-started/your-authtoken" in caught.value.hint
    assert not notes.lines


def test_nothing_heavy_is_imported_before_a_tunnel_is_wanted() -> None:
    """`--tunnel none` must not pay for ngrok."""
    code = (
        "import sys, hookcli.tunnels as t; t.find_token({'HOME': '/nowhere'}, None);"
        "print([m for m in ('pyngrok', 'aiohttp', 'rich', 'asyncio', 'yaml') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout == "[]\n"
