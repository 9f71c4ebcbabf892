"""A backtest from files to a report, over a database that is thrown away. Changes nothing of the monitor's own."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from apps.finance_sentiment.pipeline.backtest.archive import FIRST, LAST, Texts, read_texts
from apps.finance_sentiment.pipeline.backtest.chance import FEWEST_DAYS
from apps.finance_sentiment.pipeline.backtest.coefficient import FEWEST
from apps.finance_sentiment.pipeline.backtest.measuring import Market, Measured, measure
from apps.finance_sentiment.pipeline.backtest.prices import Prices, read_prices
from apps.finance_sentiment.pipeline.backtest.remembered import RememberedMoods
from apps.finance_sentiment.pipeline.backtest.replay import Replay, Replayed
from apps.finance_sentiment.pipeline.backtest.report import BacktestReport
from apps.finance_sentiment.pipeline.mood import MoodReader
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.replayed import Counts, all_readings, copy_list, counts, scratch_database
from core.app import installed_apps
from core.database import Database
from core.migrations import upgrade
from core.writing import drafted

MOST_NAMED = 12

Stage = Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]
"""Shows what is being done to how many texts; gives what takes how many are done."""


def _silent(_: str, __: int | None) -> AbstractContextManager[Callable[[int], None]]:
    return nullcontext(lambda _: None)


@dataclass(frozen=True)
class Plan:
    """What is replayed. delay: from publication to capture;  own: with the user's companies and rules, not only those
    that come with the app
    """

    archives: Sequence[Path]
    prices: Path
    market: Market
    delay: timedelta
    since: datetime = FIRST
    until: datetime = LAST
    own: bool = True
    skip_bad: bool = False


def backtest(
    source: Database, moods: MoodReader, plan: Plan, settings: FinanceSettings, stage: Stage = _silent
) -> BacktestReport:
    """source: has the companies and rules

    raises: Invalid and its kin for files that cannot be used; what opening the model raises
    """
    texts = read_texts(plan.archives, plan.delay, settings, since=plan.since, until=plan.until, skip_bad=plan.skip_bad)
    with _scratch() as database:
        rules = copy_list(source, database, own=plan.own)
        remembered = RememberedMoods(moods)
        replay = Replay(database, settings, remembered, texts.items[0].document.fetched_at)
        listing = replay.live.now()
        prices = read_prices(plan.prices, list(listing.rows.values()), plan.market.zone)
        total = len(texts.items)
        documents = [one.document for one in texts.items]
        with stage("Reading moods", total) as show:
            remembered.read_ahead(documents, listing, show)
        with stage("Replaying", total) as show:
            replayed = replay.run(texts.items, show)
        held = counts(database)
        found = measure(replayed, all_readings(database), held.entities, prices, plan.market)
        model = remembered.read([]).model
        names = {entity: row.name for entity, row in listing.rows.items()}
    notes = list(_notes(texts, replayed, held, prices, found, rules))
    first, last = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (replayed.first, replayed.last))
    minutes = plan.delay / timedelta(minutes=1)
    return BacktestReport(model, first, last, minutes, plan.market, held, found, names, notes)


def write_report(report: BacktestReport, folder: Path) -> None:
    """Write report.html, report.md and result.json. raises: TriviumError where they cannot be written"""
    contents = {"report.html": report.to_html(), "report.md": report.to_markdown(), "result.json": report.to_json()}
    for name, content in contents.items():
        with drafted(folder / name) as draft:
            draft.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(content, encoding="utf-8")


@contextmanager
def _scratch() -> Iterator[Database]:
    with tempfile.TemporaryDirectory(prefix="trivium-backtest-") as folder:
        database = scratch_database(Path(folder) / "replay.db")
        try:
            upgrade(database, installed_apps()[0])
            yield database
        finally:
            database.close()


def _notes(
    texts: Texts, replayed: Replayed, held: Counts, prices: Prices, found: Measured, rules: int
) -> Iterator[str]:
    left_out = {
        "without a date": texts.undated,
        "in rows that cannot be used": texts.bad,
        "without a word": texts.empty,
        "outside of the asked time": texts.outside,
        "known already by the same source and id": replayed.known_twice,
    }
    for why, number in left_out.items():
        if number:
            yield f"Texts {why}, left out: {number:,}."
    if not held.linked:
        yield "No text names a company of the list, so there is no index."
    if not found.alerts:
        yield "No alert was opened, so there is no precision and no delay."
    if rules:
        yield f"Your own rules that were looked at once an hour: {rules}."
    if prices.unknown:
        yield f"Tickers of the prices of no company in the list: {_some(prices.unknown)}."
    if prices.doubtful:
        yield f"Tickers that fit several companies, or the second of one company, left out: {_some(prices.doubtful)}."
    if prices.gaps:
        yield f"Prices missing in between: {prices.gaps:,}. No return is counted over such a gap."
    unpriced = sum(one.later is None for one in found.alerts)
    if unpriced:
        yield f"Alerts without a price on the next trading day, not counted in its precision: {unpriced:,}."
    for name, what in {"ic_index": "index", "ic_change": "change of the index"}.items():
        if name not in found.figures:
            yield f"Fewer than {FEWEST_DAYS} days have the {what} of {FEWEST} companies: no coefficient is told."


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{len(names)} ({', '.join(names[:MOST_NAMED])}{more})"
