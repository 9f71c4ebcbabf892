"""`trivium support …`: a file a subject."""

import typer

from apps.customer_service.commands.asking import ask, search
from apps.customer_service.commands.cluster import cluster_file
from apps.customer_service.commands.erasing import erase
from apps.customer_service.commands.exporting import export
from apps.customer_service.commands.improve import improve
from apps.customer_service.commands.knowledge import import_
from apps.customer_service.commands.mask import mask
from apps.customer_service.commands.measuring import calibrate, evaluate


def build_commands() -> typer.Typer:
    """The app's command group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("import")(import_)
    group.command("cluster")(cluster_file)
    for command in (search, ask, evaluate, calibrate, mask, erase, export, improve):
        group.command()(command)
    return group
