"""The command line: `trivium …`. Core's own commands and a group for every installed app. Imports nothing heavy."""

from __future__ import annotations

import os
import sys

import typer
from typer.core import TyperGroup

from core.app import BrokenApp, installed_apps
from core.cli import bench, collections, embed, keys, models, serving, training
from core.errors import TriviumError

# Set before numpy is loaded: its matrix threads would spin against the model's on the same cores, for products that
# take a millisecond. Measured on two cores: a search took three times as long with them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Likewise for torch's: threads that wait by spinning made two trainings on two cores five times slower, not twice.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


class _InOrder(TyperGroup):
    """Commands in the order in which they are met: first start it, then look after it."""

    def list_commands(self, ctx: object) -> list[str]:
        return list(self.commands)


def build_cli() -> tuple[typer.Typer, list[BrokenApp]]:
    """The whole command tree. Apps that cannot be opened are left out and named."""
    cli = typer.Typer(
        name="trivium",
        cls=_InOrder,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="One small Transformer for support, market mood and recommendations.",
    )
    serving.register(cli)
    cli.add_typer(keys.group, name="keys")
    cli.add_typer(collections.group, name="db")
    cli.add_typer(models.group, name="models")
    training.register(cli)
    embed.register(cli)
    cli.add_typer(bench.group, name="bench")
    apps, broken = installed_apps()
    for app in apps:
        if app.commands is None:
            continue
        try:
            group = app.commands()
        except Exception as error:  # noqa: BLE001  a stranger's commands may fail in any way; the others must run
            broken.append(BrokenApp(app.name, f"its commands: {type(error).__name__}: {error}"))
            continue
        cli.add_typer(group, name=app.command_name or app.name, help=app.summary)
    return cli, broken


def main() -> None:
    """Run a command. Exit status: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C."""
    cli, broken = build_cli()
    for app in broken:
        typer.echo(f"App {app.name} is left out: {app.reason}", err=True)
    try:
        cli()
    except TriviumError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output has left, e.g. `| head`
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
