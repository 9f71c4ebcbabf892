"""The catalogue as a process holds it: columns that grow, labels, what may be recommended now. No SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.recommender.errors import UnusableFilter
from apps.recommender.pipeline.learning import text_of
from apps.recommender.pipeline.recommending.postings import Label, Postings
from apps.recommender.pipeline.recommending.words import TitleWords
from apps.recommender.schemas.columns import ItemColumns
from apps.recommender.schemas.recommend import Filters

Flags = NDArray[np.bool_]
Places = NDArray[np.int64]


def grown(column: NDArray[Any], size: int) -> NDArray[Any]:
    """The same column with room for `size` rows at least; the old one stays as it was for those who read it."""
    if size <= len(column):
        return column
    larger = np.zeros((max(size, 2 * len(column)), *column.shape[1:]), dtype=column.dtype)
    larger[: len(column)] = column
    return larger


def digest_of(digest: bytes) -> NDArray[np.uint64]:
    """(2,), sixteen bytes as two numbers, which are compared at once for all items."""
    return np.frombuffer(digest, dtype="<u8")


class Catalogue:
    """All items, each at a place that it keeps. Whoever reads takes `n` first and looks at no place beyond.

    open: known, in the catalogue, neither hidden nor out of stock;  live: known and in the catalogue
    keys: (c,), the store's numbers;  digests: (c, 2), of each item's text, zeros where there is none
    """

    def __init__(self) -> None:
        self.n = 0
        self.revision = 0
        self.ids: list[str] = []
        self.titles: list[str] = []
        self.place: dict[str, int] = {}
        self.keys = np.zeros(1_024, dtype=np.int64)
        self.digests = np.zeros((1_024, 2), dtype=np.uint64)
        self._by_key = np.full(1_024, -1, dtype=np.int32)
        self.labels, self.words = Postings(), TitleWords()
        self.open: Flags = np.zeros(1_024, dtype=np.bool_)
        self.live: Flags = np.zeros(1_024, dtype=np.bool_)
        self.price = np.zeros(1_024)
        self.begins, self.ends, self.created = np.zeros(1_024), np.zeros(1_024), np.zeros(1_024)
        self.dated = False

    def apply(self, rows: ItemColumns) -> None:
        """Take in what changed. One thread at a time."""
        size = self.n + len(rows)
        for name in ("open", "live", "price", "begins", "ends", "created", "keys", "digests"):
            setattr(self, name, grown(getattr(self, name), size))
        self._know_keys(int(rows.keys.max(initial=0)))
        n = self.n
        for row in range(len(rows)):
            n = max(n, self._put(rows, row, n) + 1)
        self.dated = bool(np.isfinite(self.begins[:n]).any() or np.isfinite(self.ends[:n]).any())
        self.n, self.revision = n, rows.revision

    def _put(self, rows: ItemColumns, row: int, n: int) -> int:
        key = int(rows.keys[row])
        place = int(self._by_key[key])
        place = n if place < 0 else place
        live = bool(rows.known[row] and not rows.removed[row])
        text = text_of(rows.titles[row], rows.categories[row], rows.descriptions[row]) if live else ""
        self.digests[place] = digest_of(hashlib.blake2b(text.encode(), digest_size=16).digest()) if text else 0
        self.price[place] = rows.price[row]
        self.begins[place], self.ends[place] = rows.available_from[row], rows.available_until[row]
        self.created[place] = rows.created[row]
        self.words.change(place, "" if place == n else self.titles[place], rows.titles[row])
        if place == n:
            self.ids.append(rows.ids[row])
            self.titles.append(rows.titles[row])
            self.keys[place] = key
        else:
            self.titles[place] = rows.titles[row]
        self.labels.carry(place, _labels(rows.categories[row], rows.attributes[row]))
        self.live[place] = live
        self.open[place] = live and not rows.hidden[row] and rows.stock[row] > 0
        self.place[rows.ids[row]] = self._by_key[key] = place
        return place

    def _know_keys(self, highest: int) -> None:
        """Keys are numbers that the store counts up, so a column is the smallest table of them."""
        if highest >= len(self._by_key):
            wider = np.full(2 * highest + 1, -1, dtype=np.int32)
            wider[: len(self._by_key)] = self._by_key
            self._by_key = wider

    def places_of_keys(self, keys: Places) -> Places:
        """Where items are by the store's numbers (k,); -1 for those that are not here yet."""
        by_key = self._by_key
        return np.where(keys < len(by_key), by_key[np.minimum(keys, len(by_key) - 1)], -1).astype(np.int64)

    def available(self, now: float, n: int) -> Flags:
        """(n,), which items may be recommended at a moment (Unix seconds): a copy."""
        found = self.open[:n].copy()
        if self.dated:
            found &= (self.begins[:n] <= now) & (now < self.ends[:n])
        return found

    def passing(self, filters: Filters, n: int) -> Flags | None:
        """(n,), which items pass, or None where nothing is asked. raises: UnusableFilter"""
        masks = list(self._masks(filters, n))
        if not masks:
            return None
        found: Flags = np.logical_and.reduce(masks) if len(masks) > 1 else masks[0]
        return found

    def places(self, ids: list[str], n: int) -> list[int]:
        """Where items are; those that nobody knows are left out."""
        return [place for name in ids if (place := self.place.get(name, n)) < n]

    def _masks(self, filters: Filters, n: int) -> Iterator[Flags]:
        if filters.categories:
            yield self.labels.mask((("", name) for name in filters.categories), n)
        alternatives: dict[str, list[Label]] = {}
        for written in filters.attributes:
            name, value = _parsed(written)
            alternatives.setdefault(name, []).extend(self._meant(written, name, value))
        for labels in alternatives.values():
            yield self.labels.mask(labels, n)
        if filters.min_price is not None:
            yield self.price[:n] >= filters.min_price
        if filters.max_price is not None:
            yield self.price[:n] <= filters.max_price

    def _meant(self, written: str, name: str, value: str) -> list[Label]:
        if ".." not in value:
            return [(name, value)]
        low, _, high = value.partition("..")
        try:
            return self.labels.within(name, float(low or "-inf"), float(high or "inf"))
        except ValueError as error:
            raise UnusableFilter(written) from error


def _parsed(written: str) -> tuple[str, str]:
    name, colon, value = written.partition(":")
    if not colon or not name.strip() or not value.strip():
        raise UnusableFilter(written)
    return name.strip(), value.strip()


def _labels(categories: tuple[str, ...], attributes: Mapping[str, Any]) -> Iterator[Label]:
    for category in categories:
        yield "", category
    for name, value in attributes.items():
        for one in value if isinstance(value, list) else [value]:
            yield name, str(one).lower() if isinstance(one, bool) else str(one)
