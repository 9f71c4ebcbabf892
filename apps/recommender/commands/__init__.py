"""`trivium recommend …`: a file a subject. Each file registers its own commands."""

import typer

from apps.recommender.commands import data, evaluate, experiments, export, import_, off_policy, sample, train


def build_commands() -> typer.Typer:
    """The app's command group."""
    group = typer.Typer(no_args_is_help=True)
    import_.register(group)
    data.register(group)
    experiments.register(group)
    off_policy.register(group)
    sample.register(group)
    train.register(group)
    evaluate.register(group)
    export.register(group)
    return group
