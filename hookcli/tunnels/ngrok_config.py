"""ngrok's configuration: where the user's is, what of it counts, and ours made from it."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT = ("crl_noverify", "dns_resolver_ips", "heartbeat_interval", "heartbeat_tolerance")
"""Settings of the way to ngrok that are carried over under their own names."""

SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True)
class Token:
    """An authtoken, and where it was found."""

    value: str = field(repr=False)
    source: str
    """In words for a person: "NGROK_AUTHTOKEN", "~/.config/ngrok/ngrok.yml"."""

    @property
    def masked(self) -> str:
        """Enough of it to tell it from another."""
        return f"{self.value[:4]}…" if len(self.value) > 16 else "…"


@dataclass(frozen=True)
class Settings:
    """What we take over from the user."""

    token: Token | None = None
    address: str | None = None
    """Where the agent connects to, `host:port`; None: where ngrok likes."""
    cas: str | None = None
    """A file of trusted certificates, or a word that the agent knows."""
    region: str | None = None
    proxy: str | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)

    @property
    def heartbeat_tolerance_s(self) -> float:
        """How long the agent waits for the answer to a heartbeat before it gives a session up."""
        text = str(self.kept.get("heartbeat_tolerance", "15s"))
        parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", text)
        return sum(float(number) * SECONDS[unit] for number, unit in parts)


def config_file(environ: Mapping[str, str], given: Path | None = None) -> Path | None:
    """Return the user's ngrok configuration: the one given, or the first there is."""
    if given is not None:
        return given
    home = Path(environ.get("HOME") or environ.get("USERPROFILE") or Path.home())
    if sys.platform == "darwin":
        folder = home / "Library" / "Application Support"
    elif sys.platform == "win32":
        folder = Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        folder = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    places = (folder / "ngrok" / "ngrok.yml", home / ".ngrok2" / "ngrok.yml")
    return next((place for place in places if place.is_file()), None)


def tilde(path: Path, environ: Mapping[str, str]) -> str:
    """Write a path as a person would."""
    home = environ.get("HOME") or environ.get("USERPROFILE")
    if home and path.is_relative_to(home):
        return f"~/{path.relative_to(home).as_posix()}"
    return str(path)


def settings_of(config: Mapping[str, Any], source: str, environ: Mapping[str, str]) -> Settings:
    """Take what counts from a configuration of any version; the environment's token wins."""
    agent = config.get("agent")
    values = {**config, **agent} if isinstance(agent, dict) else dict(config)
    token = None
    if given := environ.get("NGROK_AUTHTOKEN"):
        token = Token(given.strip(), "NGROK_AUTHTOKEN")
    elif values.get("authtoken"):
        token = Token(str(values["authtoken"]).strip(), source)
    return Settings(
        token=token,
        address=values.get("connect_url") or values.get("server_addr"),
        cas=values.get("connect_cas") or values.get("root_cas"),
        region=values.get("region"),
        proxy=values.get("proxy_url") or values.get("http_proxy"),
        kept={key: values[key] for key in KEPT if values.get(key) is not None},
    )


def render(settings: Settings, version: tuple[int, ...], web_addr: str) -> str:
    """Return our own configuration, as YAML, for an agent of that version."""
    address, region = settings.address, settings.region
    values: dict[str, Any] = {
        "authtoken": settings.token.value if settings.token else None,
        "web_addr": web_addr,
        "console_ui": False,
        "log_level": "info",
        "log_format": "term",
        # Or agent 2.x looks a server up, that corporate networks block.
        "update_check": False,
        **settings.kept,
    }
    if version >= (3, 30):
        if region and not address:
            address = f"connect.{region}.ngrok-agent.com:443"
        values |= {"connect_url": address, "connect_cas": settings.cas, "proxy_url": settings.proxy}
        return 'version: "3"\nagent:\n' + _lines(values, "  ")
    values |= {"server_addr": address, "root_cas": settings.cas}
    if not address:
        values["region"] = region
    if version >= (3,):
        return 'version: "2"\n' + _lines({**values, "proxy_url": settings.proxy})
    return _lines({**values, "http_proxy": settings.proxy})


def _lines(values: Mapping[str, Any], indent: str = "") -> str:
    return "".join(
        f"{indent}{key}: {json.dumps(value, ensure_ascii=False, default=str)}\n"
        for key, value in values.items()
        if value is not None
    )
