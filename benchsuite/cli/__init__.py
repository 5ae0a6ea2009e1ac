"""The commands: one file each, loaded when asked for."""

from __future__ import annotations

import importlib
import signal
import sys
from typing import NoReturn

import click

from benchsuite import __version__, harmless
from benchsuite.cli.plain import print_plainly
from benchsuite.errors import BenchsuiteError, did_you_mean

COMMANDS = ("run", "list", "report", "compare", "duet", "gate", "history", "merge", "export", "doctor", "selfcheck")


class _Commands(click.Group):
    """Commands by name, each imported from its own file, so that help and errors are quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"benchsuite.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"unknown command {args[0]!r}: {did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  benchsuite run                    measure this machine in a few minutes
  benchsuite list                   what could run here, and why the rest cannot
  benchsuite report FILE            tables and plots of a stored run""",
)
@click.version_option(__version__, "--version", prog_name="benchsuite")
def cli() -> None:
    """Measure what this machine can do for language-model computing, and how sure the numbers are."""


def main() -> NoReturn:
    """Run a command; an error that a user can meet is one line and exit status 2."""
    print_plainly()
    # A polite kill ends a command as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BenchsuiteError as error:
        click.echo(f"error: {harmless.lines(str(error))}", err=True)
        sys.exit(2)
    sys.exit(0)
