"""The texts of a backtest, in the order in which they became known. Reads files; writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apps.finance_sentiment.errors import ArchiveWithoutDates, BadDocumentRows, NothingToReplay
from apps.finance_sentiment.pipeline.capturing import Captured, prepared
from apps.finance_sentiment.pipeline.document_files import ROWS, from_fields
from apps.finance_sentiment.schemas.moments import parse_moment
from apps.finance_sentiment.settings import FinanceSettings
from apps.finance_sentiment.store.documents import NewDocument
from core.errors import Invalid
from core.rows import BadRow, Row, read_rows

MOST_TOLD = 10
SOURCE = "archive"
LONGEST_SOURCE = 64
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Dated:
    """A document and its source; `fetched_at` is when it becomes known in the replay."""

    source: str
    document: NewDocument


@dataclass
class Texts:
    """What files held. items: in the order in which they become known

    rows: that could be read;  undated, bad, empty, outside: those that were left out, the last ones by `from` and `to`
    faults: a sentence for each of the first that are bad
    """

    items: list[Dated] = field(default_factory=list)
    rows: int = 0
    undated: int = 0
    bad: int = 0
    empty: int = 0
    outside: int = 0
    faults: list[str] = field(default_factory=list)

    def tell(self, fault: BadRow) -> None:
        """Count a row that cannot be used."""
        self.bad += 1
        if len(self.faults) < MOST_TOLD:
            self.faults.append(fault.fact)


def read_texts(
    paths: Sequence[Path],
    delay: timedelta,
    settings: FinanceSettings,
    *,
    since: datetime = FIRST,
    until: datetime = LAST,
    skip_bad: bool = False,
) -> Texts:
    """The documents of files.

    A row has a `title` or a `text`, `published_at`, and may have `id`, `url`, `source` and `fetched_at`. It becomes
    known at `fetched_at`, and where that is missing `delay` after it was published.
    since, until: only what became known in between
    raises: Invalid, BadDocumentRows; ArchiveWithoutDates where no row is dated, NothingToReplay where none is left
    """
    found = Texts()
    for path in paths:
        if not path.name.lower().endswith(ROWS):
            raise Invalid(f"{path.name} is of no kind that holds dates", remedy=f"give a file of {', '.join(ROWS)}")
        for row in read_rows(path, column=None, told=found.tell):
            _take(path, row, delay, settings, since, until, found)
    if found.bad and not skip_bad:
        raise BadDocumentRows(found.faults, found.bad)
    if not found.items:
        if found.undated:
            raise ArchiveWithoutDates(found.undated)
        raise NothingToReplay(found.outside)
    found.items.sort(key=lambda one: (one.document.fetched_at, one.document.published_at))
    return found


def _take(
    path: Path, row: Row, delay: timedelta, settings: FinanceSettings, since: datetime, until: datetime, found: Texts
) -> None:
    try:
        captured, fetched_at, source = _read(row)
    except ValueError as error:
        found.tell(BadRow(path, row.line, str(error)))
        return
    found.rows += 1
    if captured.published_at is None:
        found.undated += 1
        return
    known = fetched_at or captured.published_at + delay
    if not since <= known < until:
        found.outside += 1
        return
    document = prepared(captured, known, settings)
    if document is None:
        found.empty += 1
    else:
        found.items.append(Dated(source, document))


def _read(row: Row) -> tuple[Captured, datetime | None, str]:
    """raises: ValueError with the end of a sentence about the row"""
    captured = from_fields(row.fields)
    try:
        fetched_at = parse_moment(row.fields.get("fetched_at"))
    except ValueError as error:
        raise ValueError("has a fetched_at that is neither ISO 8601 nor seconds since 1970") from error
    source = row.fields.get("source")
    named = source.strip()[:LONGEST_SOURCE] if isinstance(source, str) else ""
    return captured, fetched_at, named or SOURCE
