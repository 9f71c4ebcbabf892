"""What goes into the index and what comes out of it. Plain values; touches no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Metadata = Mapping[str, Any]  # JSON values only
UNANSWERED = "unanswered"  # metadata field, true for a question that is known to have no answer here


@dataclass(frozen=True)
class Passage:
    """A stretch of a document that can be found and cited.

    key: unique in the collection; a FAQ row's own id, or "<document key>#<n>"
    text: exactly document.text[start:end]
    heading: titles above it, outermost first
    sentences: (start, end) of each quotable unit, as offsets into `text`, ascending, not overlapping
    aliases: other wordings that lead here (a FAQ entry's question); searched, never quoted
    """

    key: str
    text: str
    start: int
    end: int
    heading: tuple[str, ...] = ()
    sentences: tuple[tuple[int, int], ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Document:
    """One source with its passages.

    key: unique in the collection; the path or row id it came from
    source: where a person finds it (file name, URL, "faq.csv row 12")
    text: the whole plain text that passages point into
    metadata: JSON values that filters may ask for
    kind: a "row" is found as one thing under its own key, a "file" passage by passage
    """

    key: str
    title: str
    text: str
    source: str = ""
    metadata: Metadata = field(default_factory=dict)
    passages: tuple[Passage, ...] = ()
    kind: Literal["file", "row"] = "file"


@dataclass(frozen=True)
class Signals:
    """Why a hit ranks where it does. Cosines in [-1, 1]; bm25 ≥ 0, not comparable between collections.

    passage, alias: cosine of the query to the whole passage, to its closest alias (-1 without one)
    sentences: cosine to each of its sentences, in order
    coverage: share of the query's words, weighted by rarity, that the passage holds, in [0, 1]
    subject: how much the conversation speaks of whom or what the passage is about, in [0, 1.2]; 0 without one
    """

    passage: float
    alias: float = -1.0
    sentences: tuple[float, ...] = ()
    bm25: float = 0.0
    coverage: float = 0.0
    subject: float = 0.0

    @property
    def closest(self) -> float:
        """The best cosine of all: to the passage, a sentence or an alias."""
        return max(self.passage, self.alias, *self.sentences)


@dataclass(frozen=True)
class Hit:
    """A passage that was found.

    id: the row's own key, or the passage's key for files;  score: higher is better, comparable within one answer only
    """

    id: str
    score: float
    document: str
    title: str
    source: str
    passage: Passage
    metadata: Metadata
    signals: Signals
