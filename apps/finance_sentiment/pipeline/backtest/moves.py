"""Unusual moves of prices, and how many alerts came before one. A move is told from the days before it only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from apps.finance_sentiment.pipeline.backtest.chance import over_days
from apps.finance_sentiment.pipeline.mood_index import Floats
from apps.finance_sentiment.store.replayed import Opened
from core.evaluation.intervals import Figure, Share

TRAILING = 60  # days from which the usual size of a return is taken
FEWEST_TRAILING = 20
HOUR_S = 3_600


@dataclass(frozen=True)
class Hits:
    """How often an unusual move came with the day. alerts: those with a price then

    precision: share of alerts;  base: share of all days of the same companies, weighted by their alerts;  lift: the
    quotient. None where there is no such alert
    """

    alerts: int
    precision: Figure | None
    base: Figure | None
    lift: Figure | None


def returns_of(closes: Floats) -> Floats:
    """The return from the trading day before, (d, e); nan in the first row and beside a gap. closes: (d, e)"""
    found = np.full_like(closes, np.nan)
    found[1:] = closes[1:] / closes[:-1] - 1.0
    return found


def moved(returns: Floats, sigmas: float) -> Floats:
    """1 where a return is larger than so many standard deviations of the 60 before it, 0 where not; nan: not known.

    returns, and what is returned: (d, e)
    """
    known = np.isfinite(returns)
    values = np.where(known, returns, 0.0)
    count, total, square = (_before(one) for one in (known.astype(np.float64), values, values**2))
    enough = count >= FEWEST_TRAILING
    n = np.maximum(count, 2.0)
    deviation = np.sqrt(np.maximum(square - total**2 / n, 0.0) / (n - 1.0))
    return np.where(known & enough, (np.abs(values) > sigmas * deviation).astype(np.float64), np.nan)


def _before(values: Floats) -> Floats:
    """The sum over the TRAILING rows before each row."""
    sums = np.zeros((len(values) + 1, values.shape[1]))
    sums[1:] = np.cumsum(values, axis=0)
    ends = np.arange(len(values))
    return np.asarray(sums[ends] - sums[np.maximum(ends - TRAILING, 0)])


def sessions(alerts: Sequence[Opened], entities: Sequence[str], closes_at: Floats) -> list[tuple[int, int]]:
    """For each alert of a company with prices: the first day that closes after it, and the company's column.

    closes_at: hours since 1970, ascending (d,)
    """
    places = {entity: at for at, entity in enumerate(entities)}
    found = []
    for one in alerts:
        day = int(np.searchsorted(closes_at, one.at.timestamp() / HOUR_S, side="left"))
        if one.entity in places and day < len(closes_at):
            found.append((day, places[one.entity]))
    return found


def hits(placed: Sequence[tuple[int, int]], moves: Floats, later: int) -> Hits:
    """Against the moves of the day that is `later` trading days after each alert's.

    placed: as `sessions` gives them, of days of the backtest;  moves: (d, e) of these days
    """
    days, entities = moves.shape
    alerts, hit = np.zeros((days, entities)), np.zeros((days, entities))
    for day, column in placed:
        if day + later < days and np.isfinite(moves[day + later, column]):
            alerts[day + later, column] += 1.0
            hit[day + later, column] += moves[day + later, column]
    known, values = np.isfinite(moves).astype(np.float64), np.nan_to_num(moves)

    def precision(counts: Floats) -> Floats:
        return _shares(counts @ hit.sum(axis=1), counts @ alerts.sum(axis=1))

    def base(counts: Floats) -> Floats:
        drawn = counts @ alerts  # (r, d) @ (d, e) -> (r, e)
        usual = np.nan_to_num(_shares(counts @ values, counts @ known))
        return _shares((drawn * usual).sum(axis=1), drawn.sum(axis=1))

    def lift(counts: Floats) -> Floats:
        return _shares(precision(counts), base(counts))

    n = int(alerts.sum())
    found, usual, times = (over_days(measure, days if n else 0, n) for measure in (precision, base, lift))
    if found is None or usual is None:
        return Hits(n, found, usual, times)
    # of few alerts the bootstrap sees too little: at least as wide as of so many that are independent
    least = Share(int(hit.sum()), n).interval()
    if times is not None:
        times = _widened(times, least[0] / usual.value, least[1] / usual.value)
    return Hits(n, _widened(found, *least), usual, times)


def _widened(figure: Figure, low: float, high: float) -> Figure:
    return replace(figure, low=min(figure.low, low), high=max(figure.high, high))


def _shares(part: Floats, whole: Floats) -> Floats:
    """nan where there is no whole."""
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0))
