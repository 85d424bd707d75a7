"""The way in that was asked for is opened, told of, and kept open until the end."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import pytest

from hookcli import way_in as module
from hookcli.errors import HookError
from hookcli.outputs.desk import Desk
from hookcli.secret import Secret
from hookcli.stores.memory import MemoryStore
from hookcli.tunnel_lines import Total
from hookcli.tunnels import Probe
from hookcli.way_in import TunnelWish, WayIn
from tests.outputs.test_console import ONLINE
from tests.senders import listening
from tests.stores.builders import make_delivery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from hookcli.state import Ready, TunnelState

LOCAL = "http://127.0.0.1:4567"
PROBE = Probe(path="/.hookcli/a1", answer=b"it is me")


class Watched(Desk):
    """A desk that tells when all is ready."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self.is_ready = asyncio.Event()

    def ready(self, ready: Ready, label: str) -> None:
        """Tell of it, and that it was told."""
        super().ready(ready, label)
        self.is_ready.set()


class Scene:
    """A way in that is open, and what was said of it."""

    def __init__(self, way: WayIn, urls: list[str | None], out: Path, err: Path) -> None:
        self.way = way
        self.urls = urls
        """Those under which it was said to be reachable."""
        self._out, self._err = out, err

    @property
    def said(self) -> str:
        """Return what people read, once the scene is over."""
        return self._err.read_text("utf-8")

    @property
    def records(self) -> list[Any]:
        """Return what programs read, once the scene is over."""
        return [json.loads(line) for line in self._out.read_text("utf-8").splitlines()]


@asynccontextmanager
async def opened(
    tmp_path: Path,
    wish: TunnelWish,
    *,
    store: MemoryStore | None = None,
    environ: dict[str, str] | None = None,
) -> AsyncIterator[Scene]:
    """Open a way in; when the test has seen enough, close it and read what was said."""
    paths = tmp_path / "out", tmp_path / "err"
    out, err = [await asyncio.to_thread(path.open, "w", encoding="utf-8") for path in paths]
    store = store or MemoryStore()
    desk = Watched(
        store=store,
        form="records",
        color="never",
        total=Total(),
        stdout=out,
        stderr=err,
        environ={},
    )
    urls: list[str | None] = []
    way = WayIn(
        wish,
        local_url=LOCAL,
        probe=PROBE,
        store=store,
        desk=desk,
        reachable=urls.append,
        environ=environ or {},
        secret=Secret(value="x", provider="github", source="env GH"),
    )
    keeping = asyncio.ensure_future(way.keep_open())
    try:
        ready = asyncio.ensure_future(desk.is_ready.wait())
        await asyncio.wait({keeping, ready}, timeout=5, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if keeping.done():
            await keeping
        yield Scene(way, urls, *paths)
    finally:
        keeping.cancel()
        await asyncio.wait({keeping})
        await desk.close()
        out.close()
        err.close()


class Tunnel:
    """A tunnel that opens at once; it stands for ngrok."""

    label = "ngrok 3.39.10"
    checked_s = 0.4

    def __init__(self, states: list[TunnelState], **asked: Any) -> None:
        self.asked = asked
        self.is_open = False
        self._states = states
        self._report: Callable[[TunnelState], None] = asked["report"]

    async def __aenter__(self) -> Self:
        self.is_open = True
        for state in self._states:
            self._report(state)
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.is_open = False


@pytest.fixture
def tunnels(monkeypatch: pytest.MonkeyPatch) -> list[Tunnel]:
    """Let ngrok be one that opens at once; return those that were opened."""
    made: list[Tunnel] = []

    def open_ngrok(**asked: Any) -> Tunnel:
        states = [replace(ONLINE, state="connecting", public_url=None), ONLINE]
        made.append(Tunnel(states, **asked))
        return made[-1]

    monkeypatch.setattr(module, "open_ngrok", open_ngrok)
    return made


async def test_none_is_wanted_and_none_is_opened(tmp_path: Path, tunnels: list[Tunnel]) -> None:
    """It says so, and what can be tried nevertheless."""
    async with opened(tmp_path, TunnelWish(kind="none")) as scene:
        assert scene.way.public_url is None
        assert scene.urls == [None]

    (ready,) = scene.records
    assert (ready["type"], ready["public_url"], ready["local_url"]) == ("ready", None, LOCAL)
    assert scene.said.startswith("Tunnel     none")
    assert "hookcli trigger" in scene.said
    assert tunnels == []


async def test_without_a_token_it_stays_local_and_says_how_to_go_public(
    tmp_path: Path, tunnels: list[Tunnel]
) -> None:
    async with opened(tmp_path, TunnelWish(kind="auto")) as scene:
        assert scene.way.state is None

    assert "no ngrok token found" in scene.said
    assert "NGROK_AUTHTOKEN=TOKEN hookcli listen 4567" in scene.said
    assert tunnels == []


@pytest.mark.parametrize(
    ("kind", "environ"), [("auto", {"NGROK_AUTHTOKEN": "secret"}), ("ngrok", {})]
)
async def test_a_tunnel_is_opened_told_of_and_closed(
    tmp_path: Path, tunnels: list[Tunnel], kind: Any, environ: dict[str, str]
) -> None:
    wish = TunnelWish(kind=kind, domain="x.test", ngrok_config=None)

    async with opened(tmp_path, wish, environ=environ) as scene:
        (tunnel,) = tunnels
        assert tunnel.is_open
        assert scene.way.public_url == ONLINE.public_url

    assert not tunnel.is_open
    asked = {name: tunnel.asked[name] for name in ("mode", "upstream", "domain", "probe")}
    assert asked == {"mode": kind, "upstream": LOCAL, "domain": "x.test", "probe": PROBE}
    assert [record["type"] for record in scene.records] == ["tunnel", "tunnel", "ready"]
    assert scene.records[-1]["public_url"] == ONLINE.public_url
    assert "Tunnel     ngrok 3.39.10, checked end to end in 0.4 s" in scene.said
    assert f"Public     {ONLINE.public_url}" in scene.said
    assert "GitHub     repository > Settings" in scene.said
    assert "the value of GH" in scene.said
    assert "secret" not in scene.said


async def test_each_new_url_is_told_of(tmp_path: Path, tunnels: list[Tunnel]) -> None:
    """Once all is up; not the same one again, nor that there is none for now."""
    async with opened(tmp_path, TunnelWish(kind="ngrok")) as scene:
        (tunnel,) = tunnels
        for url in (None, ONLINE.public_url, "https://other.test", "https://other.test"):
            tunnel.asked["report"](replace(ONLINE, public_url=url))

        assert scene.urls == [ONLINE.public_url, "https://other.test"]


async def test_who_has_github_set_up_need_not_be_told_how(
    tmp_path: Path, tunnels: list[Tunnel]
) -> None:
    store = MemoryStore()
    await store.append(make_delivery())

    async with opened(tmp_path, TunnelWish(kind="ngrok"), store=store) as scene:
        assert len(tunnels) == 1

    assert "Public" in scene.said
    assert "Settings" not in scene.said


async def test_a_tunnel_that_is_not_there_yet_has_no_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network it is given up for now; all else is ready."""
    monkeypatch.setattr(module, "open_ngrok", lambda **asked: Tunnel([], **asked))

    async with opened(tmp_path, TunnelWish(kind="ngrok")) as scene:
        assert scene.way.public_url is None

    assert [record["type"] for record in scene.records] == ["ready"]
    assert "Public" not in scene.said
    assert "hookcli trigger" in scene.said


async def test_a_tunnel_that_cannot_be_opened_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token is rejected, say."""

    def rejected(**_: Any) -> Tunnel:
        raise HookError("ngrok rejects the token", "Copy it again")

    monkeypatch.setattr(module, "open_ngrok", rejected)

    with pytest.raises(HookError, match="rejects the token"):
        async with opened(tmp_path, TunnelWish(kind="ngrok")):
            pass


async def test_ones_own_way_in_is_probed(tmp_path: Path, tunnels: list[Tunnel]) -> None:
    """No tunnel is opened; that our own request arrives is said."""
    async with listening(own={PROBE.path: lambda: PROBE.answer}) as running:
        wish = TunnelWish(kind="auto", public_url=f"http://127.0.0.1:{running.port}")
        async with opened(tmp_path, wish, environ={"NGROK_AUTHTOKEN": "x"}) as scene:
            assert scene.way.public_url == wish.public_url
            assert scene.way.state is not None
            assert scene.way.state.reachable

    assert tunnels == []
    assert "Tunnel     your own, checked end to end" in scene.said
    assert running.total.deliveries == 0


@pytest.mark.parametrize(
    ("wish", "wanted"),
    [
        (TunnelWish(kind="auto"), True),
        (TunnelWish(kind="ngrok"), True),
        (TunnelWish(kind="none"), False),
        (TunnelWish(kind="none", public_url="https://x.test"), True),
    ],
)
def test_tells_whether_anything_may_come_through_a_tunnel(wish: TunnelWish, wanted: bool) -> None:
    assert wish.wanted is wanted
