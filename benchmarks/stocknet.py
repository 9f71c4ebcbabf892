"""StockNet's tweets and prices, as `trivium finance backtest` reads them.

python -m benchmarks.stocknet FOLDER OUT [--from 2014-01-01] [--to 2016-04-01]
trivium finance entities import OUT/companies.csv
trivium finance backtest OUT/archive.jsonl.gz --prices OUT/prices

FOLDER: holds tweets_raw_compact.jsonl.gz (a `ticker`, `created_at`, `id`, `text` each) and prices.tar.gz (a CSV for
each ticker) of Xu and Cohen, 2018, "Stock movement prediction from tweets and historical prices". OUT then holds the
tweets, each once, from the first to the last in order of time; the prices; and the companies that were listed under
another ticker then, or are not in the shipped list. Nothing of it comes with this repository.
"""

import argparse
import csv
import gzip
import json
import sys
import tarfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from apps.finance_sentiment.pipeline.companies import COLUMNS, shipped
from core.rows import read_rows

WRITTEN = "%a %b %d %H:%M:%S %z %Y"
FORMERLY = {
    "FB": ("meta-platforms", "NASDAQ"),
    "PCLN": ("booking", "NASDAQ"),
    "UTX": ("rtx", "NYSE"),
    "RDS-B": ("shell", "NYSE"),
    "TOT": ("totalenergies", "NYSE"),
    "ABB": ("abb", "NYSE"),
    "CHL": ("china-mobile", "NYSE"),
    "NGG": ("national-grid", "NYSE"),
    "PTR": ("petrochina", "NYSE"),
    "SNP": ("sinopec", "NYSE"),
}
"""Tickers of companies of the shipped list that have another one now."""
MISSING = {
    "AEP": ("NYSE", "American Electric Power"),
    "AGFS": ("NASDAQ", "AgroFresh Solutions"),
    "BCH": ("NYSE", "Banco de Chile"),
    "BSAC": ("NYSE", "Banco Santander Chile"),
    "CELG": ("NASDAQ", "Celgene"),
    "CODI": ("NYSE", "Compass Diversified"),
    "GMRE": ("NYSE", "Global Medical REIT"),
    "HRG": ("NYSE", "HRG Group"),
    "IEP": ("NASDAQ", "Icahn Enterprises"),
    "PICO": ("NASDAQ", "PICO Holdings"),
    "PPL": ("NYSE", "PPL Corporation"),
    "REX": ("NYSE", "REX American Resources"),
    "SPLP": ("NYSE", "Steel Partners"),
    "SRE": ("NYSE", "Sempra Energy"),
}


def write_tweets(folder: Path, target: Path, since: date, until: date) -> int:
    """Each tweet once, however many tickers it was found by. returns: how many"""
    found: dict[str, tuple[datetime, str]] = {}
    for row in read_rows(folder / "tweets_raw_compact.jsonl.gz"):
        at = datetime.strptime(row.fields["created_at"], WRITTEN).astimezone(UTC)
        if since <= at.date() < until:
            found[str(row.fields["id"])] = (at, row.fields["text"])
    with gzip.open(target, "wt", encoding="utf-8") as lines:
        for key, (at, text) in sorted(found.items(), key=lambda item: item[1][0]):
            line = {"id": key, "source": "twitter", "published_at": at.isoformat(), "title": text}
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")
    return len(found)


def write_prices(folder: Path, target: Path) -> int:
    """The CSV of each ticker. returns: how many"""
    target.mkdir(exist_ok=True)
    written = 0
    with tarfile.open(folder / "prices.tar.gz") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".csv") and (data := archive.extractfile(member)):
                (target / Path(member.name).name).write_bytes(data.read())
                written += 1
    return written


def write_companies(target: Path) -> int:
    """Companies of the data that today's list lacks, or has under another ticker. returns: how many"""
    held, _ = shipped()
    rows = []
    for symbol, (entity, exchange) in FORMERLY.items():
        values = held[entity].model_dump()
        values["tickers"] = [*values["tickers"], f"{exchange}:{symbol}"]
        rows.append({"id": entity, **{name: _cell(values[name]) for name in COLUMNS if name in values}})
    for symbol, (exchange, name) in MISSING.items():
        rows.append({"id": name.lower().replace(" ", "-"), "name": name, "tickers": f"{exchange}:{symbol}"})
    with target.open("w", encoding="utf-8", newline="") as lines:
        table = csv.DictWriter(lines, ["id", *(one for one in COLUMNS if one != "id")], lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    return len(rows)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "|".join(map(str, value)) if isinstance(value, list) else str(value)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--from", dest="since", type=date.fromisoformat, default=date(2014, 1, 1))
    parser.add_argument("--to", dest="until", type=date.fromisoformat, default=date(2016, 4, 1))
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    tweets = write_tweets(given.folder, given.out / "archive.jsonl.gz", given.since, given.until)
    prices = write_prices(given.folder, given.out / "prices")
    companies = write_companies(given.out / "companies.csv")
    sys.stdout.write(f"{tweets} tweets, prices of {prices} tickers and {companies} companies are in {given.out}.\n")


if __name__ == "__main__":
    main(sys.argv[1:])
