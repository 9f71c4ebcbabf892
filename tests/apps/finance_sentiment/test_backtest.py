"""The backtest: what a replay knows when, that reading ahead changes nothing, and the whole way to a report."""

import json
import random
from datetime import UTC, date, datetime, time, timedelta
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from apps.finance_sentiment.errors import ArchiveWithoutDates, BadDocumentRows, NothingToReplay
from apps.finance_sentiment.pipeline.backtest.archive import Texts, read_texts
from apps.finance_sentiment.pipeline.backtest.measuring import Market
from apps.finance_sentiment.pipeline.backtest.remembered import RememberedMoods
from apps.finance_sentiment.pipeline.backtest.replay import Replay, Replayed
from apps.finance_sentiment.pipeline.backtest.running import Plan, backtest, write_report
from apps.finance_sentiment.pipeline.mood import MoodReader
from apps.finance_sentiment.schemas.entities import EntityEdit
from apps.finance_sentiment.schemas.rules import RuleEdit
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.archive_tables import HourRow, ReadingRow
from apps.finance_sentiment.store.entities import Entities
from apps.finance_sentiment.store.replayed import copy_list, scratch_database
from apps.finance_sentiment.store.rules import Rules
from core.app import installed_apps
from core.database import Database
from core.migrations import upgrade
from core.testing.fakes import FixedClock
from tests.apps.finance_sentiment.conftest import Desk
from tests.apps.finance_sentiment.word_moods import WordClassifier, word_moods

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
BREAKS = MONDAY + timedelta(days=10, hours=14)  # Thursday the 11th, 09:00 in New York
DELAY = timedelta(minutes=5)
SETTINGS = FinanceSettings(shipped_companies=False)
NEW_YORK = ZoneInfo("America/New_York")
MARKET = Market(time(16), NEW_YORK, sigmas=2.0, half_life=24.0)
SYLLABLES = ("ba", "ko", "ri", "tum", "el", "vas", "no", "pi", "sor", "quen")


def text(chance: random.Random, name: str, verb: str) -> str:
    words = ["".join(chance.choices(SYLLABLES, k=3)) for _ in range(5)]
    return f"{name} {verb} {' '.join(words)}"


def row(title: str, at: datetime, **more: str) -> dict[str, str]:
    return {"title": title, "published_at": at.isoformat(), **more}


def quiet_days(days: int = 14) -> list[dict[str, str]]:
    """A text on each company in every other hour."""
    chance = random.Random(3)
    return [
        row(text(chance, name, chance.choice(["rises", "falls", "waits"])), MONDAY + timedelta(hours=hour, minutes=20))
        for hour in range(0, 24 * days, 2)
        for name in ("Acme", "Bolt Motors")
    ]


def bad_news(at: datetime = BREAKS) -> list[dict[str, str]]:
    chance = random.Random(4)
    return [row(text(chance, "Acme", "falls"), at + timedelta(minutes=3 * number)) for number in range(15)]


def written(path: Path, rows: list[dict[str, str]]) -> Path:
    path.write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    return path


def texts(folder: Path, rows: list[dict[str, str]]) -> Texts:
    return read_texts([written(folder / "archive.jsonl", rows)], DELAY, SETTINGS)


def replay(folder: Path, rows: list[dict[str, str]], moods: MoodReader) -> tuple[Replay, Replayed, Database]:
    database = scratch_database(folder / f"{len(list(folder.iterdir()))}.db")
    upgrade(database, installed_apps()[0])
    entities = Entities(database, FixedClock(MONDAY))
    entities.put("acme", EntityEdit(name="Acme"))
    entities.put("bolt", EntityEdit(name="Bolt Motors"))
    items = texts(folder, rows).items
    lived = Replay(database, SETTINGS, moods, items[0].document.fetched_at)
    if isinstance(moods, RememberedMoods):
        moods.read_ahead([one.document for one in items], lived.live.now())
    return lived, lived.run(items), database


def opened(done: Replayed) -> list[tuple[str, datetime]]:
    return [(one.entity, one.at) for one in done.alerts]


def kept(database: Database) -> tuple[list[object], list[object]]:
    with database.session() as session:
        readings = [
            (one.document_id, one.entity_id, one.known_at, one.score, one.relevance, one.echo, one.sentence)
            for one in session.query(ReadingRow).order_by(ReadingRow.id)
        ]
        hours = [
            (one.entity_id, one.hour, one.volume, one.echoes, one.weight, one.weighted)
            for one in session.query(HourRow).order_by(HourRow.entity_id, HourRow.hour)
        ]
    database.close()
    return readings, hours


def test_moods_read_ahead_give_the_same_archive_and_alerts_as_moods_read_hour_by_hour(tmp_path: Path):
    rows = quiet_days() + bad_news()
    _, ahead, one = replay(tmp_path, rows, RememberedMoods(word_moods()))
    _, by_hour, other = replay(tmp_path, rows, word_moods())
    assert ahead == by_hour
    assert kept(one) == kept(other)


def test_the_model_is_asked_once_for_each_row_and_all_of_it_before_the_replay(tmp_path: Path):
    classifier = WordClassifier()
    moods = RememberedMoods(word_moods(classifier))
    rows = [row("Acme falls today at noon", MONDAY), row("Acme falls today at noon", MONDAY + timedelta(hours=5))]
    replay(tmp_path, rows, moods)[2].close()
    assert [one.text for one in classifier.read] == ["Acme falls today at noon"]


def test_a_burst_of_bad_news_is_told_when_its_hour_is_over_and_nobody_is_sent_a_message(tmp_path: Path):
    _, done, database = replay(tmp_path, quiet_days() + bad_news(), RememberedMoods(word_moods()))
    database.close()
    assert opened(done) == [("acme", BREAKS + timedelta(hours=1, minutes=10))]
    assert done.alerts[0].first_told is not None
    assert BREAKS <= done.alerts[0].first_told < BREAKS + timedelta(hours=1)


def test_texts_that_became_known_late_change_nothing_of_what_was_told_before(tmp_path: Path):
    late = BREAKS + timedelta(days=2)
    news = [one | {"fetched_at": late.isoformat()} for one in bad_news()]
    _, without, one = replay(tmp_path, quiet_days(), RememberedMoods(word_moods()))
    _, with_late, other = replay(tmp_path, quiet_days() + news, RememberedMoods(word_moods()))
    assert [at for at in opened(with_late) if at[1] < late] == [at for at in opened(without) if at[1] < late]
    before = [reading for reading in kept(other)[0] if reading[2] < late]  # type: ignore[index]
    assert before == [reading for reading in kept(one)[0] if reading[2] < late]  # type: ignore[index]


def test_of_two_texts_with_one_id_the_one_known_first_counts(tmp_path: Path):
    rows = [
        row("Acme falls after a report", MONDAY, id="7", fetched_at=(MONDAY + timedelta(hours=9)).isoformat()),
        row("Acme rises after a report", MONDAY, id="7"),
    ]
    _, done, database = replay(tmp_path, rows, RememberedMoods(word_moods()))
    assert done.known_twice == 1
    assert [reading[3] > 0 for reading in kept(database)[0]] == [True]  # type: ignore[index]


def test_an_archive_without_dates_is_refused_in_one_sentence(tmp_path: Path):
    path = written(tmp_path / "a.jsonl", [{"title": "Acme falls"}, {"title": "Acme rises"}])
    with pytest.raises(ArchiveWithoutDates, match=r"^None of the 2 texts has a date, so there is no order"):
        read_texts([path], DELAY, SETTINGS)


def test_a_text_without_a_date_among_others_is_left_out_and_counted(tmp_path: Path):
    found = texts(tmp_path, [row("Acme falls", MONDAY), {"title": "Acme rises"}])
    assert (len(found.items), found.undated) == (1, 1)


def test_rows_that_cannot_be_used_are_told_with_their_line(tmp_path: Path):
    path = written(tmp_path / "a.jsonl", [row("Acme falls", MONDAY), {"title": "Acme", "published_at": "soon"}])
    with pytest.raises(BadDocumentRows, match=r"ine 2 of a\.jsonl"):
        read_texts([path], DELAY, SETTINGS)
    assert read_texts([path], DELAY, SETTINGS, skip_bad=True).bad == 1


def test_a_time_in_which_nothing_lies_is_said(tmp_path: Path):
    path = written(tmp_path / "a.jsonl", [row("Acme falls", MONDAY)])
    with pytest.raises(NothingToReplay, match="None of the 1 texts lies in the asked time"):
        read_texts([path], DELAY, SETTINGS, since=MONDAY + timedelta(days=1))


def test_companies_and_rules_are_copied_without_anybody_to_send_to(desk: Desk, tmp_path: Path):
    desk.live.entities.remove("bolt")
    what = {"kind": "volume", "at_least": 3, "window_minutes": 60}
    rule = RuleEdit.model_validate({"name": "Many", "who": {"kind": "all"}, "what": what})
    Rules(desk.database, desk.clock).add(rule)
    target = scratch_database(tmp_path / "replay.db")
    upgrade(target, installed_apps()[0])
    assert copy_list(desk.database, target, own=True) == 1
    assert [one.id for one in Entities(target, desk.clock).all()] == ["acme"]
    assert [one.channels for one in Rules(target, desk.clock).all()] == [[]]
    target.close()


def closes(folder: Path, falls_on: date | None) -> Path:
    """A quiet price for both, and one fall of Acme's."""
    chance = random.Random(5)
    lines, day = ["date,ticker,close"], date(2023, 10, 2)
    price = {"acme": 100.0, "bolt": 50.0, "nobody": 1.0}
    while day < date(2024, 1, 20):
        if day.weekday() < 5:
            for name in price:
                price[name] *= 1 + chance.uniform(-0.01, 0.01) - 0.2 * (day == falls_on and name == "acme")
                lines.append(f"{day},{name},{price[name]:.4f}")
        day += timedelta(days=1)
    path = folder / "prices.csv"
    path.write_text("\n".join(lines))
    return path


def plan(folder: Path, rows: list[dict[str, str]], falls_on: date | None = date(2024, 1, 12)) -> Plan:
    return Plan([written(folder / "archive.jsonl", rows)], closes(folder, falls_on), MARKET, DELAY)


class Balanced(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, _: object) -> None:
        if tag not in ("meta", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, *_: object) -> None:
        pass


def test_an_alert_before_a_fall_is_a_hit_and_the_report_says_so_in_three_forms(desk: Desk, tmp_path: Path):
    report = backtest(desk.database, word_moods(), plan(tmp_path, quiet_days() + bad_news()), SETTINGS)
    found = report.as_dict()
    assert found["figures"]["next_day_precision"]["value"] == 1.0
    assert found["delay_minutes"]["median"] <= 70
    [alert] = found["alerts"]
    assert alert["unusual_next_day"] is True
    assert alert["return_next_day"] < -0.15
    assert any("nobody" in note for note in found["notes"])
    write_report(report, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "result.json").read_text()) == found
    assert "| 2024-01-11 15:10 | Acme | unforeseen |" in (tmp_path / "out" / "report.md").read_text()
    page = (tmp_path / "out" / "report.html").read_text()
    reader = Balanced()
    reader.feed(page.removeprefix("<!doctype html>"))
    assert reader.open == []
    assert page.count("<svg") == 2


def test_an_alert_after_the_fall_is_no_hit_of_the_next_day(desk: Desk, tmp_path: Path):
    rows = quiet_days() + bad_news()
    report = backtest(desk.database, word_moods(), plan(tmp_path, rows, falls_on=date(2024, 1, 11)), SETTINGS)
    figures = report.as_dict()["figures"]
    assert (figures["next_day_precision"]["value"], figures["same_day_precision"]["value"]) == (0.0, 1.0)


def test_without_alerts_there_is_no_precision_and_the_report_says_why(desk: Desk, tmp_path: Path):
    report = backtest(desk.database, word_moods(), plan(tmp_path, quiet_days(3)), SETTINGS)
    assert "next_day_precision" not in report.found.figures
    assert "ic_index" not in report.found.figures
    assert "No alert was opened, so there is no precision and no delay." in report.notes
    assert "Backtest of market mood" in report.to_markdown()
    assert "<svg" in report.to_html()


def test_the_monitors_own_database_is_left_as_it_was(desk: Desk, tmp_path: Path):
    backtest(desk.database, word_moods(), plan(tmp_path, quiet_days(2)), SETTINGS)
    assert desk.readings() == []
    assert desk.hours() == {}
