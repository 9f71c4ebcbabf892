"""From a document to what is read of it for one company, and back to one mood. Reads no mood itself.

A headline is read whole. Of an article, the title and the sentences that name the company are read one by one, since a
model that learned from headlines loses itself in pages, and since the sentence that decides can then be shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.finance_sentiment.pipeline.mood import Mood
from core.ingest.sentences import split_sentences
from core.outcomes import Labelled

Span = tuple[int, int]

WHOLE = 320  # characters that are read at once: the longest headlines and posts of the training sets
MOST_PIECES = 12  # of a document for one company; later sentences repeat what the first ones say
TITLE_WEIGHS = 2.0  # against a sentence of the text
NEUTRAL_WEIGHS = 0.25  # against a sentence that is certainly not neutral: background sentences surround the news
FEWEST_WORDS = 1  # besides the company's name: "AAPL" alone has no mood

_GOES_ON = ("it ", "its ", "the company ", "the firm ", "the group ", "shares ", "the stock ", "they ")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a document that is read by itself. start, end: of the part;  mention: of the company's name in it

    All are characters of the document; without a company, `mention` is empty at the piece's start.
    """

    start: int
    end: int
    mention: Span
    weight: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """One mood from several pieces. decided: the piece that did most;  enough: whether it can be told at all"""

    mood: Mood
    decided: Piece
    enough: bool


def pieces_of(text: str, title_end: int, mentions: Sequence[Span]) -> list[Piece]:
    """What is read of a document for one company, in its order.

    text: title, newline, text;  title_end: 0 where there is no title
    mentions: of the company, ascending;  empty: the document is read for itself

    >>> text = "Acme falls\\n" + "Nothing else happened. " * 15 + "Acme lost a suit. It will appeal."
    >>> [text[one.start : one.end] for one in pieces_of(text, 10, [(0, 4), (356, 360)])]
    ['Acme falls', 'Acme lost a suit. It will appeal.']
    """
    stripped = len(text.rstrip())
    if stripped <= WHOLE:
        return [Piece(0, stripped, mentions[0] if mentions else (0, 0), 1.0)]
    units = _units(text, title_end)
    if not mentions:
        return [Piece(start, end, (start, start), _weight(end, title_end)) for start, end in units[:MOST_PIECES]]
    pieces: list[Piece] = []
    for at, (start, end) in enumerate(units):
        named = next((span for span in mentions if start <= span[0] < end), None)
        if named is None:
            continue
        following = units[at + 1] if at + 1 < len(units) else None
        if following is not None and start >= title_end and _goes_on(text, following, mentions):
            end = following[1]
        pieces.append(Piece(start, end, named, _weight(end, title_end)))
        if len(pieces) == MOST_PIECES:
            break
    return pieces


def row_of(text: str, piece: Piece) -> Labelled:
    """The piece as a model is asked about it."""
    start, end = piece.mention
    return Labelled(text[piece.start : piece.end], entity=text[start:end])


def verdict(text: str, pieces: Sequence[Piece], moods: Sequence[Mood], enough_from: float) -> Verdict:
    """The mean of the pieces' moods; the title counts twice, neutral sentences little.

    pieces, moods: n > 0 each, in the same order;  enough_from: confidence below which no mood is told

    >>> both = [Mood(0.9, 0.1, 0.0), Mood(0.0, 1.0, 0.0)]
    >>> found = verdict("Acme falls on fraud. Acme makes cars.", [Piece(0, 20, (0, 4), 1), Piece(21, 37, (21, 25), 1)],
    ...     both, 0.5)
    >>> found.mood.label, found.decided.start, found.enough
    ('negative', 0, True)
    """
    weights = [
        piece.weight * (1 - (1 - NEUTRAL_WEIGHS) * mood.neutral) for piece, mood in zip(pieces, moods, strict=True)
    ]
    total = sum(weights)
    mood = Mood(
        *(
            sum(weight * float(getattr(one, name)) for weight, one in zip(weights, moods, strict=True)) / total
            for name in ("negative", "neutral", "positive")
        )
    )
    decided = max(range(len(pieces)), key=lambda at: weights[at] * float(getattr(moods[at], mood.label)))
    says = any(_words(text, piece) >= FEWEST_WORDS for piece in pieces)
    return Verdict(mood, pieces[decided], says and mood.confidence >= enough_from)


def _units(text: str, title_end: int) -> list[Span]:
    """The title, then the sentences; a very long one, which is no sentence, is cut."""
    found: list[Span] = [(0, title_end)] if text[:title_end].strip() else []
    for start, end in split_sentences(text[title_end:]):
        for at in range(start, end, WHOLE):
            found.append((title_end + at, title_end + min(at + WHOLE, end)))
    return found


def _goes_on(text: str, unit: Span, mentions: Sequence[Span]) -> bool:
    """Whether a sentence speaks on of the company without naming it."""
    start, end = unit
    return text[start:end].lower().startswith(_GOES_ON) and not any(start <= at < end for at, _ in mentions)


def _weight(end: int, title_end: int) -> float:
    return TITLE_WEIGHS if end <= title_end else 1.0


def _words(text: str, piece: Piece) -> int:
    start, end = piece.mention
    besides = f"{text[piece.start : start]} {text[end : piece.end]}" if end > start else text[piece.start : piece.end]
    return sum(any(letter.isalpha() for letter in word) for word in besides.split())
