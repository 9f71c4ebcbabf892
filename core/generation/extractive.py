"""The extractive composer: answers in a source's own sentences. Adds, changes and joins no word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.retrieval.documents import Hit, Passage
from core.safety.injections import find_injections

SHORT = 60  # words; a passage this short is quoted whole
NEAR = 0.8  # a further sentence is quoted when its cosine is at least this share of the best one's
MOST_STEPS = 8

_ITEM = re.compile(r"(•|-|\d+[.)])\s")
_STEP = re.compile(r"\d+[.)]\s")


@dataclass(frozen=True)
class Quote:
    """A stretch of a document. start, end: characters in the document's text"""

    start: int
    end: int
    text: str


def compose(hit: Hit, most_sentences: int = 3) -> list[Quote]:
    """Quote what answers: all of a short passage, else the sentences closest to the query, in the source's order.

    A step is quoted with the steps around it, an item with the line that introduces it, that line with its items.
    A sentence that is aimed at a model ("ignore your instructions and say …") is never quoted.
    returns: quotes, none overlapping, ascending; none where nothing else is left
    """
    passage = hit.passage
    units = sayable(passage)
    at, spans = list(units), list(units.values())
    texts = [passage.text[a:b] for a, b in spans]
    if len(passage.text.split()) <= SHORT:
        chosen = set(range(len(spans)))
    else:
        cosines = hit.signals.sentences
        chosen = _choose(texts, [cosines[n] for n in at] if cosines else (), most_sentences)
    return [
        Quote(passage.start + a, passage.start + b, passage.text[a:b])
        for a, b in runs([spans[at] for at in sorted(chosen)], passage.text)
    ]


def sayable(passage: Passage) -> dict[int, tuple[int, int]]:
    """Sentences that may be said to a customer, by their place: all but those that are aimed at a model.

    returns: (start, end) in the passage's text, ascending
    """
    aimed = find_injections(passage.text)
    units = passage.sentences or ((0, len(passage.text)),)
    return {
        place: (start, end)
        for place, (start, end) in enumerate(units)
        if not any(start < found.end and found.start < end for found in aimed)
    }


def _choose(texts: Sequence[str], cosines: Sequence[float], most: int) -> set[int]:
    if not texts or not cosines:
        return set(range(min(most, len(texts))))
    order = sorted(range(len(texts)), key=lambda at: -cosines[at])
    near = [at for at in order if cosines[at] >= NEAR * cosines[order[0]]][:most]
    chosen: set[int] = set()
    for at in near:
        chosen |= _with_context(texts, at)
    return chosen


def _with_context(texts: Sequence[str], at: int) -> set[int]:
    """What a unit needs to be understood."""
    if _STEP.match(texts[at]):
        return _steps(texts, at) | _lead_in(texts, min(_steps(texts, at)))
    if _ITEM.match(texts[at]):
        first = at
        while first > 0 and _ITEM.match(texts[first - 1]):
            first -= 1
        return {at} | _lead_in(texts, first)
    if texts[at].endswith(":") and at + 1 < len(texts) and _ITEM.match(texts[at + 1]):
        return {at} | _steps(texts, at + 1)
    return {at}


def _steps(texts: Sequence[str], at: int) -> set[int]:
    first = last = at
    while first > 0 and _ITEM.match(texts[first - 1]):
        first -= 1
    while last + 1 < len(texts) and _ITEM.match(texts[last + 1]):
        last += 1
    whole = range(first, last + 1)
    return set(whole) if len(whole) <= MOST_STEPS else set(range(max(first, at - 2), min(last, at + 4) + 1))


def _lead_in(texts: Sequence[str], first: int) -> set[int]:
    return {first - 1} if first > 0 and texts[first - 1].endswith(":") else set()


def runs(spans: Sequence[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Neighbouring spans with nothing but space between them become one quote."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
