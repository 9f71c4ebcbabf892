"""`trivium finance import`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import JsonFlag, emit, progress, say
from core.parsing import parse


def register(finance: typer.Typer) -> None:
    """Hang the command of this file into `trivium finance`."""
    finance.command("import")(import_)


def import_(
    files: Annotated[
        list[Path], typer.Argument(help="Files: .csv .jsonl .jsonl.gz .parquet; a .txt or .html is one document.")
    ],
    source: Annotated[str, typer.Option(help="What the archive calls where they come from.")] = "import",
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave rows out that cannot be used.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Bring documents into the archive, such as last year's. All rows or, where one is bad, none.

    A row has a `title` or a `text`, and may have `id`, `url` and `published_at` (ISO 8601 or seconds since 1970).
    What was imported before is known and not kept again.
    """
    from apps.finance_sentiment.pipeline.importing import import_files
    from apps.finance_sentiment.schemas.documents import SourceName
    from apps.finance_sentiment.settings import FinanceSettings
    from apps.finance_sentiment.store.documents import Documents
    from core.cli.opening import opened_database
    from core.clock import system_clock
    from core.settings import read_settings

    settings = FinanceSettings.of(read_settings())
    name = parse(SourceName, {"source": source}).source
    with opened_database() as database, progress("Importing documents", None) as show:
        tally = import_files(Documents(database), files, name, system_clock, settings, skip_bad=skip_bad, show=show)
    if as_json:
        emit(asdict(tally))
    else:
        say(f"{tally.new} documents are new, {tally.known} were known.")
        if tally.undated:
            say(f"{tally.undated} of the new ones have no date that can be, so they count from now on.")
        if tally.empty:
            say(f"{tally.empty} hold no word once their markup is gone, and were left out.")
        if tally.bad:
            say(f"{tally.bad} rows were left out: {'; '.join(tally.faults)}{' …' * (tally.bad > len(tally.faults))}")
