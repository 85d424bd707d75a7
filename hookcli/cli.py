"""The commands by name: what there is, each imported only when it is used."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

import click

from hookcli import __version__
from hookcli.errors import HookError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from click.shell_completion import CompletionItem

    from hookcli.settings import Settings


SECTIONS = {
    "Receive": (
        ("listen", "Receive webhooks, and show them as they arrive", "listen:listen"),
        ("follow", "Show elsewhere what a listener receives, and send it on", "follow:follow"),
        ("url", "Print the running listener's public URL", "url:url"),
        ("status", "Show what runs, and whether the internet reaches it", "status:status"),
    ),
    "Send": (
        ("replay", "Send again what was received", "replay:replay"),
        ("trigger", "Send a sample of what a provider sends", "trigger:trigger"),
    ),
    "Look back": (
        ("list", "List what was received, newest last", "list:list_"),
        ("show", "Show one delivery whole, with the answers it got", "show:show"),
        ("diff", "Show what differs between two deliveries", "diff:diff"),
        ("verify", "Check a signature, and say why it fails", "verify:verify"),
        ("export", "Write deliveries as commands, as code, as tests", "export:export"),
        ("import", "Put records and requests into the store", "import_:import_"),
        ("prune", "Remove deliveries, for good", "prune:prune"),
    ),
    "Set up": (
        ("doctor", "See what may stand in the way, and what to do", "doctor:doctor"),
        ("completion", "Let bash, zsh or fish complete what you type", "completion:completion"),
    ),
}
"""Name, summary, and `module:attribute` of each command, under the headings of the help."""

TARGETS = {name: target for rows in SECTIONS.values() for name, _, target in rows}

EXAMPLES = (
    ("hookcli listen 4567", "receive on port 4567, and through ngrok"),
    ("hookcli listen 4567 | jq .payload", "work on what arrives"),
    ("hookcli listen 4567 --save hooks", "a file for each payload"),
    ("hookcli list --failed", "what went wrong"),
    ("hookcli show --format body", "the latest payload, byte for byte"),
)


class Root(click.Group):
    """`hookcli` itself."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands."""
        return list(TARGETS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import the command of that name; None if there is none."""
        if cmd_name not in TARGETS:
            return None
        module, attribute = TARGETS[cmd_name].split(":")
        command: click.Command = getattr(import_module(f"hookcli.commands.{module}"), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names, or say which one it may be."""
        if args[0] not in TARGETS:
            raise UsageError(f"There is no command {args[0]!r}", _meant(args[0], TARGETS))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the commands from the table, without importing them."""
        for title, rows in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, summary) for name, summary, _ in rows])
        with formatter.section("Examples"):
            formatter.write_dl(EXAMPLES, col_max=40)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin so from the table, without importing them."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - for completion only

        rows = [row for section in SECTIONS.values() for row in section]
        found = [row for row in rows if row[0].startswith(incomplete)]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [CompletionItem(name, help=summary) for name, summary, _ in found] + options


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def root(context: click.Context) -> None:
    """Receive, keep and understand webhooks from your terminal."""
    context.obj = _settings()


def _settings() -> Settings:
    from hookcli.settings import Settings  # noqa: PLC0415 - `--help` must not wait for it

    return Settings(TARGETS)


def run(arguments: Sequence[str]) -> int:
    """Run the command line `arguments`, return the exit code.

    Raises HookError, and whatever the command lets through. Where a shell asks through the
    environment what may stand next, that is answered instead.
    """
    if "_HOOKCLI_COMPLETE" in os.environ:
        from hookcli.completion import respond  # noqa: PLC0415 - for completion only

        respond(root, _settings())
        return 0
    try:
        with root.make_context("hookcli", list(arguments) or ["--help"]) as context:
            root.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        raise _usage(error, arguments) from error
    except click.ClickException as error:
        raise HookError(error.format_message(), "hookcli --help shows what there is") from error
    return 0


def _usage(error: click.UsageError, arguments: Sequence[str]) -> UsageError:
    context = error.ctx or click.Context(root, info_name="hookcli", **root.context_settings)
    path = context.command_path
    if error.ctx is None and TARGETS.keys() & arguments[:1]:  # an option without its value
        path += f" {arguments[0]}"
    hint = f"{path} --help shows what there is"
    if not isinstance(error, click.NoSuchOption):
        return UsageError(error.format_message().removesuffix("."), hint)
    params = context.command.get_params(context)
    options = [name for param in params for name in param.opts if name.startswith("-")]
    return UsageError(
        f"{path} has no option {error.option_name}",
        _meant(error.option_name, options),
    )


def _meant(word: str, choices: Iterable[str]) -> str:
    from hookcli.grammar import suggestion  # noqa: PLC0415 - `--help` must not wait for it

    return suggestion(word, choices)
