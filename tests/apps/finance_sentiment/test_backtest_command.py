"""`trivium finance backtest` from files to a report. A few words decide the moods: weights are not the point here."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from apps.finance_sentiment.schemas.entities import EntityEdit
from apps.finance_sentiment.store.archive_tables import DocumentRow
from apps.finance_sentiment.store.entities import Entities
from core.cli import build_cli
from core.cli.opening import opened_database
from core.clock import system_clock
from core.errors import TriviumError
from tests.apps.finance_sentiment.test_backtest import bad_news, closes, quiet_days, written
from tests.apps.finance_sentiment.word_moods import WordClassifier


@pytest.fixture(autouse=True)
def words_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command opens what reads words in place of a model; and two companies are in the list."""

    @contextmanager
    def opened(*_: object) -> Iterator[WordClassifier]:
        yield WordClassifier()

    monkeypatch.setattr("core.backend.serving.opened_classifier", opened)
    with opened_database() as database:
        entities = Entities(database, system_clock)
        entities.put("acme", EntityEdit(name="Acme"))
        entities.put("bolt", EntityEdit(name="Bolt Motors"))


def backtest(*arguments: object) -> Result:
    return CliRunner().invoke(build_cli()[0], ["finance", "backtest", *map(str, arguments)])


def told(*arguments: object) -> dict[str, Any]:
    done = backtest(*arguments, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)  # one object and nothing else
    return found


def test_a_report_with_plots_is_written_and_its_figures_are_printed(tmp_path: Path):
    archive, prices = written(tmp_path / "news.jsonl", quiet_days() + bad_news()), closes(tmp_path, date(2024, 1, 12))
    found = told(archive, "--prices", prices, "--out", tmp_path / "report")
    assert found["figures"]["next_day_precision"]["value"] == 1.0
    assert [(one["entity"], one["opened_at"][:16]) for one in found["alerts"]] == [("acme", "2024-01-11T15:10")]
    assert found["delay_minutes"]["median"] <= 70
    assert json.loads((tmp_path / "report" / "result.json").read_text()) == found
    page = (tmp_path / "report" / "report.html").read_text()
    assert page.count("<svg") == 2
    assert "Acme" in page
    with opened_database() as database, database.session() as session:
        assert session.query(DocumentRow).count() == 0  # the monitor's own archive is not touched


def test_a_person_reads_the_report_and_where_it_lies(tmp_path: Path):
    archive, prices = written(tmp_path / "news.jsonl", quiet_days(3)), closes(tmp_path, None)
    done = backtest(archive, "--prices", prices, "--out", tmp_path / "report")
    assert done.exit_code == 0
    assert done.stdout.startswith("# Backtest of market mood")
    assert "report.html" in done.stderr


def test_what_comes_later_changes_nothing_of_what_was_told_before(tmp_path: Path):
    """Neither later texts nor later prices; and a price never decides whether an alert is opened."""
    rows, until = quiet_days() + bad_news(), datetime.fromisoformat("2024-01-13T00:00:00+00:00")
    before = [one for one in rows if datetime.fromisoformat(one["published_at"]) < until]
    after = [one | {"title": one["title"].replace(" rises ", " falls ")} for one in rows if one not in before]
    archive = written(tmp_path / "news.jsonl", before + after)
    whole = told(archive, "--prices", closes(tmp_path, date(2024, 1, 12)))
    cut = told(archive, "--prices", closes(tmp_path, None), "--to", "2024-01-13")
    assert whole["to"] > until.isoformat() > cut["to"]

    def alerts(found: dict[str, Any]) -> list[tuple[str, ...]]:
        held = [one for one in found["alerts"] if datetime.fromisoformat(one["opened_at"]) < until]
        return [tuple(one[name] for name in ("entity", "opened_at", "severity", "headline")) for one in held]

    assert alerts(cut) == alerts(whole) != []


BAD_PRICES = {
    "date,ticker,close\n2024-01-02,acme,-3\n": "Line 2 of prices.csv has the price '-3', which is none",
    "date,ticker,close\nsoon,acme,3\n": "Line 2 of prices.csv has a date that is not ISO 8601",
    "date,price\n2024-01-02,3\n": "Line 2 of prices.csv lacks a ticker",
    "date,ticker,close\n2024-01-02,zzz,3\n": "None of the 1 tickers of prices.csv is of a company in the list",
    "date,ticker,close\n": "There are no prices in prices.csv",
    "": "There are no prices in prices.csv",
}


def test_prices_that_cannot_be_used_are_told_in_one_sentence(tmp_path: Path):
    archive, prices = written(tmp_path / "news.jsonl", quiet_days(1)), tmp_path / "prices.csv"

    def refused() -> str:
        done = backtest(archive, "--prices", prices, "--out", tmp_path / "report", "--json")
        assert (done.exit_code, done.stdout) == (1, "")
        assert isinstance(done.exception, TriviumError)
        return str(done.exception)

    assert "prices.csv" in refused()  # it does not exist
    for lines, said in BAD_PRICES.items():
        prices.write_text(lines)
        assert refused().startswith(said)
    assert not (tmp_path / "report").exists()
