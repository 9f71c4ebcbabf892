"""`trivium finance …`: a file a subject. Each file registers its own commands."""

import typer

from apps.finance_sentiment.commands import detect, entities, export


def build_commands() -> typer.Typer:
    """The app's command group."""
    group = typer.Typer(no_args_is_help=True)
    entities.register(group)
    detect.register(group)
    export.register(group)
    return group
