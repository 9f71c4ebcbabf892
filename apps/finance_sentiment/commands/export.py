"""`trivium finance export`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli.console import JsonFlag, emit, progress, say
from core.errors import Invalid
from core.parsing import moment
from core.writing import drafted


def register(finance: typer.Typer) -> None:
    """Hang the command of this file into `trivium finance`."""
    finance.command("export")(export)


def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File to write: .csv or .parquet.")],
    entity: Annotated[str | None, typer.Option(help="Only what says something of this company, by id.")] = None,
    since: Annotated[str | None, typer.Option(help="Published then or later: 2026-01-31, UTC.")] = None,
    until: Annotated[str | None, typer.Option(help="Published earlier: 2026-02-28, UTC.")] = None,
    mood: Annotated[str | None, typer.Option(help="Only of this mood: negative, neutral, positive, unclear.")] = None,
    source: Annotated[str | None, typer.Option(help="Only from this source, by id.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write documents and what they say of companies to a file, a row for each of both, the newest first."""
    from apps.finance_sentiment.pipeline.archive import COLUMNS, exported
    from apps.finance_sentiment.pipeline.tables import csv_lines, write_parquet
    from apps.finance_sentiment.schemas.archive import Exported
    from apps.finance_sentiment.store.archive import Archive, Wanted
    from apps.finance_sentiment.store.entities import Entities
    from core.cli.opening import opened_database
    from core.clock import system_clock

    kind = out.suffix.lower()
    if kind not in {".csv", ".parquet"}:
        raise Invalid(f"{out.name} is of no known kind", remedy="name a .csv or .parquet file")
    if mood not in {None, "negative", "neutral", "positive", "unclear"}:
        raise Invalid(f"{mood!r:.30} is no mood", remedy="name negative, neutral, positive or unclear")
    wanted = Wanted(entity, moment(since), moment(until), mood, source)
    count = 0
    with opened_database() as database, progress("Exporting", None) as show, drafted(out) as draft:
        entities = Entities(database, system_clock)
        if entity is not None:
            entities.get(entity)
        names = {row.id: row.name for row in entities.all()}

        def counted() -> Iterator[dict[str, Any]]:
            nonlocal count
            for row in exported(Archive(database), wanted, names):
                count += 1
                show(count)
                yield row

        if kind == ".csv":
            with draft.open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_lines(counted(), COLUMNS))
        else:
            write_parquet(counted(), COLUMNS, draft)
    if as_json:
        emit(Exported(rows=count, file=str(out)).model_dump())
        return
    say(f"{count} rows are in {out}.")
