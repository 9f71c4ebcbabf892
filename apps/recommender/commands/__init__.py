"""`trivium recommend …`: a file a subject. Each file registers its own commands."""

import typer

from apps.recommender.commands import data, evaluate, export, import_, train


def build_commands() -> typer.Typer:
    """The app's command group."""
    group = typer.Typer(no_args_is_help=True)
    import_.register(group)
    data.register(group)
    train.register(group)
    evaluate.register(group)
    export.register(group)
    return group
