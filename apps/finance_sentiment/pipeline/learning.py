"""What analysts corrected, as rows to train a mood model with. Trains nothing.

A handful of corrections would teach a model to forget the rest. So sentences of the archive that nobody corrected are
learned along, as the model in use reads them. Of a mood to which nobody corrected anything, those that it is surest of
stand for it: with fewer than three moods there would be no choice to learn.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from apps.finance_sentiment.pipeline.mood import LABELS
from apps.finance_sentiment.pipeline.reading import as_read
from apps.finance_sentiment.store.corrections import Corrections
from apps.finance_sentiment.store.readings import Readings, Sentence
from core.database import Database
from core.errors import Conflict

FEWEST = 40  # corrected moods: some 30 to learn from and 10 to compare with
KEPT_APART = 4  # one sentence in so many is only measured with
REHEARSED = 2_000  # sentences that are read along
LIKE_BEFORE = 500  # further ones, on which old and new are compared; of fewer sentences, one in five
STAND_IN = 8  # sentences for a mood to which nobody corrected anything
SURE_FROM = 0.8  # probability

Row = dict[str, str]


class TooFewCorrections(Conflict):
    """Not enough was corrected yet."""

    def __init__(self, held: int) -> None:
        super().__init__(
            f"{held} moods were corrected, and training needs {FEWEST}",
            remedy="correct some more on the page Correct, then try again",
        )


class MoodUnknown(Conflict):
    """A mood of which there is no example at all."""

    def __init__(self, mood: str) -> None:
        super().__init__(
            f"no mood was corrected to {mood}, and no sentence of the archive surely is",
            remedy=f"correct some to {mood} on the page Correct, or import more news",
        )


@dataclass(frozen=True)
class Lessons:
    """Rows `{"text", "entity", "label"}`; `rehearsed` and `others` have no label. No sentence stands in two of them.

    stand_ins: learned too, for moods to which nobody corrected anything
    """

    learned: tuple[Row, ...]
    measured: tuple[Row, ...]
    rehearsed: tuple[Row, ...]
    others: tuple[Row, ...]
    stand_ins: tuple[Row, ...] = ()

    def check(self) -> None:
        """raises: TooFewCorrections, MoodUnknown"""
        held = len(self.learned) + len(self.measured)
        if held < FEWEST or not self.measured:
            raise TooFewCorrections(held)
        known = {row["label"] for row in (*self.learned, *self.stand_ins)}
        if unknown := [mood for mood in LABELS if mood not in known]:
            raise MoodUnknown(unknown[0])


def gather(database: Database) -> Lessons:
    """All corrected moods, the latest of each sentence, and sentences of the archive besides."""
    corrected: dict[tuple[str, str], Row] = {}
    for correction, reading, document in Corrections(database).moods():
        text = as_read(document.title, document.text)
        entity = text[reading.start : reading.end]
        row = {"text": reading.sentence, "entity": entity, "label": str(correction.after["label"])}
        corrected[_key(row)] = row
    learned = tuple(row for key, row in corrected.items() if not _is_kept_apart(key[0]))
    found = Readings(database).sentences(2 * (REHEARSED + LIKE_BEFORE))
    besides = {key: one for one in found if (key := _key(_row(one))) not in corrected}
    missing = [mood for mood in LABELS if mood not in {row["label"] for row in learned}]
    stand_ins = {key: row for mood in missing for key, row in _surest(besides, mood)}
    rows = [_row(one) for key, one in besides.items() if key not in stand_ins]
    apart = min(LIKE_BEFORE, len(rows) // 5)
    return Lessons(
        learned=learned,
        measured=tuple(row for key, row in corrected.items() if _is_kept_apart(key[0])),
        rehearsed=tuple(rows[apart : apart + REHEARSED]),
        others=tuple(rows[:apart]),
        stand_ins=tuple(stand_ins.values()),
    )


def _surest(besides: Mapping[tuple[str, str], Sentence], mood: str) -> Iterator[tuple[tuple[str, str], Row]]:
    """Sentences that surely are of a mood, the surest first."""
    ranked = sorted(besides.items(), key=lambda item: -float(getattr(item[1], mood)))
    for key, one in ranked[:STAND_IN]:
        if float(getattr(one, mood)) >= SURE_FROM:
            yield key, {**_row(one), "label": mood}


def _row(one: Sentence) -> Row:
    return {"text": one.text, "entity": one.entity}


def _key(row: Row) -> tuple[str, str]:
    return " ".join(row["text"].casefold().split()), row["entity"].casefold()


def _is_kept_apart(text: str) -> bool:
    """Always the same for the same sentence, so that what was measured with is never learned from later."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % KEPT_APART == 0
