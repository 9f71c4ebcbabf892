"""What can go wrong in the monitor: each a fact, a status, a remedy."""

from pathlib import Path

from core.errors import Conflict, Invalid, NotFound, TriviumError


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
