"""`hookcli completion`: the script that lets a shell complete what is typed."""

from __future__ import annotations

import click

from hookcli.completion import SHELLS, script
from hookcli.options import argument, command


@command("completion")
@argument("shell", choices=tuple(SHELLS), metavar="bash|zsh|fish")
def completion(shell: str) -> None:
    """Print the script that lets your shell complete commands, options, IDs and events.

    In bash and zsh: source <(hookcli completion bash). In fish: hookcli completion fish | source.
    """
    click.echo(script(shell, click.get_current_context().find_root().command), nl=False)
