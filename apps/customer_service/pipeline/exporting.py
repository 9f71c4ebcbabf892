"""Conversations as rows for analysts and trainings, page by page. Personal data is masked unless raw rows are wanted.

Masked rows are made field by field: what is added to a conversation later stays inside until it stands here. Names of
customers and agents become pseudonyms, the same in one export and others in the next; metadata and senders' own ids,
which may hold anything, are left out.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.customer_service.store.exporting import Exported, Exports
from apps.customer_service.store.tables import ConversationRow, EntryRow
from core.errors import Invalid

_PLAIN = ("id", "collection", "channel", "language", "state", "queue", "reason", "resolution")
_TIMES = ("created_at", "updated_at", "handed_over_at", "first_reply_at", "resolved_at", "reopened_at")
_OF_DATA = ("action", "confidence", "replies_to", "before", "after", "reason", "choice", "chosen")
_OF_A_CITATION = ("number", "document", "passage", "start", "end")


class EndsBeforeItBegins(Invalid):
    """A span of time that holds nothing."""

    def __init__(self) -> None:
        super().__init__("`until` is not later than `since`", remedy="exchange them")


class NoTimeZone(Invalid):
    """A time that may mean several."""

    def __init__(self) -> None:
        super().__init__("`since` and `until` need a time zone", remedy="write 2026-01-31T00:00:00Z")


@dataclass(frozen=True)
class Wanted:
    """Which conversations: those that began in [since, until), of one knowledge base or of all.

    raises: EndsBeforeItBegins, NoTimeZone
    """

    since: datetime | None = None
    until: datetime | None = None
    collection: str | None = None

    def __post_init__(self) -> None:
        if any(time is not None and time.tzinfo is None for time in (self.since, self.until)):
            raise NoTimeZone
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise EndsBeforeItBegins


@dataclass(frozen=True)
class Mask:
    """How masked rows are made.

    cleaned: a text without personal data;  salt: of the pseudonyms, new for each export, so that nobody can guess names
    """

    cleaned: Callable[[str], str]
    salt: bytes

    def pseudonym(self, name: str | None) -> str | None:
        """The same for the same name.

        >>> mask = Mask(str, b"salt")
        >>> mask.pseudonym("ann") == mask.pseudonym("ann") != mask.pseudonym("bo")
        True
        """
        if name is None:
            return None
        return f"p_{hashlib.blake2b(name.encode(), key=self.salt, digest_size=8).hexdigest()}"


def rows(exports: Exports, wanted: Wanted, mask: Mask | None) -> Iterator[dict[str, Any]]:
    """A row a conversation, in the order in which they began, each with its entries. mask: None for raw rows"""
    for exported in exports.each(wanted.since, wanted.until, wanted.collection):
        yield _raw(exported) if mask is None else _masked(exported, mask)


def _raw(exported: Exported) -> dict[str, Any]:
    row = exported.conversation
    people = {"customer": row.customer, "agent": row.agent}
    judged = {"rating": row.csat, "rating_comment": row.csat_comment}
    entries = [
        _entry(entry, exported, text=entry.text, author=entry.author, data=entry.data)
        | {"client_id": entry.client_id, "comment": exported.comments.get(entry.number)}
        for entry in exported.entries
    ]
    return {**_common(row), **people, **judged, "metadata": row.meta, "entries": entries}


def _masked(exported: Exported, mask: Mask) -> dict[str, Any]:
    row = exported.conversation
    people = {"customer": mask.pseudonym(row.customer), "agent": mask.pseudonym(row.agent)}
    judged = {"rating": row.csat, "rating_comment": _cleaned(row.csat_comment, mask)}
    entries = [
        _entry(
            entry,
            exported,
            text=mask.cleaned(entry.text),
            author=mask.pseudonym(entry.author),
            data=_shown_data(entry),
        )
        | {"comment": _cleaned(exported.comments.get(entry.number), mask)}
        for entry in exported.entries
    ]
    return {**_common(row), **people, **judged, "entries": entries}


def _cleaned(text: str | None, mask: Mask) -> str | None:
    return None if text is None else mask.cleaned(text)


def _common(row: ConversationRow) -> dict[str, Any]:
    times = {name: _written(getattr(row, name)) for name in _TIMES}
    return {name: getattr(row, name) for name in _PLAIN} | times


def _entry(entry: EntryRow, exported: Exported, **more: Any) -> dict[str, Any]:
    common = {"number": entry.number, "kind": entry.kind, "role": entry.role, "created_at": _written(entry.created_at)}
    return {**common, **more, "thumb": exported.thumbs.get(entry.number)}


def _shown_data(entry: EntryRow) -> dict[str, Any]:
    shown = {name: entry.data[name] for name in _OF_DATA if name in entry.data}
    if "citations" in entry.data:
        shown["citations"] = [{name: one.get(name) for name in _OF_A_CITATION} for one in entry.data["citations"]]
    return shown


def _written(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()
