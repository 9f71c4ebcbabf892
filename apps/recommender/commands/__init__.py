"""`trivium recommend …`: a file a subject. Each file registers its own commands."""

import typer

from apps.recommender.commands import data, experiments, import_, sample


def build_commands() -> typer.Typer:
    """The app's command group."""
    group = typer.Typer(no_args_is_help=True)
    import_.register(group)
    data.register(group)
    experiments.register(group)
    sample.register(group)
    return group
