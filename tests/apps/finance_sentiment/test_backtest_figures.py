"""A backtest's figures: indices as they were known, coefficients, unusual moves, prices as files have them."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from apps.finance_sentiment.errors import BadPrices
from apps.finance_sentiment.pipeline.backtest.chance import drawn_days, mean_over_days
from apps.finance_sentiment.pipeline.backtest.coefficient import changes, coefficients
from apps.finance_sentiment.pipeline.backtest.daily import closing_times, daily_index
from apps.finance_sentiment.pipeline.backtest.moves import hits, moved, returns_of
from apps.finance_sentiment.pipeline.backtest.prices import read_prices
from apps.finance_sentiment.pipeline.buckets import parse_bucket
from apps.finance_sentiment.pipeline.timeline import Span, timeline
from apps.finance_sentiment.store.archive_tables import ReadingRow
from apps.finance_sentiment.store.entity_tables import EntityRow
from apps.finance_sentiment.store.replayed import Known, all_readings
from apps.finance_sentiment.store.timeline import Scope
from core.rows import BadRow
from tests.apps.finance_sentiment.archive import captured, reading
from tests.apps.finance_sentiment.conftest import HOUR, Desk

NEW_YORK = ZoneInfo("America/New_York")
DAYS = [date(2024, 1, 3), date(2024, 1, 4), date(2024, 1, 5)]
CLOSES = closing_times(DAYS, time(16), NEW_YORK)
NOON = datetime(2024, 1, 3, 17, tzinfo=UTC)  # four hours before the first close
SAID = Known("acme", NOON, NOON, None, 100, False, True, 0.8)


def index(*readings: Known) -> list[float]:
    return np.round(daily_index(readings, ["acme"], CLOSES, half_life=24.0)[:, 0], 3).tolist()


def test_a_close_follows_the_summer_time_of_its_zone():
    found = closing_times([date(2024, 1, 3), date(2024, 7, 3)], time(16), NEW_YORK)
    assert [datetime.fromtimestamp(hour * 3600, UTC).hour for hour in found] == [21, 20]


def test_a_text_that_became_known_late_counts_from_the_close_after_that():
    late = replace_known(SAID, score=-0.8, known_at=NOON + timedelta(days=1))
    first, second, _ = index(SAID, late)
    assert (first, second) == (0.8, 0.0)


def test_a_correction_does_not_reach_back_to_the_closes_before_it():
    corrected_at = NOON + timedelta(days=2)
    before = replace_known(SAID, until=corrected_at)
    after = replace_known(SAID, score=-0.5, known_at=corrected_at)
    assert index(before, after) == [0.8, 0.8, -0.5]


def replace_known(one: Known, **values: object) -> Known:
    return one._replace(**values)  # type: ignore[arg-type]


def test_echoes_and_readings_without_evidence_do_not_count():
    assert (
        index(SAID, replace_known(SAID, score=-1.0, echo=True), replace_known(SAID, score=-1.0, enough=False))
        == [0.8] * 3
    )


def test_the_index_is_that_of_the_timeline_as_it_was_known_then(desk: Desk):
    with desk.database.session(write=True) as session:
        for hours, score, after in ((0, 0.9, 1), (5, -0.4, 30), (30, -0.7, 1), (44, 0.2, 2)):
            document = captured(session, f"Acme {hours}", NOON + hours * HOUR)
            session.add(reading(document, "acme", score, known_at=NOON + (hours + after) * HOUR))
        session.flush()
        first = session.query(ReadingRow).order_by(ReadingRow.id).first()
        assert first is not None
        first.until = NOON + 26 * HOUR
    found = daily_index(all_readings(desk.database), ["acme"], CLOSES, half_life=24.0)[:, 0]
    for close, mood in zip(CLOSES, found, strict=True):
        then = datetime.fromtimestamp(close * 3600, UTC)
        span = Span(then - 240 * HOUR, then, parse_bucket("1d"), 24.0, ZoneInfo("UTC"), as_of=then)
        known = timeline(desk.database, Scope(entity="acme"), span, then + 900 * HOUR).points[-1]["index"]
        assert np.isnan(mood) if known is None else mood == pytest.approx(known, abs=1e-5)


def test_a_perfect_predictor_has_a_coefficient_of_one_and_a_random_one_an_interval_over_zero():
    chance = np.random.default_rng(1)
    returns = chance.normal(0, 0.02, (250, 30))
    perfect = mean_over_days(coefficients(returns * 3 + 0.1, returns))
    blind = mean_over_days(coefficients(chance.normal(0, 1, (250, 30)), returns))
    assert perfect is not None
    assert perfect.value == pytest.approx(1.0)
    assert blind is not None
    assert blind.low < 0 < blind.high
    assert abs(blind.value) < 0.05


def test_a_day_with_too_few_companies_or_without_any_order_has_no_coefficient():
    returns = np.array([[0.1, 0.2, 0.3, 0.4, 0.5]] * 3)
    said = np.array([[0.1, np.nan, 0.2, 0.3, 0.4], [0.5] * 5, [0.1, 0.2, 0.3, 0.4, 0.5]])
    assert np.isnan(coefficients(said, returns)).tolist() == [True, True, False]
    assert np.isnan(changes(said)[:, 1]).tolist() == [True, True, False]


def test_blocks_of_days_are_drawn_whole_and_each_line_has_all_days():
    drawn = drawn_days(40, resamples=100)
    assert drawn.sum(axis=1).tolist() == [40.0] * 100
    assert mean_over_days(np.array([])) is None


def test_an_unusual_move_is_told_from_the_days_before_it_only():
    chance = np.random.default_rng(2)
    closes = 100 * np.cumprod(1 + chance.normal(0, 0.01, (80, 1)), axis=0)
    closes[60:] *= 0.8
    told = moved(returns_of(closes), sigmas=3.0)[:, 0]
    assert told[60] == 1.0
    assert np.isnan(told[:21]).all()
    later = closes.copy()
    later[70:] *= 5
    assert np.array_equal(moved(returns_of(later), sigmas=3.0)[:70, 0], told[:70], equal_nan=True)


def test_no_return_is_counted_over_a_gap():
    returns = returns_of(np.array([[1.0], [1.1], [np.nan], [1.3], [1.43]]))
    assert np.round(returns[:, 0], 2).tolist()[4] == 0.1
    assert np.isnan(returns[[2, 3], 0]).all()


def test_lift_compares_alerts_with_all_days_of_the_same_companies():
    moves = np.zeros((100, 2))
    moves[::10, 0] = 1.0  # every tenth day of the first company, never of the second
    found = hits([(day, 0) for day in range(9, 99, 10)], moves, later=1)
    assert found.precision is not None
    assert found.base is not None
    assert found.lift is not None
    assert (found.alerts, found.precision.value, found.base.value, found.lift.value) == (9, 1.0, 0.1, 10.0)
    assert found.precision.low < 0.75
    assert hits([], moves, later=1).lift is None


def company(key: str, *tickers: str) -> EntityRow:
    return EntityRow(id=key, tickers=list(tickers))


COMPANIES = [
    company("acme", "NYSE:ACM", "LSE:ACMX"),
    company("bolt", "NASDAQ:BLT.A"),
    company("bolero", "LSE:BLT.A"),
    company("corn", "NASDAQ:CRN"),
]


def prices(folder: Path, text: str):
    path = folder / "prices.csv"
    path.write_text(text)
    return read_prices(path, COMPANIES, NEW_YORK)


def test_prices_are_matched_by_symbol_and_what_fits_nobody_or_several_is_told(tmp_path: Path):
    lines = "date,symbol,close\n2024-01-03,ACM,10\n2024-01-04,ACM,11\n2024-01-03,ZZZ,1\n2024-01-03,BLT-A,3\n"
    found = prices(tmp_path, lines)
    assert (found.entities, found.unknown, found.doubtful) == (["acme"], ["ZZZ"], ["BLT-A"])
    assert found.closes[:, 0].tolist() == [10.0, 11.0]


def test_a_symbol_on_two_exchanges_is_that_of_the_exchange_of_most_other_prices(tmp_path: Path):
    found = prices(tmp_path, "date,symbol,close\n2024-01-03,ACM,10\n2024-01-03,BLT-A,3\n2024-01-03,CRN,4\n")
    assert (found.entities, found.doubtful) == (["acme", "bolt", "corn"], [])


def test_an_exchange_settles_a_doubtful_symbol_and_a_second_listing_is_left_out(tmp_path: Path):
    lines = "Date,Ticker,Close\n2024-01-03,NASDAQ:BLT.A,3\n2024-01-03,ACMX,7\n2024-01-03,ACM,10\n"
    found = prices(tmp_path, lines)
    assert (found.entities, found.closes[0].tolist(), found.doubtful) == (["acme", "bolt"], [10.0, 3.0], ["ACMX"])


def test_a_timestamp_falls_on_the_day_of_the_market(tmp_path: Path):
    found = prices(tmp_path, "timestamp,entity,close\n2024-01-04T01:00:00Z,acme,10\n")
    assert found.days == [date(2024, 1, 3)]


def test_a_gap_is_counted_and_a_holiday_of_one_company_is_no_trading_day(tmp_path: Path):
    days = ["2024-01-03", "2024-01-04", "2024-01-05"]
    lines = [f"{day},acme,10" for day in days if day != "2024-01-04"] + [f"{day},bolt,3" for day in days]
    found = prices(tmp_path, "date,entity,close\n" + "\n".join(lines) + "\n2024-01-06,bolt,\n")
    assert (len(found.days), found.gaps) == (3, 1)


def test_a_folder_holds_a_file_for_each_ticker_and_adjusted_prices_come_first(tmp_path: Path):
    (tmp_path / "ACM.csv").write_text("Date,Open,Close,Adj Close\n2024-01-03,1,10,9.5\n")
    found = read_prices(tmp_path, COMPANIES, NEW_YORK)
    assert (found.entities, found.closes.tolist()) == (["acme"], [[9.5]])


@pytest.mark.parametrize("close", ["-1", "0", "ten", "inf"])
def test_a_price_that_is_none_is_told_with_its_line(tmp_path: Path, close: str):
    with pytest.raises(BadRow, match=r"ine 2 of prices\.csv has the price"):
        prices(tmp_path, f"date,ticker,close\n2024-01-03,ACM,{close}\n")


def test_prices_of_unknown_companies_alone_are_refused(tmp_path: Path):
    with pytest.raises(BadPrices, match=r"one of the 1 tickers of prices\.csv is of a company in the list"):
        prices(tmp_path, "date,ticker,close\n2024-01-03,ZZZ,1\n")
