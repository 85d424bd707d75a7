#!/usr/bin/env python3
"""A stand-in for the ngrok v3 agent: its commands, its log lines, its exit codes."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.ngrok_edge.agent import VERSION, Agent, log
from tests.ngrok_edge.agent_api import AgentApi


def read_config(path: str) -> dict[str, str]:
    """Return the scalar settings of an agent configuration, flattened; nothing else is read."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    file = Path(path) if path else Path(base) / "ngrok" / "ngrok.yml"
    log("info", "open config file", path=str(file), err="nil")
    matches = re.findall(r"(?m)^ *(\w+): *(\S.*)$", file.read_text() if file.exists() else "")
    return {key: value.strip("\"'") for key, value in matches}


def milliseconds(text: str) -> int:
    """Read the one form of a duration that the edge writes."""
    return int(text.removesuffix("ms"))


async def start(config: dict[str, str], authtoken: str) -> str | None:
    """Run the agent until it is stopped; return the error that ended it, if any."""
    agent = Agent(
        authtoken=authtoken or os.environ.get("NGROK_AUTHTOKEN") or config.get("authtoken", ""),
        address=config.get("connect_url") or config.get("server_addr", ""),
        cas=config.get("connect_cas") or config.get("root_cas", ""),
        heartbeat=(
            milliseconds(config.get("heartbeat_interval", "10000ms")) / 1000,
            milliseconds(config.get("heartbeat_tolerance", "15000ms")) / 1000,
        ),
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, agent.stopped.set)
    await AgentApi(agent).serve(config.get("web_addr", "127.0.0.1:4040"))
    connected = asyncio.ensure_future(agent.keep_connected())
    stopped = asyncio.ensure_future(agent.stopped.wait())
    await asyncio.wait({connected, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not connected.done():
        log("info", "received stop request", obj="app", stopReq="{err:<nil> restart:false}")
        return None
    error = str(connected.exception())
    log("eror", "failed to reconnect session", obj="tunnels.session", err=error)
    log("eror", "session closing", obj="tunnels.session", err=error)
    log("eror", "terminating with error", obj="app", err=error)
    log("crit", "command failed", err=error)
    return error


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="ngrok", description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("-v", "--version", action="store_true")
    parser.add_argument("--none", action="store_true")
    for option in ("--config", "--authtoken", "--region", "--log", "--log-level", "--log-format"):
        parser.add_argument(option, default="")
    args = parser.parse_args()
    if args.version or args.words == ["version"]:
        sys.stdout.write(f"ngrok version {VERSION}\n")
    elif args.words == ["start"]:
        if error := asyncio.run(start(read_config(args.config), args.authtoken)):
            sys.exit("\n".join(f"ERROR:  {line}" for line in error.splitlines()))
    else:
        sys.exit(f"ERROR:  fake_ngrok does not do: {' '.join(sys.argv[1:])}")


if __name__ == "__main__":
    main()
