"""The way in from the internet, as a run of `listen` opens it and tells of it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from hookcli import banner
from hookcli.state import Ready
from hookcli.stores import Query
from hookcli.tunnels import find_token, open_ngrok, open_public_url

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from hookcli.outputs.desk import Desk
    from hookcli.secret import Secret
    from hookcli.state import TunnelState
    from hookcli.stores import Store
    from hookcli.tunnels import Probe, Tunnel


@dataclass(frozen=True, slots=True, kw_only=True)
class TunnelWish:
    """Which way in was asked for."""

    kind: Literal["auto", "ngrok", "none"]
    domain: str | None = None
    ngrok_config: Path | None = None
    public_url: str | None = None
    """The user's own; no tunnel is opened then."""

    @property
    def wanted(self) -> bool:
        """Whether anything from the internet may arrive at all."""
        return self.kind != "none" or self.public_url is not None


class WayIn:
    """Opens the tunnel that was asked for, and keeps it open."""

    def __init__(
        self,
        wish: TunnelWish,
        *,
        local_url: str,
        probe: Probe,
        store: Store,
        desk: Desk,
        reachable: Callable[[str | None], None],
        environ: Mapping[str, str],
        secret: Secret | None = None,
    ) -> None:
        """Open what `wish` says; `secret` is GitHub's, for who sets a webhook up there.

        `reachable` is told the public URL once all is up, and each other one that comes later.
        """
        self._wish = wish
        self._local_url = local_url
        self._probe = probe
        self._store = store
        self._desk = desk
        self._reachable = reachable
        self._environ = environ
        self._secret = secret
        self._is_ready = False
        self._told_url: str | None = None
        self.state: TunnelState | None = None
        """As last reported; None where there is no tunnel."""

    @property
    def public_url(self) -> str | None:
        """Where the internet reaches the listener, as last known."""
        return self.state.public_url if self.state else None

    async def keep_open(self) -> None:
        """Open it, say that all is ready, and keep it open until cancelled.

        Raises HookError where it cannot be opened.
        """
        tunnel = await self._tunnel()
        if tunnel is None:
            await self._say_no_tunnel()
            await asyncio.Event().wait()
            return
        async with tunnel:
            await self._say_open(tunnel)
            await asyncio.Event().wait()

    async def _tunnel(self) -> Tunnel | None:
        wish = self._wish
        if wish.public_url is not None:
            return open_public_url(url=wish.public_url, probe=self._probe, report=self._report)
        if wish.kind == "none" or (wish.kind == "auto" and not await self._has_token()):
            return None
        return open_ngrok(
            mode=wish.kind,
            upstream=self._local_url,
            domain=wish.domain,
            ngrok_config=wish.ngrok_config,
            probe=self._probe,
            report=self._report,
            announce=self._desk.console.notice,
        )

    async def _has_token(self) -> bool:
        found = await asyncio.to_thread(find_token, self._environ, self._wish.ngrok_config)
        return found is not None

    def _report(self, state: TunnelState) -> None:
        self.state = state
        self._desk.tunnel(state)
        if self._is_ready and state.public_url not in {None, self._told_url}:
            self._tell_url()

    def _tell_url(self) -> None:
        self._told_url = self.public_url
        self._reachable(self.public_url)

    async def _say_no_tunnel(self) -> None:
        screen = self._desk.screen()
        if self._wish.kind == "none":
            self._desk.say(banner.banner_no_tunnel(screen))
        else:
            self._desk.say(banner.banner_no_token(urlsplit(self._local_url).port or 0, screen))
        self._desk.say(banner.banner_try(screen))
        self._ready("")

    async def _say_open(self, tunnel: Tunnel) -> None:
        screen = self._desk.screen()
        if self.state is not None:
            said = banner.banner_tunnel(tunnel.label, self.state, tunnel.checked_s, screen)
            self._desk.say(said)
        url = self.public_url
        if url is not None:
            self._desk.say(banner.banner_public(url, screen))
            if not await self._store.query(Query(provider="github", limit=1)):
                self._desk.say(banner.banner_github(url, screen, self._secret))
        self._desk.say(banner.banner_try(screen))
        self._ready(tunnel.label)

    def _ready(self, label: str) -> None:
        ready = Ready(
            public_url=self.public_url,
            local_url=self._local_url,
            store=self._store.url,
            pid=os.getpid(),
        )
        self._desk.ready(ready, label)
        self._is_ready = True
        self._tell_url()
