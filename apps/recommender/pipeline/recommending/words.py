"""Which titles hold a word. Most words of a large catalogue stand in one title only, so these cost one number."""

from __future__ import annotations

import re
import threading
from array import array

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """Words as search compares them.

    >>> words_of("Red CAPS, 2nd")
    ['red', 'caps', '2nd']
    """
    return _WORD.findall(text.lower())


class TitleWords:
    """Places of items by the words of their titles."""

    def __init__(self) -> None:
        self._places: dict[str, int | array[int]] = {}
        self._lock = threading.Lock()

    def change(self, place: int, before: str, now: str) -> None:
        """Say that the title at a place was `before` and is `now`; "" for none."""
        old, new = set(words_of(before)), set(words_of(now))
        with self._lock:
            for word in old - new:
                self._drop(word, place)
            for word in new - old:
                self._add(word, place)

    def places(self, word: str) -> NDArray[np.int64]:
        """Where the items are whose titles hold a word; none where no title does."""
        with self._lock:
            found = self._places.get(word)
            if isinstance(found, int):
                return np.array([found])
            return np.empty(0, dtype=np.int64) if found is None else np.array(found, dtype=np.int64)

    def _add(self, word: str, place: int) -> None:
        found = self._places.get(word)
        if found is None:
            self._places[word] = place
        elif isinstance(found, int):
            self._places[word] = array("I", (found, place))
        else:
            found.append(place)

    def _drop(self, word: str, place: int) -> None:
        found = self._places[word]
        if isinstance(found, int) or len(found) == 1:
            del self._places[word]
        else:
            found.remove(place)
