"""All patterns in their order of trust. Needs no weights: the baseline, and what the tagger is told."""

from core.privacy.codes import find_codes
from core.privacy.dates import find_dates
from core.privacy.numbers import find_ids, find_phones, find_plain_numbers
from core.privacy.people import find_names_in_context
from core.privacy.spans import Span, without_overlaps
from core.privacy.streets import find_streets

_SURE = ("EMAIL_ADDRESS", "DOMAIN_NAME", "IBAN_CODE", "CREDIT_CARD", "US_SSN", "IP_ADDRESS")


def find_certain(text: str) -> tuple[Span, ...]:
    """Values that prove themselves by their form, in order of trust, without overlaps."""
    codes = list(find_codes(text))
    return without_overlaps(*([span for span in codes if span.type == kind] for kind in _SURE))


def find_by_patterns(text: str) -> tuple[Span, ...]:
    """Everything that a pattern finds, without overlaps."""
    return without_overlaps(
        find_certain(text),
        find_dates(text),
        find_streets(text),
        find_plain_numbers(text),
        find_ids(text),
        find_phones(text),
        find_names_in_context(text),
    )
