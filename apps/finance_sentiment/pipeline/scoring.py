"""Texts in, moods out: of a text, towards a named entity, towards each company that is found. Keeps nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from apps.finance_sentiment.pipeline.entities import Listing, LiveEntities
from apps.finance_sentiment.pipeline.evidence import Piece, Span, Verdict, pieces_of, row_of, verdict
from apps.finance_sentiment.pipeline.mood import MoodReader
from apps.finance_sentiment.schemas.score import Asked, Scored, ScoredEntity, ScoredText, Scores


@dataclass(frozen=True, slots=True)
class Subject:
    """What a document is read for: a company by its id, or "" for itself or a name that was given."""

    entity: str
    relevance: int
    pieces: list[Piece]


class Scorer:
    """Links and reads. enough_from: confidence from which there is enough evidence"""

    def __init__(self, live: LiveEntities, moods: MoodReader, enough_from: float) -> None:
        self.live = live
        self.moods = moods
        self.enough_from = enough_from

    def score(self, asked: Sequence[Asked]) -> Scores:
        """One item a text, in order; where no entity is given, the companies that are found are read too.

        raises: what opening the model raises
        """
        listing = self.live.now()
        subjects = [self._subjects(listing, one) for one in asked]
        model, verdicts = self.verdicts([one.text for one in asked], subjects)
        items = []
        for one, mine, found in zip(asked, subjects, verdicts, strict=True):
            entities = None if one.entity else list(_entities(listing, one.text, mine[1:], found[1:]))
            items.append(ScoredText(**shown(found[0]).model_dump(), entities=entities))
        return Scores(model=model, items=items)

    def verdicts(self, texts: Sequence[str], subjects: Sequence[Sequence[Subject]]) -> tuple[str, list[list[Verdict]]]:
        """Read all pieces of all texts at once. returns: the model, and for each text a verdict a subject"""
        flat = [(at, subject) for at, mine in enumerate(subjects) for subject in mine]
        rows = [row_of(texts[at], piece) for at, subject in flat for piece in subject.pieces]
        moods = self.moods.read(rows)
        ends = [0]
        for _, subject in flat:
            ends.append(ends[-1] + len(subject.pieces))
        found: list[list[Verdict]] = [[] for _ in texts]
        for (at, subject), (start, end) in zip(flat, pairwise(ends), strict=True):
            found[at].append(verdict(texts[at], subject.pieces, moods.items[start:end], self.enough_from))
        return moods.model, found

    def _subjects(self, listing: Listing, one: Asked) -> list[Subject]:
        title_end = title_of(one.text)
        if one.entity:
            return [Subject("", 100, pieces_of(one.text, title_end, places(one.text, one.entity)))]
        whole = Subject("", 100, pieces_of(one.text, title_end, []))
        return [whole, *companies(listing, one.text, title_end)]


def companies(listing: Listing, text: str, title_end: int) -> list[Subject]:
    """The companies that a document names, in the order in which they first stand there."""
    mentions: dict[str, list[Span]] = {}
    relevance: dict[str, int] = {}
    for one in listing.linker.link(text):
        mentions.setdefault(one.entity, []).append((one.start, one.end))
        relevance[one.entity] = max(one.relevance, relevance.get(one.entity, 0))
    return [Subject(entity, relevance[entity], pieces_of(text, title_end, at)) for entity, at in mentions.items()]


def title_of(text: str) -> int:
    """Where a document's title ends: at its first line break, 0 without one.

    >>> title_of("Acme falls\\nIt lost a suit."), title_of("Acme falls")
    (10, 0)
    """
    return max(text.find("\n"), 0)


def shown(found: Verdict) -> Scored:
    """A verdict as it is sent."""
    mood = found.mood
    return Scored.model_validate(
        {
            "label": mood.label,
            "probabilities": mood.probabilities(),
            "score": round(mood.score, 6),
            "confidence": round(mood.confidence, 6),
            "enough": found.enough,
        }
    )


def _entities(
    listing: Listing, text: str, subjects: Sequence[Subject], verdicts: Sequence[Verdict]
) -> Iterator[ScoredEntity]:
    for subject, found in zip(subjects, verdicts, strict=True):
        piece = found.decided
        yield ScoredEntity(
            **shown(found).model_dump(),
            entity=subject.entity,
            name=listing.rows[subject.entity].name,
            relevance=subject.relevance,
            sentence=text[piece.start : piece.end],
            start=piece.mention[0],
            end=piece.mention[1],
        )


def places(text: str, name: str) -> list[Span]:
    """Where a name stands, whatever its case; a name that does not stand there leaves the text to itself."""
    lowered, wanted = text.lower(), name.lower()
    if len(lowered) != len(text):
        lowered, wanted = text, name
    found: list[Span] = []
    at = lowered.find(wanted)
    while at >= 0:
        found.append((at, at + len(wanted)))
        at = lowered.find(wanted, at + len(wanted))
    return found
