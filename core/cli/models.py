"""`trivium models`: the models at hand."""

import typer

from core.cli.console import JsonFlag, emit, table
from core.settings import read_settings

group = typer.Typer(help="Models: what is at hand.", no_args_is_help=True)


@group.command("list")
def list_(as_json: JsonFlag = False) -> None:
    """List the backbone in use."""
    from core.backend.checkpoint import open_checkpoint

    settings = read_settings()
    checkpoint = open_checkpoint(settings)
    row = {
        "name": checkpoint.name,
        "dimensions": checkpoint.dim,
        "max_tokens": checkpoint.max_tokens,
        "fingerprint": checkpoint.fingerprint[:16],
    }
    if as_json:
        emit({"models": [row]})
    else:
        table([row], {key: key.replace("_", " ") for key in row})
