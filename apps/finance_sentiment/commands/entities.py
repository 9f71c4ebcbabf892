"""`trivium finance entities …`."""

from typing import Annotated

import typer

from core.cli.console import JsonFlag, emit, table


def register(finance: typer.Typer) -> None:
    """Hang the commands of this file into `trivium finance`."""
    group = typer.Typer(no_args_is_help=True)
    group.command("list")(list_entities)
    finance.add_typer(group, name="entities", help="The companies that are looked for in texts.")


def list_entities(
    watched: Annotated[bool, typer.Option("--watched", help="Only those on the watchlist.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List the companies that are looked for in texts."""
    from apps.finance_sentiment.store.entities import Entities
    from core.cli.opening import opened_database
    from core.clock import system_clock

    with opened_database() as database:
        rows = Entities(database, system_clock).all(watched=watched or None)
    shown = [{"id": row.id, "name": row.name, "sector": row.sector, "country": row.country} for row in rows]
    if as_json:
        emit({"items": shown})
    else:
        table(shown, {"id": "id", "name": "Name", "sector": "Sector", "country": "Country"})
