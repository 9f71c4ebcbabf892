"""Files of documents into the archive: all rows or, where one is bad, none; a million rows fit in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from apps.finance_sentiment.errors import BadDocumentRows
from apps.finance_sentiment.pipeline.capturing import Captured, capture
from apps.finance_sentiment.pipeline.document_files import read_documents
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.documents import Documents
from core.clock import Clock
from core.rows import BadRow

BATCH, BATCH_CHARACTERS = 1_000, 10_000_000
"""Most of one transaction."""
MOST_TOLD = 10

Show = Callable[[int], None]


@dataclass
class Tally:
    """What an import did so far.

    documents: rows that were read;  new: kept just now;  known: kept before;  empty: without a word once markup is gone
    undated: of the new ones, those whose date is missing or cannot be, so that they count from now on
    bad: rows that cannot be used;  faults: a sentence for each of the first ten
    """

    documents: int = 0
    new: int = 0
    known: int = 0
    empty: int = 0
    undated: int = 0
    bad: int = 0
    faults: list[str] = field(default_factory=list)

    def tell(self, fault: BadRow) -> None:
        """Count a row that cannot be used."""
        self.bad += 1
        if len(self.faults) < MOST_TOLD:
            self.faults.append(fault.fact)


def import_files(
    documents: Documents,
    paths: Sequence[Path],
    source: str,
    clock: Clock,
    settings: FinanceSettings,
    *,
    skip_bad: bool = False,
    show: Show = lambda _: None,
) -> Tally:
    """Keep the documents of files. A process that dies midway is simply run again: what was kept is known then.

    skip_bad: leave rows out that cannot be used; otherwise all files are read through first
    show: takes how many rows are done
    raises: BadDocumentRows, Invalid; nothing was written then, unless with `skip_bad` a file is damaged in its midst
    """
    if not skip_bad:
        _check(paths)
    tally = Tally()
    for batch in batches(_read(paths, tally)):
        done = capture(documents, batch, source, clock(), settings)
        tally.documents += len(batch)
        tally.new += len(done.new)
        tally.known += done.known
        tally.empty += done.empty
        tally.undated += done.undated
        show(tally.documents)
    return tally


def _check(paths: Sequence[Path]) -> None:
    tally = Tally()
    for _ in _read(paths, tally):
        pass
    if tally.bad:
        raise BadDocumentRows(tally.faults, tally.bad)


def _read(paths: Sequence[Path], tally: Tally) -> Iterator[Captured]:
    for path in paths:
        for _, one in read_documents(path, tally.tell):
            yield one


def batches(captured: Iterable[Captured]) -> Iterator[list[Captured]]:
    """Some at a time: as many as one transaction takes."""
    batch: list[Captured] = []
    characters = 0
    for one in captured:
        batch.append(one)
        characters += len(one.title) + len(one.text)
        if len(batch) == BATCH or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
