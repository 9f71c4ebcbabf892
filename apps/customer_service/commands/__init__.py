"""`trivium support …`: a file a subject."""

import typer

from apps.customer_service.commands.asking import ask, search
from apps.customer_service.commands.cluster import cluster
from apps.customer_service.commands.improve import improve
from apps.customer_service.commands.knowledge import import_
from apps.customer_service.commands.mask import mask
from apps.customer_service.commands.measuring import calibrate, evaluate


def build_commands() -> typer.Typer:
    """The app's command group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("import")(import_)
    for command in (search, ask, evaluate, calibrate, cluster, mask, improve):
        group.command()(command)
    return group
