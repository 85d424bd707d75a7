"""The way in from the internet: what every tunnel can do, and how one is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol, Self

from hookcli.state import TunnelState
from hookcli.tunnels.ngrok_config import config_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

Report = Callable[[TunnelState], None]
"""Told, on the event loop, each time the tunnel's state changes."""

Announce = Callable[[str], None]
"""Told, on the event loop, short lines for a person."""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Our own request through the public URL, which the listener answers and never stores."""

    path: str
    """Unguessable; begins with a slash."""
    answer: bytes


class Tunnel(Protocol):
    """Entering returns once it is online and probed, or given up for now; leaving closes it.

    Entering raises HookError where the tunnel cannot be opened and trying again would not help.
    """

    label: str
    """What it is, for a person: "ngrok 3.39.10"; "ngrok" while its agent is still to come."""

    @property
    def checked_s(self) -> float | None:
        """How long our own request through it took, in seconds; None where it did not arrive."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def find_token(environ: Mapping[str, str], ngrok_config: Path | None) -> str | None:
    """Tell where an ngrok authtoken is to be found, in words for a person; None: nowhere.

    Raises HookError where the ngrok configuration cannot be read.
    """
    if not environ.get("NGROK_AUTHTOKEN") and config_file(environ, ngrok_config) is None:
        return None
    token = import_module("hookcli.tunnels.ngrok").read_settings(environ, ngrok_config).token
    return str(token.source) if token else None


def open_ngrok(
    *,
    mode: Literal["auto", "ngrok"],
    upstream: str,
    domain: str | None,
    ngrok_config: Path | None,
    probe: Probe,
    report: Report,
    announce: Announce,
) -> Tunnel:
    """Make the ngrok tunnel to `upstream`, a URL; it opens when entered.

    `auto` stays local and keeps trying where there is no network; `ngrok` raises HookError then.
    """
    # pyngrok costs a third of the start: only who goes through ngrok pays it.
    tunnel: Tunnel = import_module("hookcli.tunnels.ngrok_tunnel").NgrokTunnel(
        upstream=upstream,
        domain=domain,
        ngrok_config=ngrok_config,
        probe=probe,
        report=report,
        announce=announce,
        keep_trying=mode == "auto",
    )
    return tunnel


def open_public_url(*, url: str, probe: Probe, report: Report) -> Tunnel:
    """Make the tunnel that is the user's own, at `url`."""
    tunnel: Tunnel = import_module("hookcli.tunnels.public").PublicUrl(
        url=url, probe=probe, report=report
    )
    return tunnel
