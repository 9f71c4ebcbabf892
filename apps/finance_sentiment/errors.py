"""What can go wrong in the monitor: each a fact, a status, a remedy."""

from collections.abc import Sequence
from pathlib import Path

from core.errors import Conflict, Invalid, Misconfigured, NotFound, TriviumError


class NoSuchEntity(NotFound):
    """A company that never was in the list, or was removed from it."""

    def __init__(self, entity: str) -> None:
        super().__init__(f"there is no entity {entity!r:.70}", remedy="see `GET /v1/finance/entities`")


class TooManyEntities(Conflict):
    """The list is full. most: that it may hold"""

    def __init__(self, most: int) -> None:
        super().__init__(f"the list may hold {most} entities", remedy="remove those that nobody follows")


class EditedMeanwhile(Conflict):
    """Somebody else was faster."""

    def __init__(self, entity: str, read: int, now: int) -> None:
        super().__init__(
            f"the entity {entity!r:.70} has changed: you read version {read}, it is at {now}",
            remedy="read it again, then decide",
        )


class BadEntityFile(Invalid):
    """Rows of a file that name no usable entity. faults: a sentence for each, with its line"""

    MOST_TOLD = 10

    def __init__(self, path: Path, faults: list[str]) -> None:
        told = "; ".join(faults[: self.MOST_TOLD])
        more = f"; and {len(faults) - self.MOST_TOLD} more" if len(faults) > self.MOST_TOLD else ""
        super().__init__(
            f"rows of {path.name} are wrong ({told}{more})", remedy="correct it and try again; nothing was written"
        )
        self.faults = faults


class BadObservation(Invalid):
    """A row of a series that cannot be used."""

    def __init__(self, why: str) -> None:
        super().__init__(why, remedy="give rows in order of time, with numbers as values")


class BadDetectorState(Invalid):
    """What was saved is not a detector of this version. where: the field"""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"the saved detector cannot be restored ({where}: {why})", remedy="begin with a new one")


class GivesNoMoods(Misconfigured):
    """The chosen model tells other labels apart than moods."""

    def __init__(self, ref: str, labels: Sequence[str]) -> None:
        super().__init__(
            f"model {ref} does not read moods; its labels are {', '.join(labels)[:120]}",
            remedy="set `mood_model` to a model of the labels negative, neutral and positive",
        )


class NoSuchReading(NotFound):
    """A reading that never was."""

    def __init__(self, reading: int) -> None:
        super().__init__(f"there is no reading {reading}", remedy="take ids from a document or from the review queue")


class NoSuchStory(NotFound):
    """A story that never was."""

    def __init__(self, story: int) -> None:
        super().__init__(f"there is no story {story}", remedy="take ids from documents or a company's stories")


class CorrectedMeanwhile(Conflict):
    """Somebody else was faster, or the story was chained anew."""

    def __init__(self, reading: int) -> None:
        super().__init__(
            f"reading {reading} has been replaced meanwhile", remedy="load the document again, then decide"
        )


class NoSuchDocument(NotFound):
    """A document that was never captured here."""

    def __init__(self, document: int) -> None:
        super().__init__(f"there is no document {document}", remedy="search the archive for it")


class BadDocumentRows(Invalid):
    """Rows of files that cannot be captured. faults: a sentence for each of the first;  count: of all"""

    def __init__(self, faults: list[str], count: int) -> None:
        more = f"; and {count - len(faults)} more" if count > len(faults) else ""
        super().__init__(
            f"{count} rows cannot be used ({'; '.join(faults)}{more})",
            remedy="correct them, or leave them out with `--skip-bad`; nothing was written",
        )
        self.faults = faults
        self.count = count


class AddressRefused(Invalid):
    """An address that is not fetched, whoever asks for it."""


class FetchFailed(TriviumError):
    """An address that did not give what it should, this time.

    status: 502, as the fault is another server's
    wait_s: seconds that the server asks to be left alone;  gone: it will never be there again
    """

    status = 502

    def __init__(self, fact: str, *, remedy: str = "", wait_s: float | None = None, gone: bool = False) -> None:
        super().__init__(fact, remedy=remedy)
        self.wait_s = wait_s
        self.gone = gone


class NoSuchSource(NotFound):
    """A source that never was, or was removed."""

    def __init__(self, source: str) -> None:
        super().__init__(f"there is no source {source!r:.70}", remedy="see `GET /v1/finance/sources`")


class SourceExists(Conflict):
    """A source's id that is taken."""

    def __init__(self, source: str) -> None:
        super().__init__(f"there is a source {source!r:.70} already", remedy="change it, or choose another id")


class TooManySources(Conflict):
    """More sources than one monitor looks at. most: that there may be"""

    def __init__(self, most: int) -> None:
        super().__init__(f"there may be {most} sources", remedy="remove those that bring nothing")


class CannotPoll(Conflict):
    """A source that cannot be looked at now."""

    def __init__(self, source: str, paused: bool) -> None:
        if paused:
            super().__init__(f"the source {source!r:.70} is paused", remedy="switch it on first")
        else:
            super().__init__(f"the source {source!r:.70} is being looked at right now", remedy="wait a moment")


class BadFolder(Invalid):
    """A folder that may not be watched."""


class BadBucket(Invalid):
    """A width of a curve's points that is none."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r:.40} is no width of a bucket", remedy="write a number and m, h, d or w: 15m, 1h, 1d, 2w"
        )


class BadHalfLife(Invalid):
    """A half-life that is none."""

    def __init__(self, text: str, most_hours: int) -> None:
        super().__init__(
            f"{text!r:.40} is no half-life: it must be longer than nothing, and at most {most_hours} hours",
            remedy="write hours, or a number and m, h, d or w: 24, 90m, 3d",
        )


class BadZone(Invalid):
    """A time zone that is unknown."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r:.60} is no time zone", remedy="write a name of the IANA list, such as Europe/Zurich")


class BadSpan(Invalid):
    """A span of time that holds nothing, or may mean several."""

    def __init__(self, why: str) -> None:
        super().__init__(why, remedy="write 2026-01-31T00:00:00Z, `from` before `to` and before now")


class TooManyPoints(Invalid):
    """A curve that nobody could look at."""

    def __init__(self, points: int, most: int) -> None:
        super().__init__(f"the curve would have {points} points, and may have {most}", remedy="ask for wider buckets")


class NoSuchSector(NotFound):
    """No company of the list is in it."""

    def __init__(self, sector: str) -> None:
        super().__init__(f"no company is in the sector {sector!r:.90}", remedy="see `GET /v1/finance/entities`")


class ArchiveWithoutDates(Invalid):
    """Texts that cannot be replayed. undated: how many"""

    def __init__(self, undated: int) -> None:
        super().__init__(
            f"none of the {undated} texts has a date, so there is no order in which to replay them",
            remedy="give rows with `published_at` (ISO 8601 or seconds since 1970)",
        )


class NothingToReplay(Invalid):
    """Files in which no text is left. outside: how many were published outside of the asked time"""

    def __init__(self, outside: int) -> None:
        if outside:
            super().__init__(f"none of the {outside} texts lies in the asked time", remedy="widen `--from` and `--to`")
        else:
            super().__init__(
                "the files hold no text", remedy="give rows with a `title` or a `text`, and `published_at`"
            )


class BadPrices(Invalid):
    """Prices that nothing can be measured against."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact, remedy="give `date,ticker,close` with tickers of `trivium finance entities list`")


class NotSearchable(Conflict):
    """Search by meaning is switched off."""

    def __init__(self) -> None:
        super().__init__(
            "search by meaning is switched off here", remedy="leave `q` out, or set `searchable_documents` above 0"
        )
