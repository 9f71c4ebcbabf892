"""Moods that are read ahead in large batches. A mood depends on its text alone, never on when it is read."""

from collections.abc import Callable, Sequence

from apps.finance_sentiment.pipeline.entities import Listing
from apps.finance_sentiment.pipeline.evidence import row_of
from apps.finance_sentiment.pipeline.mood import Mood, MoodReader, Moods
from apps.finance_sentiment.pipeline.reading import as_read
from apps.finance_sentiment.pipeline.scoring import companies
from apps.finance_sentiment.store.documents import NewDocument
from core.outcomes import Labelled

AT_ONCE = 2_048  # documents

Show = Callable[[int], None]


class RememberedMoods(MoodReader):
    """Asks the model for each row once; what it said is given again."""

    def __init__(self, reader: MoodReader) -> None:
        self._reader = reader
        self._model = ""
        self._known: dict[tuple[str, str], Mood] = {}

    def read(self, rows: Sequence[Labelled]) -> Moods:
        """See `MoodReader.read`."""
        missing = {key: row for row in rows if (key := (row.text, row.entity)) not in self._known}
        if missing or not self._model:
            found = self._reader.read(list(missing.values()))
            self._model = found.model
            self._known.update(zip(missing, found.items, strict=True))
        return Moods(self._model, [self._known[row.text, row.entity] for row in rows])

    def read_ahead(self, documents: Sequence[NewDocument], listing: Listing, show: Show = lambda _: None) -> None:
        """Read all that the replay will ask for. show: takes how many documents are done"""
        for at in range(0, len(documents), AT_ONCE):
            rows = []
            for one in documents[at : at + AT_ONCE]:
                text = as_read(one.title, one.text)
                for subject in companies(listing, text, len(one.title)):
                    rows += [row_of(text, piece) for piece in subject.pieces]
            self.read(rows)
            show(min(at + AT_ONCE, len(documents)))
