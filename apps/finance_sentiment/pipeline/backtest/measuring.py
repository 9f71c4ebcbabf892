"""What a replay was worth, against prices. Reads no database and draws nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from apps.finance_sentiment.errors import BadPrices
from apps.finance_sentiment.pipeline.backtest.chance import mean_over_days
from apps.finance_sentiment.pipeline.backtest.coefficient import Quarter, by_quarter, changes, coefficients
from apps.finance_sentiment.pipeline.backtest.daily import closing_times, daily_index
from apps.finance_sentiment.pipeline.backtest.moves import Hits, hits, moved, returns_of, sessions
from apps.finance_sentiment.pipeline.backtest.prices import Prices
from apps.finance_sentiment.pipeline.backtest.replay import Replayed
from apps.finance_sentiment.pipeline.mood_index import Floats
from apps.finance_sentiment.store.replayed import Known, Opened
from core.evaluation.intervals import Figure

DAYS_A_WEEK, PER = 7, 100
LEAST_DELAYS = 1


@dataclass(frozen=True)
class Market:
    """When the market closes, what an unusual move is, and how fast moods fade. half_life: hours"""

    close: time
    zone: ZoneInfo
    sigmas: float
    half_life: float


@dataclass(frozen=True)
class Alerted:
    """An alert and the returns around it. at_close: of the first close after it;  later: of the trading day after that

    None: no price;  unusual: whether `later` was
    """

    alert: Opened
    at_close: float | None
    later: float | None
    unusual: bool | None


@dataclass(frozen=True)
class Curve:
    """The index of one company on trading days, and the places of days that closed after an alert."""

    entity: str
    days: list[date]
    values: list[float | None]
    marked: list[int]


@dataclass(frozen=True)
class Measured:
    """Figures by name, those that the data cannot give left out.

    alerts: by time;  weeks: Mondays and their alerts;  delays: minutes, ascending;  covered: share of (company, day)
    with a return that have an index
    """

    figures: Mapping[str, Figure]
    alerts: list[Alerted]
    weeks: list[tuple[date, int]]
    delays: list[float]
    quarters: list[Quarter]
    covered: float
    trading_days: int
    priced: int
    curve: Curve | None


def measure(replayed: Replayed, readings: Sequence[Known], entities: int, prices: Prices, market: Market) -> Measured:
    """entities: companies of which anything was written

    raises: BadPrices where no trading day lies in the time of the archive
    """
    closes_at = closing_times(prices.days, market.close, market.zone)  # (d,)
    low = int(np.searchsorted(closes_at, replayed.first.timestamp() / 3_600, side="left"))
    high = int(np.searchsorted(closes_at, replayed.last.timestamp() / 3_600, side="right"))
    if low >= high:
        raise BadPrices(
            f"no trading day of the prices lies between {replayed.first:%Y-%m-%d} and {replayed.last:%Y-%m-%d}"
        )
    returns = returns_of(prices.closes)
    span, after = slice(low, high), slice(low, high + 1)
    following = _following(returns, low, high)
    index = daily_index(readings, prices.entities, closes_at[span], market.half_life)
    moves = moved(returns, market.sigmas)[after]
    placed = sessions(replayed.alerts, prices.entities, closes_at[after])
    found, change = coefficients(index, following), coefficients(changes(index), following)
    figures: dict[str, Figure | None] = {
        **_rates(replayed, entities),
        **_named("next_day", hits(placed, moves, 1)),
        **_named("same_day", hits(placed, moves, 0)),
        "ic_index": mean_over_days(found),
        "ic_change": mean_over_days(change),
    }
    both = np.isfinite(index) & np.isfinite(following)
    return Measured(
        figures={name: figure for name, figure in figures.items() if figure is not None},
        alerts=_alerted(replayed.alerts, prices.entities, closes_at[after], returns[after], moves),
        weeks=_weeks(replayed),
        delays=sorted((one.at - one.first_told) / timedelta(minutes=1) for one in replayed.alerts if one.first_told),
        quarters=by_quarter(prices.days[span], found),
        covered=float(both.sum() / max(1, np.isfinite(following).sum())),
        trading_days=high - low,
        priced=len(prices.entities),
        curve=_curve(readings, placed, prices, index, span),
    )


def _following(returns: Floats, low: int, high: int) -> Floats:
    """The return of the day after each of the span, (high - low, e)."""
    found = np.full((high - low, returns.shape[1]), np.nan)
    known = returns[low + 1 : high + 1]
    found[: len(known)] = known
    return found


def _named(name: str, found: Hits) -> dict[str, Figure | None]:
    return {f"{name}_precision": found.precision, f"{name}_base": found.base, f"{name}_lift": found.lift}


def _rates(replayed: Replayed, entities: int) -> dict[str, Figure | None]:
    days = (replayed.last.date() - replayed.first.date()).days + 1
    opened = Counter((one.at.date() - replayed.first.date()).days for one in replayed.alerts)
    a_day = mean_over_days(np.array([float(opened[day]) for day in range(days)]))
    if a_day is None or not entities:
        return {"alerts_a_day": a_day}
    times = DAYS_A_WEEK * PER / entities
    of_100 = Figure(a_day.value * times, a_day.low * times, a_day.high * times, a_day.n)
    return {"alerts_a_day": a_day, "alerts_a_week_of_100": of_100}


def _alerted(
    alerts: Sequence[Opened], entities: Sequence[str], closes_at: Floats, returns: Floats, moves: Floats
) -> list[Alerted]:
    found = []
    for one in alerts:
        placed = sessions([one], entities, closes_at)
        if not placed:
            found.append(Alerted(one, None, None, None))
            continue
        [(day, column)] = placed
        later = day + 1 < len(closes_at)
        unusual = _known(moves[day + 1, column]) if later else None
        found.append(
            Alerted(
                one,
                _known(returns[day, column]),
                _known(returns[day + 1, column]) if later else None,
                None if unusual is None else bool(unusual),
            )
        )
    return found


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _weeks(replayed: Replayed) -> list[tuple[date, int]]:
    def monday(moment: datetime) -> date:
        return moment.date() - timedelta(days=moment.weekday())

    opened = Counter(monday(one.at) for one in replayed.alerts)
    first, last = monday(replayed.first), monday(replayed.last)
    weeks = [first + timedelta(days=DAYS_A_WEEK * at) for at in range((last - first).days // DAYS_A_WEEK + 1)]
    return [(week, opened[week]) for week in weeks]


def _curve(
    readings: Sequence[Known], placed: Sequence[tuple[int, int]], prices: Prices, index: Floats, span: slice
) -> Curve | None:
    """Of the company of which most was written, among those with alerts where there are any."""
    written = Counter(one.entity for one in readings)
    alerted = {prices.entities[column] for _, column in placed}
    some = [entity for entity in prices.entities if written[entity] and (not alerted or entity in alerted)]
    if not some:
        return None
    entity = max(some, key=lambda one: (written[one], one))
    column = prices.entities.index(entity)
    days = prices.days[span]
    marked = sorted({day for day, of in placed if of == column and day < len(days)})
    return Curve(entity, days, [_known(value) for value in index[:, column]], marked)
