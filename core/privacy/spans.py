"""What is found: types, spans, and which of two that overlap stays. Knows no pattern."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Types as they stand on the wire, and the word that takes a value's place.
PLACEHOLDERS: dict[str, str] = {
    "PERSON": "NAME",
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "CREDIT_CARD": "CARD",
    "IBAN_CODE": "IBAN",
    "DOMAIN_NAME": "URL",
    "IP_ADDRESS": "IP",
    "US_SSN": "SSN",
    "STREET_ADDRESS": "ADDRESS",
    "DATE_TIME": "DATE",
    "ZIP_CODE": "ZIP",
    "AGE": "AGE",
    "US_DRIVER_LICENSE": "LICENCE",
    "ID": "ID",
}
TYPES = frozenset(PLACEHOLDERS)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text that is personal. start, end: characters, end exclusive;  type: one of `TYPES`"""

    start: int
    end: int
    type: str

    def overlaps(self, other: "Span") -> bool:
        """Whether both hold a character.

        >>> Span(0, 3, "AGE").overlaps(Span(3, 5, "AGE"))
        False
        """
        return self.start < other.end and other.start < self.end

    def as_dict(self) -> dict[str, str | int]:
        """As it stands in a row.

        >>> Span(3, 5, "AGE").as_dict()
        {'type': 'AGE', 'start': 3, 'end': 5}
        """
        return {"type": self.type, "start": self.start, "end": self.end}


def without_overlaps(*ranked: Iterable[Span]) -> tuple[Span, ...]:
    """Spans that do not overlap, ascending. What stands in an earlier group stays; within a group, the longer.

    >>> without_overlaps([Span(2, 4, "AGE")], [Span(0, 3, "ID"), Span(5, 6, "ID"), Span(5, 8, "PERSON")])
    (Span(start=2, end=4, type='AGE'), Span(start=5, end=8, type='PERSON'))
    """
    kept: list[Span] = []  # ascending
    for group in ranked:
        for span in sorted(group, key=lambda span: (span.start - span.end, span.start)):
            at = bisect_left(kept, span)
            if not any(span.overlaps(other) for other in kept[max(0, at - 1) : at + 1]):
                kept.insert(at, span)
    return tuple(kept)


def within(spans: Sequence[Span], start: int, end: int) -> Sequence[Span]:
    """Those that begin in a stretch. spans: ascending

    >>> within([Span(0, 1, "ID"), Span(4, 9, "ID")], 2, 5)
    [Span(start=4, end=9, type='ID')]
    """
    return spans[bisect_left(spans, (start,), key=_place) : bisect_left(spans, (end,), key=_place)]


def _place(span: Span) -> tuple[int]:
    return (span.start,)
