"""Tickers in a text: cashtags ($AAPL), an exchange with a symbol (NYSE: V), a symbol in brackets behind a name."""

import re
from collections.abc import Iterable, Iterator, Mapping

EXCHANGES = {
    "NASDAQGS": "NASDAQ",
    "NASDAQGM": "NASDAQ",
    "LON": "LSE",
    "ETR": "XETRA",
    "FRA": "XETRA",
    "FWB": "XETRA",
    "TSE": "TYO",
    "HKG": "HKEX",
    "SEHK": "HKEX",
    "BOM": "NSE",
    "BSE": "NSE",
    "KOSPI": "KRX",
    "KS": "KRX",
    "TWSE": "TPE",
    "SWX": "SIX",
    "PAR": "EPA",
    "MCE": "BME",
    "MIL": "BIT",
}
"""Other names of exchanges. The Indian ones share their symbols."""

CASHTAG_EXCHANGES = ("NYSE", "NASDAQ")  # posts mean these; others only where no company there has the symbol

_CASHTAG = re.compile(r"(?<![\w$])\$([A-Za-z]{1,6}(?:[.-][A-Za-z]{1,2})?)(?!\w|[.,]?\d)")
_LISTED = re.compile(r"\b([A-Za-z]{2,12})\s?:\s?([A-Z0-9][A-Z0-9&-]*(?:\.[A-Z]{1,2})?)(?!\w)")
_BRACKETED = re.compile(r"\(([A-Z][A-Z0-9]{1,4}(?:\.[A-Z]{1,2})?)\)")
_SHORTEST_SMALL = 3  # letters of a cashtag in small letters; "$m" is money


class Tickers:
    """All tickers of all companies."""

    def __init__(self, tickers: Mapping[str, Iterable[str]]) -> None:
        """tickers: by entity, "EXCHANGE:SYMBOL" each"""
        self._listed: dict[str, str] = {}
        self._symbols: dict[str, str] = {}
        every = [(ticker.upper(), entity) for entity, held in tickers.items() for ticker in held]
        for ticker, entity in every:
            self._listed.setdefault(ticker, entity)
        # Stable: within a rank the first company that has the symbol keeps it.
        for ticker, entity in sorted(every, key=lambda one: one[0].split(":")[0] not in CASHTAG_EXCHANGES):
            self._symbols.setdefault(ticker.partition(":")[2].replace("-", "."), entity)

    def find(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Cashtags, and symbols with their exchange. yields: entity, start, end"""
        if "$" in text:
            for found in _CASHTAG.finditer(text):
                symbol = found[1]
                if symbol.isupper() or (symbol.islower() and len(symbol) >= _SHORTEST_SMALL):
                    entity = self._symbols.get(symbol.upper().replace("-", "."))
                    if entity is not None:
                        yield entity, *found.span()
        if ":" in text:
            for found in _LISTED.finditer(text):
                exchange = found[1].upper()
                entity = self._listed.get(f"{EXCHANGES.get(exchange, exchange)}:{found[2]}")
                if entity is not None:
                    yield entity, *found.span()

    def bracketed(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Bare symbols in brackets: they count only behind a name of the same company. yields: entity, start, end"""
        if "(" in text:
            for found in _BRACKETED.finditer(text):
                entity = self._symbols.get(found[1])
                if entity is not None:
                    yield entity, *found.span(1)
