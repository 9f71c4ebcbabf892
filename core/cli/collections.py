"""`trivium db`: the database and the collections in it."""

from typing import Annotated

import typer

from core.app import installed_apps
from core.cli.console import JsonFlag, emit, progress, say, table
from core.cli.opening import opened_database, opened_services
from core.settings import read_settings

group = typer.Typer(help="Database: migrate, list and drop collections, embed again.", no_args_is_help=True)


@group.command()
def upgrade() -> None:
    """Bring the tables up to date. Safe to run at any time, from several processes."""
    with opened_database():
        say("The tables are up to date.")


@group.command()
def pending() -> None:
    """List migrations that have not run yet."""
    from core.database import Database
    from core.migrations import pending as pending_migrations

    database = Database(read_settings().database)
    try:
        for revision in pending_migrations(database, installed_apps()[0]):
            typer.echo(revision)
    finally:
        database.close()


@group.command()
def collections(as_json: JsonFlag = False) -> None:
    """List collections with their size."""
    with opened_services() as services:
        rows = [
            {"name": c.name, "documents": c.documents, "revision": c.revision} for c in services.collections.names()
        ]
    if as_json:
        emit({"collections": rows})
    elif rows:
        table(rows, {"name": "name", "documents": "documents", "revision": "revision"})
    else:
        say("No collections yet.")


@group.command()
def drop(name: str, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Delete a collection with all its documents."""
    with opened_services() as services:
        services.collections.get(name)
        if not yes:
            typer.confirm(f"Delete collection {name} and all its documents?", abort=True)
        services.collections.drop(name)
    say(f"Collection {name} is gone.")


@group.command()
def reembed(name: str) -> None:
    """Embed a collection with the present model beside the live view, then swap. Resumes when killed."""
    with opened_services() as services, progress("Embedding passages", None) as show:
        done = services.collections.get(name).reembed(services.encoder, show)
    say(f"{done} passages embedded; collection {name} now uses the present model.")
