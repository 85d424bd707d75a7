"""`hookcli doctor`: what may stand in the way, and what to do about each."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import click

from hookcli.diagnosing import World, examine
from hookcli.doctor_lines import format_finding
from hookcli.limits import store_limits
from hookcli.options import color_option, command, store_option
from hookcli.params import checked_files
from hookcli.screen import screen_of
from hookcli.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import TextIO

    from hookcli.doctor_lines import Finding
    from hookcli.screen import Screen, When


@command("doctor", forgiving=True)
@color_option
@store_option
@click.pass_context
def doctor(ctx: click.Context, color: When, store: str | None) -> None:
    """Look at what hookcli stands on, and say what to do where something is wrong.

    Versions, configuration files, store, port, ngrok's agent and token, network, clock. Exit 1 if
    anything is bad. Without a network it takes no longer.
    """

    def settings() -> Sequence[Path]:
        files = checked_files(ctx)
        if known := ctx.find_object(Settings):
            store_limits(known, store)
        return files

    world = World(environ=os.environ, store=store, settings=settings)
    screen = screen_of(sys.stdout, os.environ, color)
    ctx.exit(asyncio.run(run(world, sys.stdout, screen)))


async def run(world: World, out: TextIO, screen: Screen) -> int:
    """Write each finding once it is known; return 1 if one is bad."""
    found: list[Finding] = []

    def tell(finding: Finding) -> None:
        found.append(finding)
        out.writelines(f"{line}\n" for line in format_finding(finding, screen))
        out.flush()

    await examine(world, tell)
    return int(any(finding.level == "bad" for finding in found))
