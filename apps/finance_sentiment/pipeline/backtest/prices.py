"""Closing prices of the companies of the list, one a trading day. Reads files; predicts nothing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import numpy as np

from apps.finance_sentiment.errors import BadPrices
from apps.finance_sentiment.pipeline.mood_index import Floats
from apps.finance_sentiment.schemas.moments import parse_moment
from core.errors import Invalid
from core.rows import BadRow, Row, read_rows

CLOSES = ("adj close", "adj_close", "adjusted_close", "adjclose", "close")  # the first that a file has
NAMES = ("entity", "ticker", "symbol")
NOTHING = ("", "null", "nan", "none", "n/a", "-")
KINDS = (".csv", ".parquet")


class Company(Protocol):
    """What a price is matched by."""

    @property
    def id(self) -> str: ...
    @property
    def tickers(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Prices:
    """days: trading days, ascending (d,);  entities: (e,);  closes: (d, e), nan where there is none

    unknown: names of the files that no company of the list has;  doubtful: that fit several, or one that has a price
    already;  gaps: trading days between a company's first and last without its price
    """

    days: list[date]
    entities: list[str]
    closes: Floats
    unknown: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    gaps: int = 0


def read_prices(source: Path, companies: Sequence[Company], zone: ZoneInfo) -> Prices:
    """A file with `date` or `timestamp`, `entity`, `ticker` or `symbol`, and `close`; or a folder, one a ticker.

    zone: in which a timestamp falls on a day
    raises: Invalid, BadRow for what is no such file; BadPrices where no price is of a company of the list
    """
    series: dict[str, dict[date, float]] = {}
    for path, name in _files(source):
        for row in read_rows(path, column=None):
            _take(path, row, name, zone, series)
    series = {name: prices for name, prices in series.items() if prices}
    if not series:
        raise BadPrices(f"there are no prices in {source.name}")
    chosen, unknown, doubtful = _matched(sorted(series), companies)
    if not chosen:
        raise BadPrices(f"none of the {len(series)} tickers of {source.name} is of a company in the list")
    return _table({entity: series[name] for name, entity in chosen.items()}, unknown, doubtful)


def _files(source: Path) -> Iterator[tuple[Path, str]]:
    """Each file, with the ticker of all its rows where it is named after one."""
    if not source.is_dir():
        yield source, ""
        return
    files = sorted(path for path in source.iterdir() if path.name.lower().endswith(KINDS))
    if not files:
        raise Invalid(f"the folder {source.name} holds no file of prices", remedy="put one .csv for each ticker there")
    for path in files:
        yield path, path.stem


def _take(path: Path, row: Row, name: str, zone: ZoneInfo, series: dict[str, dict[date, float]]) -> None:
    fields = {str(key).strip().lower(): value for key, value in row.fields.items()}
    name = name or next((str(fields[one]).strip() for one in NAMES if fields.get(one)), "")
    column = next((one for one in CLOSES if one in fields), None)
    if not name or column is None:
        raise BadRow(path, row.line, "lacks a ticker (`ticker`, `symbol` or `entity`) or a price (`close`)")
    close = _close(fields[column])
    if close is not None and not close > 0.0:
        raise BadRow(path, row.line, f"has the price {fields[column]!r:.40}, which is none")
    prices = series.setdefault(name, {})
    if close is not None:
        prices[_day(path, row.line, fields, zone)] = close


def _close(written: Any) -> float | None:
    """nan for what is no price, None for nothing."""
    if written is None or str(written).strip().lower() in NOTHING:
        return None
    try:
        value = float(written)
    except (TypeError, ValueError):
        return float("nan")
    return value if np.isfinite(value) else float("nan")


def _day(path: Path, line: int, fields: Mapping[str, Any], zone: ZoneInfo) -> date:
    written = fields.get("date")
    try:
        if isinstance(written, datetime):
            return written.date()
        if isinstance(written, date):
            return written
        if isinstance(written, str) and written.strip():
            return date.fromisoformat(written.strip()[:10])
        moment = parse_moment(fields.get("timestamp"))
    except ValueError as error:
        raise BadRow(path, line, "has a date that is not ISO 8601") from error
    if moment is None:
        raise BadRow(path, line, "has no `date` and no `timestamp`")
    return moment.astimezone(zone).date()


@dataclass(frozen=True, order=True)
class _Fit:
    """A company that a name may mean. place: the less, the surer;  exchange: of the ticker that has the symbol"""

    place: int
    entity: str
    exchange: str


def _matched(names: Sequence[str], companies: Sequence[Company]) -> tuple[dict[str, str], list[str], list[str]]:
    """Ids and whole tickers come first, then symbols of main tickers, then of others.

    A symbol of several companies means the one on the exchange from which most of the other prices are.
    returns: name to company; names that no company has; names that fit several, or one that is taken
    """
    fitting = _fitting(companies)
    found = {name: _best(fitting.get(_plain(name), [])) for name in names}
    exchanges = Counter(fits[0].exchange for fits in found.values() if len(fits) == 1)
    unknown = [name for name in names if not found[name]]
    doubtful = []
    best: dict[str, tuple[int, str]] = {}
    for name, fits in found.items():
        if len(fits) > 1:
            often = max(exchanges[one.exchange] for one in fits)
            fits = [one for one in fits if exchanges[one.exchange] == often]
        if len(fits) > 1:
            doubtful.append(name)
        elif fits:
            best_yet = best.setdefault(fits[0].entity, (fits[0].place, name))
            if best_yet[1] != name:
                best[fits[0].entity], other = sorted([best_yet, (fits[0].place, name)])
                doubtful.append(other[1])
    return {name: entity for entity, (_, name) in best.items()}, unknown, doubtful


def _fitting(companies: Sequence[Company]) -> dict[str, list[_Fit]]:
    found: dict[str, list[_Fit]] = {}
    for company in companies:
        found.setdefault(_plain(company.id), []).append(_Fit(-2, company.id, ""))
        for place, ticker in enumerate(company.tickers):
            exchange, _, symbol = ticker.partition(":")
            found.setdefault(_plain(ticker), []).append(_Fit(-1, company.id, exchange))
            found.setdefault(_plain(symbol), []).append(_Fit(place, company.id, exchange))
    return found


def _best(fits: Sequence[_Fit]) -> list[_Fit]:
    """The surest of each company, and of those the surest at all: one, or several that are alike."""
    of_company = {one.entity: one for one in sorted(fits, reverse=True)}
    least = min((one.place for one in of_company.values()), default=0)
    return sorted(one for one in of_company.values() if one.place == least)


def _plain(name: str) -> str:
    """One writing of a symbol.

    >>> _plain("BRK-B") == _plain("brk.b")
    True
    """
    return name.strip().casefold().replace("-", ".").replace("/", ".").lstrip("$")


def _table(series: Mapping[str, Mapping[date, float]], unknown: list[str], doubtful: list[str]) -> Prices:
    """Days on which at least half of the companies that are listed then have a price: one market's holidays go."""
    entities = sorted(series)
    every = sorted({day for prices in series.values() for day in prices})
    place = {day: at for at, day in enumerate(every)}
    closes = np.full((len(every), len(entities)), np.nan)
    listed = np.zeros(closes.shape, dtype=bool)
    for column, entity in enumerate(entities):
        at = sorted(place[day] for day in series[entity])
        closes[at, column] = [series[entity][every[one]] for one in at]
        listed[at[0] : at[-1] + 1, column] = True
    priced = np.isfinite(closes)
    traded = priced.sum(axis=1) * 2 >= listed.sum(axis=1)
    gaps = int((listed & ~priced)[traded].sum())
    days = [day for day, counts in zip(every, traded, strict=True) if counts]
    return Prices(days, entities, closes[traded], unknown, sorted(doubtful), gaps)
