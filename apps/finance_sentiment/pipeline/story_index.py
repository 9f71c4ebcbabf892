"""Recent texts in memory, found by the rare words and runs of words that they share. Touches no database.

What it answers depends only on which texts it holds, not on the order in which they came, so that a process that has
just started answers like one that was there all the time.
"""

import math
from bisect import insort
from collections import defaultdict
from collections.abc import Sequence

from apps.finance_sentiment.pipeline.story_headlines import COMMON_TERMS
from apps.finance_sentiment.pipeline.story_likeness import LEAST, Print, features, odds

MOST_KEPT = 30_000  # texts; ten days at a million a year
LOOKED_UP = 8  # rarest keys of a headline
BODY_KEYS = 6  # smallest checksums of a body: two bodies that share half of their runs share one of these with p > .98
BODY_WEIGHT = 6.0
PER_KEY = 48  # newest texts of one key
LEAST_GATHERED = 0.3  # of the weight of what was looked up: less is a company's name alone
LEAST_WEIGHT = 8.5  # of a headline that can be recognised: "Market update" has 7.8
COMPARED = 4  # candidates that are compared in full

_OLDER = (
    2_000  # headlines that are thought to have been seen before the first one: rarity means something from the start
)
_OLDER_COMMON = 40


class StoryIndex:
    """Texts by id. Not to be used by two threads at once."""

    def __init__(self, window_hours: float) -> None:
        self.window_hours = window_hours
        self.prints: dict[int, Print] = {}
        self._ids: list[int] = []  # ascending
        self._by_key: defaultdict[str, list[int]] = defaultdict(list)  # ascending
        self._by_run: defaultdict[int, list[int]] = defaultdict(list)

    def weight(self, term: str) -> float:
        """How rare a term is; ≥ 0."""
        seen = len(self._by_key.get(term, ()))
        older = _OLDER_COMMON if term in COMMON_TERMS else 1
        return math.log((_OLDER + len(self._ids)) / (older + seen))

    @property
    def last(self) -> int:
        """The largest id; 0 without any."""
        return self._ids[-1] if self._ids else 0

    def wants(self, document: int) -> bool:
        """Whether it is not held, and would be."""
        return document not in self.prints and (len(self._ids) < MOST_KEPT or document > self._ids[0])

    def add(self, document: int, text: Print) -> None:
        """Hold a text; the one with the smallest id goes where there are too many."""
        if document in self.prints:
            return
        self.prints[document] = text
        insort(self._ids, document)
        for key in text.keys:
            insort(self._by_key[key], document)
        for run in text.body[:BODY_KEYS].tolist():
            insort(self._by_run[run], document)
        if len(self._ids) > MOST_KEPT:
            self.remove(self._ids[0])

    def remove(self, document: int) -> None:
        """Forget a text."""
        text = self.prints.pop(document)
        self._ids.remove(document)
        for key in text.keys:
            _drop(self._by_key, key, document)
        for run in text.body[:BODY_KEYS].tolist():
            _drop(self._by_run, run, document)

    def alike(self, text: Print) -> list[int]:
        """Texts that tell the same, the likeliest first; of equals one with the same headline, then the smallest id."""
        weighed = sorted(((self.weight(key), key) for key in text.keys), reverse=True)
        bare = sum(weight for weight, _ in weighed) < LEAST_WEIGHT
        told = []
        for document in self._candidates(text, weighed[:LOOKED_UP]):
            other = self.prints[document]
            found = features(text, other, self.weight)
            if (for_it := odds(found)) > LEAST and (not bare or found["body_equal"]):
                told.append((-for_it, other.line != text.line, document))
        return [document for *_, document in sorted(told)]

    def _candidates(self, text: Print, weighed: Sequence[tuple[float, str]]) -> list[int]:
        gathered: defaultdict[int, float] = defaultdict(float)
        for weight, key in weighed:
            for document in self._by_key.get(key, ())[-PER_KEY:]:
                gathered[document] += weight
        for run in text.body[:BODY_KEYS].tolist():
            for document in self._by_run.get(run, ())[-PER_KEY:]:
                gathered[document] += BODY_WEIGHT
        least = LEAST_GATHERED * sum(weight for weight, _ in weighed)
        near = [
            (-score, document)
            for document, score in gathered.items()
            if score >= least and abs(self.prints[document].hour - text.hour) <= self.window_hours
        ]
        return [document for _, document in sorted(near)[:COMPARED]]


def _drop(postings: defaultdict[str, list[int]] | defaultdict[int, list[int]], key: str | int, document: int) -> None:
    held = postings[key]  # type: ignore[index]
    held.remove(document)
    if not held:
        del postings[key]  # type: ignore[arg-type]
