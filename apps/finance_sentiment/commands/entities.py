"""`trivium finance entities …`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.console import JsonFlag, emit, say, table

if TYPE_CHECKING:
    from apps.finance_sentiment.store.entities import Entities


def register(finance: typer.Typer) -> None:
    """Hang the commands of this file into `trivium finance`."""
    group = typer.Typer(no_args_is_help=True)
    group.command("list")(list_entities)
    group.command("import")(import_entities)
    group.command("watch")(watch_entities)
    finance.add_typer(group, name="entities", help="The companies that are looked for in texts.")


def list_entities(
    watched: Annotated[bool, typer.Option("--watched", help="Only those on the watchlist.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List the companies that are looked for in texts."""
    from apps.finance_sentiment.pipeline.entities import shown

    with _opened() as entities:
        items = [shown(row).model_dump() for row in entities.all(watched=watched or None)]
    if as_json:
        emit({"items": items})
        return
    rows = [{**item, "tickers": " ".join(item["tickers"]), "watched": "x" * item["watched"]} for item in items]
    titles = {"id": "id", "name": "Name", "tickers": "Tickers", "sector": "Sector", "country": "Country"}
    table(rows, {**titles, "watched": "Watched"})


def import_entities(
    file: Annotated[Path, typer.Argument(help="A CSV; see below for its columns.")], as_json: JsonFlag = False
) -> None:
    """Add the companies of a CSV, or replace those with the same id. All of them or, where a row is bad, none.

    Columns: id and name; and where you have them tickers (AAPL or NASDAQ:AAPL), exchange (of tickers that name none),
    sector, country (two letters), aliases, context, anticontext, watched (yes or no). Several values are parted by "|".
    An alias that ends in "?" is also an ordinary word, and counts only in context: words in `context` speak for the
    company, words in `anticontext` for something else.
    """
    from apps.finance_sentiment.pipeline.entities import import_file

    with _opened() as entities:
        done = import_file(entities, file)
    if as_json:
        emit(done.model_dump())
    else:
        say(f"{done.added} companies are new, {done.replaced} were replaced.")


def watch_entities(
    ids: Annotated[list[str], typer.Argument(help="Companies, by id.")],
    off: Annotated[bool, typer.Option("--off", help="Take them off.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Put companies on the watchlist, or take them off; where one is unknown, nothing changes."""
    with _opened() as entities:
        entities.watch_all(ids, not off)
    if as_json:
        emit({"watched": not off, "ids": ids})
    else:
        say(f"{len(ids)} companies are {'off' if off else 'on'} the watchlist.")


@contextmanager
def _opened() -> Iterator["Entities"]:
    from apps.finance_sentiment.pipeline.entities import open_entities
    from apps.finance_sentiment.settings import FinanceSettings
    from core.cli.opening import opened_database
    from core.clock import system_clock
    from core.settings import read_settings

    with opened_database() as database:
        yield open_entities(database, system_clock, FinanceSettings.of(read_settings()))
