"""What analysts corrected, as rows to train a mood model with. Trains nothing.

A handful of corrections would teach a model to forget the rest. So sentences of the archive that nobody corrected are
learned along, as the model in use reads them.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from apps.finance_sentiment.pipeline.reading import as_read
from apps.finance_sentiment.store.corrections import Corrections
from apps.finance_sentiment.store.readings import Readings
from core.database import Database
from core.errors import Conflict

FEWEST = 40  # corrected moods: some 30 to learn from and 10 to compare with
KEPT_APART = 4  # one sentence in so many is only measured with
REHEARSED = 2_000  # sentences that are read along
LIKE_BEFORE = 500  # further ones, on which old and new are compared

Row = dict[str, str]


class TooFewCorrections(Conflict):
    """Not enough was corrected yet."""

    def __init__(self, held: int) -> None:
        super().__init__(
            f"{held} moods were corrected, and training needs {FEWEST}",
            remedy="correct some more on the page Correct, then try again",
        )


@dataclass(frozen=True)
class Lessons:
    """Rows `{"text", "entity", "label"}`; `rehearsed` and `others` have no label. No sentence stands in two of them."""

    learned: tuple[Row, ...]
    measured: tuple[Row, ...]
    rehearsed: tuple[Row, ...]
    others: tuple[Row, ...]

    def check(self) -> None:
        """raises: TooFewCorrections"""
        held = len(self.learned) + len(self.measured)
        if held < FEWEST or not self.measured:
            raise TooFewCorrections(held)


def gather(database: Database) -> Lessons:
    """All corrected moods, the latest of each sentence, and sentences of the archive besides."""
    corrected: dict[tuple[str, str], Row] = {}
    for correction, reading, document in Corrections(database).moods():
        text = as_read(document.title, document.text)
        entity = text[reading.start : reading.end]
        row = {"text": reading.sentence, "entity": entity, "label": str(correction.after["label"])}
        corrected[_key(row)] = row
    besides = [
        row
        for row in _distinct(Readings(database).sentences(2 * (REHEARSED + LIKE_BEFORE)))
        if _key(row) not in corrected
    ][: REHEARSED + LIKE_BEFORE]
    return Lessons(
        learned=tuple(row for key, row in corrected.items() if not _is_kept_apart(key[0])),
        measured=tuple(row for key, row in corrected.items() if _is_kept_apart(key[0])),
        rehearsed=tuple(besides[LIKE_BEFORE:]),
        others=tuple(besides[:LIKE_BEFORE]),
    )


def _distinct(found: Iterable[tuple[str, str]]) -> list[Row]:
    return list({_key(row): row for row in ({"text": text, "entity": entity} for text, entity in found)}.values())


def _key(row: Row) -> tuple[str, str]:
    return " ".join(row["text"].casefold().split()), row["entity"].casefold()


def _is_kept_apart(text: str) -> bool:
    """Always the same for the same sentence, so that what was measured with is never learned from later."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % KEPT_APART == 0
