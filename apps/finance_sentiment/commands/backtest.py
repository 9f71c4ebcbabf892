"""`trivium finance backtest`."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import JsonFlag, emit, progress, say

DATES = ["%Y-%m-%d"]
FOUR = datetime(1900, 1, 1, 16)  # noqa: DTZ001  a time of the day, in the market's zone


def register(finance: typer.Typer) -> None:
    """Hang the command of this file into `trivium finance`."""
    finance.command("backtest")(backtest)


def backtest(
    archives: Annotated[
        list[Path], typer.Argument(help="Texts with `published_at` (.jsonl, .jsonl.gz, .csv, .parquet).")
    ],
    prices: Annotated[Path, typer.Option(help="CSV with `date,ticker,close`, or a folder with a CSV for each ticker.")],
    out: Annotated[Path | None, typer.Option(help="Folder for report.html, report.md and result.json.")] = None,
    since: Annotated[datetime | None, typer.Option("--from", formats=DATES, help="First day, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=DATES, help="The day before which it ends.")] = None,
    delay_minutes: Annotated[
        float, typer.Option(min=0, max=100_000, help="From publication to capture, where a row has no `fetched_at`.")
    ] = 5.0,
    close: Annotated[
        datetime, typer.Option(formats=["%H:%M"], help="When the market closes.", show_default="16:00")
    ] = FOUR,
    zone: Annotated[str, typer.Option(help="Time zone of the market.")] = "America/New_York",
    sigmas: Annotated[
        float, typer.Option(min=0.1, max=20, help="Standard deviations from which a move is unusual.")
    ] = 2.0,
    shipped_only: Annotated[bool, typer.Option("--shipped-only", help="Without your own companies and rules.")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave rows out that cannot be used.")] = False,
    model: Annotated[str | None, typer.Option(help="NAME or NAME@VERSION; default: the setting `mood_model`.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Replay an archive as it became known, and measure alerts and mood against prices. Nothing is kept or sent."""
    from apps.finance_sentiment.pipeline.backtest.archive import FIRST, LAST
    from apps.finance_sentiment.pipeline.backtest.measuring import Market
    from apps.finance_sentiment.pipeline.backtest.running import Plan, write_report
    from apps.finance_sentiment.pipeline.backtest.running import backtest as run
    from apps.finance_sentiment.pipeline.buckets import parse_zone
    from apps.finance_sentiment.pipeline.entities import open_entities
    from apps.finance_sentiment.pipeline.mood import MoodReader
    from apps.finance_sentiment.settings import FinanceSettings
    from core.backend.serving import opened_classifier
    from core.cli.opening import opened_database
    from core.clock import system_clock
    from core.settings import read_settings

    settings = read_settings()
    own = FinanceSettings.of(settings)
    plan = Plan(
        archives=archives,
        prices=prices,
        market=Market(close.time(), parse_zone(zone), sigmas, own.half_life_hours),
        delay=timedelta(minutes=delay_minutes),
        since=since.replace(tzinfo=UTC) if since else FIRST,
        until=until.replace(tzinfo=UTC) if until else LAST,
        own=not shipped_only,
        skip_bad=skip_bad,
    )
    with (
        opened_database() as database,
        opened_classifier(model or own.mood_model, settings) as classifier,
    ):
        open_entities(database, system_clock, own)
        moods = MoodReader(lambda: nullcontext(classifier))
        report = run(database, moods, plan, own, progress)
    if out is not None:
        write_report(report, out)
    if as_json:
        emit(report.as_dict())
        return
    typer.echo(report.to_markdown(), nl=False)
    if out is not None:
        say(f"The report is {out / 'report.html'}.")
