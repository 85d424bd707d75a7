"""`hookcli url`: where the running listener is reached, for `$(hookcli url)`."""

from __future__ import annotations

import click

from hookcli.errors import HookError
from hookcli.options import command, option
from hookcli.running import listeners


@command("url")
@option("--local", group="Which one", is_flag=True, help="The URL on this computer.")
def url(local: bool) -> None:
    """Print the running listener's public URL.

    Where several run, it is that of the one started last.
    """
    click.echo(run(local=local))


def run(*, local: bool) -> str:
    """Return the URL of the listener started last. Raises HookError if there is none."""
    running = listeners()
    if not running:
        raise HookError("No listener is running", "Start one: hookcli listen 4567")
    status = running[-1]
    if local:
        return status.local_url
    if status.public_url is None:
        raise HookError(
            f"The listener on {status.local_url} has no public URL",
            "hookcli url --local prints the local one, and hookcli status shows more",
        )
    return status.public_url
