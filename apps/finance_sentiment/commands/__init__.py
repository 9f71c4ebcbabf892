"""`trivium finance …`: a file a subject. Each file registers its own commands."""

import typer

from apps.finance_sentiment.commands import (
    alerts,
    backtest,
    detect,
    entities,
    export,
    import_,
    improve,
    read,
    score,
    sources,
)


def build_commands() -> typer.Typer:
    """The app's command group."""
    group = typer.Typer(no_args_is_help=True)
    entities.register(group)
    score.register(group)
    detect.register(group)
    backtest.register(group)
    import_.register(group)
    sources.register(group)
    read.register(group)
    improve.register(group)
    alerts.register(group)
    export.register(group)
    return group
