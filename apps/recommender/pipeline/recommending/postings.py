"""Which items carry a label: short lists of places that become masks. Knows no filter and no word."""

from __future__ import annotations

import threading
from array import array
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Label = tuple[str, str]
"""Name of an attribute ("" for categories) and value."""


class Postings:
    """Places by label. Items change rarely: what an item no longer carries is swept when its label is next read."""

    def __init__(self) -> None:
        self.labels: list[Label] = []
        self._codes: dict[Label, int] = {}
        self._by_name: defaultdict[str, list[int]] = defaultdict(list)
        self._places: list[array[int]] = []
        self._carried: list[tuple[int, ...]] = []
        self._stale: set[int] = set()
        self._lock = threading.Lock()

    def carry(self, place: int, labels: Iterable[Label]) -> None:
        """Say what the item at a place carries from now on. place: at most one beyond the last one"""
        with self._lock:
            codes = tuple(dict.fromkeys(self._code(label) for label in labels))
            if place == len(self._carried):
                self._carried.append(())
            old = self._carried[place]
            self._stale.update(set(old) - set(codes))
            self._carried[place] = codes
            for code in set(codes) - set(old):
                self._places[code].append(place)

    def carried(self, place: int, name: str) -> list[str]:
        """Values of one name that an item carries, in its own order."""
        return [value for its, value in (self.labels[code] for code in self._carried[place]) if its == name]

    def first(self, place: int) -> str:
        """The first category of an item, "" where it has none."""
        for code in self._carried[place]:
            if not self.labels[code][0]:
                return self.labels[code][1]
        return ""

    def places(self, label: Label) -> NDArray[np.uint32]:
        """Where the items are that carry a label; none where no item ever did."""
        code = self._codes.get(label)
        return np.empty(0, dtype=np.uint32) if code is None else self._of(code)

    def mask(self, wanted: Iterable[Label], n: int) -> NDArray[np.bool_]:
        """(n,), which items carry one of the labels at least."""
        found = np.zeros(n, dtype=np.bool_)
        for label in wanted:
            places = self.places(label)
            found[places[places < n]] = True
        return found

    def within(self, name: str, low: float, high: float) -> list[Label]:
        """Labels of a name whose value is a number in a range."""
        found = []
        for code in self._by_name.get(name, []):
            try:
                number = float(self.labels[code][1])
            except ValueError:
                continue
            if low <= number <= high:
                found.append(self.labels[code])
        return found

    def _code(self, label: Label) -> int:
        code = self._codes.get(label)
        if code is None:
            code = self._codes[label] = len(self.labels)
            self._places.append(array("I"))
            self._by_name[label[0]].append(code)
            self.labels.append(label)
        return code

    def _of(self, code: int) -> NDArray[np.uint32]:
        with self._lock:
            if code in self._stale:
                kept = dict.fromkeys(place for place in self._places[code] if code in self._carried[place])
                self._places[code] = array("I", kept)
                self._stale.discard(code)
            return np.array(self._places[code], dtype=np.uint32)
