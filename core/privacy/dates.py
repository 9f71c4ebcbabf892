"""Days as people write them: with figures, or with a month's name beside a figure. A month alone is none."""

import re
from collections.abc import Iterator

from core.privacy.spans import Span

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?|januar|februar|märz|juni|juli|oktober|dezember)"
)
_DAY = r"(?:[12]\d|3[01]|0?[1-9])"
_YEAR = r"(?:19|20)\d\d"
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<![\w./-]){_YEAR}[-/.](?:0?[1-9]|1[0-2])[-/.]{_DAY}{_TIME}(?![\w]|[./-]\d)",
        rf"(?<![\w./-]){_DAY}([-/.])(?:0?[1-9]|1[0-2])\1(?:{_YEAR}|\d\d)(?![\w]|[./-]\d)",
        rf"(?<![\w./-])(?:0?[1-9]|1[0-2])([-/.]){_DAY}\1(?:{_YEAR}|\d\d)(?![\w]|[./-]\d)",
        rf"(?<![\w./-]){_DAY}(?:st|nd|rd|th|\.)?(?:\s+of)?[\s-]+{_MONTH}\b\.?(?:[\s,-]+{_YEAR})?(?!\w)",
        rf"(?<![\w-]){_MONTH}\.?\s+(?:the\s+)?{_DAY}(?:st|nd|rd|th)?(?:\s*,?\s+{_YEAR})?(?!\w|[.,:]\d|\s?(?:%|€|\$))",
        rf"(?<![\w-]){_MONTH}\.?,?\s+{_YEAR}(?!\w)",
    )
]
_AMOUNT = re.compile(r"[€$£]\s?$")


def find_dates(text: str) -> Iterator[Span]:
    """Each way of writing that fits; they may overlap."""
    for form in _FORMS:
        for match in form.finditer(text):
            if not _AMOUNT.search(text, max(0, match.start() - 2), match.start()):
                yield Span(match.start(), match.start() + len(match.group().rstrip(".,")), "DATE_TIME")
