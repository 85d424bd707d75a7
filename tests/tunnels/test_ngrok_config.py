"""ngrok's configuration: the user's, and ours."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from pyngrok.installer import get_ngrok_config, validate_config

from hookcli.tunnels.ngrok_config import Settings, config_file, render, settings_of, tilde

V2 = {
    "version": "2",
    "authtoken": "2abc-token-of-the-file",
    "server_addr": "edge.example.com:443",
    "root_cas": "host",
    "log_format": "json",
    "log_level": "warn",
    "web_addr": False,
    "http_proxy": "http://proxy:3128",
    "crl_noverify": True,
    "tunnels": {"web": {"addr": 80}},
}
V3 = {
    "version": 3,
    "agent": {
        "authtoken": "2abc-token-of-the-file",
        "connect_url": "edge.example.com:443",
        "connect_cas": "host",
        "proxy_url": "http://proxy:3128",
        "crl_noverify": True,
        "web_addr": False,
    },
    "endpoints": [{"name": "web"}],
}


def parsed(settings: Settings, *version: int) -> dict[str, Any]:
    """Return what pyngrok reads, and accepts."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ngrok.yml"
        path.write_text(render(settings, version, "127.0.0.1:5555"), encoding="utf-8")
        config = get_ngrok_config(str(path), use_cache=False)
    validate_config(config)
    return config


@pytest.mark.parametrize("config", [V2, V3])
def test_the_way_to_ngrok_is_taken_over_from_either_version(config: dict[str, Any]) -> None:
    """And from nothing else: their web address, log and tunnels would get in our way."""
    settings = settings_of(config, "~/.config/ngrok/ngrok.yml", {})

    assert settings.token is not None
    assert settings.token.value == "2abc-token-of-the-file"
    assert settings.token.source == "~/.config/ngrok/ngrok.yml"
    assert parsed(settings, 3, 30, 0) == {
        "version": "3",
        "agent": {
            "authtoken": "2abc-token-of-the-file",
            "connect_url": "edge.example.com:443",
            "connect_cas": "host",
            "proxy_url": "http://proxy:3128",
            "crl_noverify": True,
            "web_addr": "127.0.0.1:5555",
            "console_ui": False,
            "log_level": "info",
            "log_format": "term",
            "update_check": False,
        },
    }


@pytest.mark.parametrize(("version", "proxy"), [((3, 20), "proxy_url"), ((2, 3), "http_proxy")])
def test_older_agents_get_it_flat(version: tuple[int, int], proxy: str) -> None:
    """Each in its own words."""
    config = parsed(settings_of(V3, "", {}), *version)

    assert config.get("version") == ("2" if version >= (3,) else None)
    assert config["server_addr"] == "edge.example.com:443"
    assert config["root_cas"] == "host"
    assert config[proxy] == "http://proxy:3128"
    assert "agent" not in config


def test_a_region_is_a_place_to_connect_to() -> None:
    """Agents from 3.30 have no regions; agent 2.x refuses one beside an address."""
    settings = Settings(region="eu")
    both = Settings(region="eu", address="edge.example.com:443")

    assert parsed(settings, 3, 39)["agent"]["connect_url"] == "connect.eu.ngrok-agent.com:443"
    assert parsed(settings, 2, 3)["region"] == "eu"
    assert parsed(both, 3, 39)["agent"]["connect_url"] == "edge.example.com:443"
    assert "region" not in parsed(both, 2, 3)


def test_the_token_of_the_environment_wins() -> None:
    """As for the agent itself."""
    settings = settings_of(V3, "file", {"NGROK_AUTHTOKEN": " from-env\n"})

    assert settings.token is not None
    assert (settings.token.value, settings.token.source) == ("from-env", "NGROK_AUTHTOKEN")


def test_a_token_hides_in_what_is_printed_of_it() -> None:
    """A short one altogether."""
    token = settings_of(V3, "file", {}).token
    short = settings_of({"authtoken": "short"}, "file", {}).token

    assert token is not None
    assert short is not None
    assert token.value not in repr(settings_of(V3, "file", {}))
    assert token.masked == "2abc…"
    assert short.masked == "…"


@pytest.mark.parametrize(("text", "seconds"), [("700ms", 0.7), ("1m30s", 90), (None, 15)])
def test_the_tolerance_of_heartbeats_is_the_users(text: str | None, seconds: float) -> None:
    """It tells since when a silent tunnel has been lost."""
    settings = settings_of({"heartbeat_tolerance": text}, "", {})

    assert settings.heartbeat_tolerance_s == pytest.approx(seconds)


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="ngrok's folder is elsewhere there")
def test_the_configuration_is_looked_for_where_ngrok_keeps_it(home: Path) -> None:
    """The one given first, then today's place, then that of agent 2.x."""
    environ = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}
    assert config_file(environ) is None
    for place in (home / ".ngrok2" / "ngrok.yml", home / "config" / "ngrok" / "ngrok.yml"):
        place.parent.mkdir(parents=True)
        place.touch()

        assert config_file(environ) == place
    assert config_file(environ, Path("given.yml")) == Path("given.yml")


def test_a_path_at_home_is_written_with_a_tilde() -> None:
    """As a person would."""
    environ = {"HOME": "/home/ada"}

    assert tilde(Path("/home/ada/.config/ngrok/ngrok.yml"), environ) == "~/.config/ngrok/ngrok.yml"
    assert tilde(Path("/etc/ngrok.yml"), environ) == "/etc/ngrok.yml"
