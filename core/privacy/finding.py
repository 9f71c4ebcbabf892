"""Find personal data: patterns see what has a form, a small trained tagger what is known by its company."""

from core.privacy.patterns import find_by_patterns, find_certain
from core.privacy.spans import TYPES, Span, without_overlaps
from core.privacy.tagger import Tagger, shipped


def find(text: str, types: frozenset[str] = TYPES, tagger: Tagger | None = None) -> tuple[Span, ...]:
    """Personal values, ascending, without overlaps. Offline, without a model of the house, about a millisecond.

    types: which to report;  tagger: default: the one that comes with the package
    """
    certain, hints = find_certain(text), find_by_patterns(text)
    tagged = (tagger or shipped()).find(text, hints)
    told = [span for span in hints if span.type != "PERSON"]
    found = without_overlaps(certain, [span for span in tagged if span.type in TYPES], told)
    return tuple(span for span in found if span.type in types)
