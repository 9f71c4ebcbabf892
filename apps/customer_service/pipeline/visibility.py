"""Who may see a document, and when: its audience and its dates of validity. What cannot be read is hidden.

A document says so in front matter or columns (`audience`, `valid_from`, `valid_until`); a person may say otherwise by
hand, and that holds through every later import until it is taken back.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from apps.customer_service.schemas.asking import Audience
from apps.customer_service.schemas.knowledge import SET_BY_HAND as BY_HAND
from core.errors import Invalid
from core.retrieval.documents import Document, Metadata
from core.retrieval.filters import Columns, parse_filter

AUDIENCE, VALID_FROM, VALID_UNTIL = "audience", "valid_from", "valid_until"
FIELDS = (AUDIENCE, VALID_FROM, VALID_UNTIL)
Filter = Mapping[str, Any]


class BadValidity(Invalid):
    """A document whose dates or audience cannot be understood."""

    def __init__(self, source: str, fact: str) -> None:
        super().__init__(
            f"{source!r:.200} {fact}",
            remedy="write dates as 2026-06-30 or 2026-06-30T17:00:00Z, the audience as public or internal",
        )


def seen_by(audience: Audience, now: datetime) -> Filter:
    """The filter under which every search runs: what is valid now, and for customers what is public.

    now: aware; a document is valid from `valid_from` on and up to `valid_until`, both included
    """
    moment = now.astimezone(UTC).isoformat(timespec="seconds")
    valid = [
        _either({"field": VALID_FROM, "operator": "<=", "value": moment}, VALID_FROM),
        _either({"field": VALID_UNTIL, "operator": ">=", "value": moment}, VALID_UNTIL),
    ]
    readers = [None, "public", *(["internal"] if audience == "internal" else [])]
    return {"operator": "AND", "conditions": [{"field": AUDIENCE, "operator": "in", "value": readers}, *valid]}


def _either(condition: Filter, field: str) -> Filter:
    return {"operator": "OR", "conditions": [{"field": field, "operator": "==", "value": None}, condition]}


def is_seen_by(metadata: Metadata, audience: Audience, now: datetime) -> bool:
    """The same of one document."""
    columns = Columns()
    columns.extend([metadata])
    return bool(columns.mask(parse_filter(seen_by(audience, now)))[0])


def checked(document: Document) -> Document:
    """A document as it was read, its dates and audience in one form, under one name in whatever case it was written.

    raises: BadValidity
    """
    said: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in document.metadata.items():
        field = name.strip().lower()
        if field == BY_HAND:
            raise BadValidity(document.source, f"names a field '{BY_HAND}', which is the desk's own")
        if field not in FIELDS:
            others[name] = value
        elif field in said:
            raise BadValidity(document.source, f"says '{field}' twice")
        else:
            said[field] = value
    try:
        read = {field: found for field in FIELDS if (found := read_field(field, said.get(field))) is not None}
        check_order(read)
    except ValueError as error:
        raise BadValidity(document.source, str(error)) from error
    return replace(document, metadata={**others, **read})


def read_field(field: str, value: Any) -> str | None:
    """One of FIELDS in the form in which it is stored; None where it says nothing.

    returns: "public", "internal" or a UTC timestamp to the second; a date ends with its last second in `valid_until`
    raises: ValueError saying what is wrong

    >>> read_field("valid_until", "2026-06-30"), read_field("audience", "Internal")
    ('2026-06-30T23:59:59+00:00', 'internal')
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(f"has a '{field}' that is not text")
    written = value.strip()
    if field == AUDIENCE:
        if written.lower() not in {"public", "internal"}:
            raise ValueError(f"has the audience '{written[:40]}'")
        return written.lower()
    try:
        if len(written) <= 10:
            day = date.fromisoformat(written)
            moment = datetime.combine(day, time(23, 59, 59) if field == VALID_UNTIL else time(), UTC)
        else:
            moment = datetime.fromisoformat(written)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"has a '{field}' that is no ISO 8601 date or time ('{written[:40]}')") from error
    if not 1970 <= moment.year <= 9990:
        raise ValueError(f"has a '{field}' out of reach ('{written[:40]}')")
    return moment.isoformat(timespec="seconds")


def check_order(read: Mapping[str, str]) -> None:
    """raises: ValueError for what ends before it begins. Stored times compare as text"""
    begins, ends = read.get(VALID_FROM), read.get(VALID_UNTIL)
    if begins and ends and ends < begins:
        raise ValueError("ends before it begins: `valid_until` lies before `valid_from`")


def set_by_hand(metadata: Metadata, changes: Mapping[str, str | None]) -> dict[str, Any]:
    """Metadata after a person changed some of FIELDS. changes: stored form; None takes back what was set by hand

    raises: ValueError when the document would end before it begins
    """
    held: dict[str, dict[str, Any]] = {name: dict(value) for name, value in metadata.get(BY_HAND, {}).items()}
    changed = {name: value for name, value in metadata.items() if name != BY_HAND}
    for field, value in changes.items():
        said = held.pop(field, {"instead_of": changed.get(field)})["instead_of"]
        if value is not None:
            held[field] = {"instead_of": said}
        changed = _with(changed, field, said if value is None else value)
    check_order({field: changed[field] for field in (VALID_FROM, VALID_UNTIL) if field in changed})
    return {**changed, BY_HAND: held} if held else changed


def keep_by_hand(stored: Metadata, brought: Metadata) -> Metadata:
    """What an import stores for a document that is there already: what was set by hand stays in force."""
    held = stored.get(BY_HAND, {})
    if not held:
        return brought
    kept = dict(brought)
    for field in held:
        kept = _with(kept, field, stored.get(field))
    return {**kept, BY_HAND: {field: {"instead_of": brought.get(field)} for field in held}}


def _with(metadata: dict[str, Any], field: str, value: Any) -> dict[str, Any]:
    rest = {name: own for name, own in metadata.items() if name != field}
    return rest if value is None else {**rest, field: value}
