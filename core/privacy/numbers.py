"""Numbers that need a word beside them or a plausible form: phones, ids, licences, post codes, ages."""

import re
from collections.abc import Iterator

import phonenumbers

from core.privacy.spans import Span

REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "AU", "IN")  # whose national way of writing is tried

_PHONE = re.compile(
    r"(?<![\w.,/-])(?:\+|00)?\(?\d(?:[ \u00a0.()/-]{0,3}\d){5,16}(?:\s?(?:x|ext\.?|extension)\s?\d{1,6})?"
    r"(?![\w])(?![.,-]\d)",
    re.IGNORECASE,
)
_PHONE_WORDS = re.compile(
    r"\b(?:phone|mobile|mob|cell|cellphone|tel|telephone|fax|call(?:ed|ing)?|ring|whats ?app|text(?:ed)?|sms"
    r"|reach|dial|contact|"
    r"landline|handy|nummer|answering|number)\b",
    re.IGNORECASE,
)
_OTHER_NUMBER = re.compile(
    r"\b(?:orders?|customer|account|invoice|ref(?:erence)?|ticket|booking|case|parcel|tracking|policy|contract|card|cc|serial|"
    r"model|item|article|product|sku|voucher|coupon|code|pin|isbn|ean|imei|licen[cs]e|passport|iban|sort|zip|meter)\b",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?:\s?x\d+)?$|0\d{2,4}[ /-]\d{3}[ -]?\d{3,5}$")
_DATE_LIKE = re.compile(r"\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:\d{2}|\d{4})$")
_NEAR = 40

_SUBJECT = (
    r"(?:orders?|customer|client|account|acct|invoice|ref(?:erence)?|ticket|booking|case|parcel|shipment|tracking|policy|contract|"
    r"member(?:ship)?|loyalty|return|rma|transaction|passport|confirmation|claim|user|patient|employee|student|tax|vat|meter|"
    r"sort code|national insurance|nhs)"
)
_ID = re.compile(
    rf"\b{_SUBJECT}(?:\s(?:card|code))?"
    r"(?:[\s.:,-]*\b(?:no|number|numbers|nr|num|id|ids|code|is|was|ref|reference)\b\.?|\s?['\u2019]s)*"
    r"[\s:=(\"']*#?\s?(?P<value>[A-Z0-9](?:[A-Z0-9]|[-/](?=[A-Z0-9])){3,29})(?![\w])",
    re.IGNORECASE,
)
_HASHED = re.compile(r"(?<!\w)#\s?(?P<value>[A-Z]{0,4}-?\d{4,}(?:-\d+)*)(?!\w)", re.IGNORECASE)
_PREFIXED = re.compile(r"(?<![\w-])(?:[A-Z]{1,4}-?\d{6,14}|[A-Z]{2,5}-\d{2,6}-[A-Z0-9]{3,10}|1Z[0-9A-Z]{16})(?![\w-])")
_SORT_CODE = re.compile(r"\bsort code\b\D{0,12}(?P<value>\d\d[- ]\d\d[- ]\d\d)(?!\w)", re.IGNORECASE)
_LICENCE = re.compile(
    r"\bdriv(?:er['\u2019]?s?|ing)\s+licen[cs]e\b[^\d\n]{0,24}?"
    r"(?P<value>\b(?=[A-Z0-9-]*\d)[A-Z0-9](?:[A-Z0-9-]){5,19})(?!\w)",
    re.IGNORECASE,
)
_ZIP = re.compile(
    r"\b(?:zip|postal|post)\s?(?:code)?\b(?:\s(?:code|is|number)|[\s:])*"
    r"(?P<value>(?=[A-Z0-9 -]*\d)[A-Z0-9]{2,5}(?:[ -][A-Z0-9]{2,4})?)(?!\w)",
    re.IGNORECASE,
)
_UK_POSTCODE = re.compile(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}(?!\w)")
_AGE = re.compile(
    r"(?<![\w.,-])(?P<value>1?\d{1,2})(?=[- ]?(?:years?|yrs?|yo|y/o)[- ]?(?:olds?\b|of age\b)|\s?y/o\b|\s?yo\b)"
    r"|\b(?:aged|age of|age:|age is|(?:just|i|he|she) turned|i(?:'ll| will) turn)"
    r"\s(?P<also>1?\d{1,2})(?![\w.,%]|\s?(?:%|euro|pounds|days|times))",
    re.IGNORECASE,
)


def find_phones(text: str) -> Iterator[Span]:
    """Numbers of seven to fifteen digits that are written as a phone number is, or that a word calls one."""
    for match in _PHONE.finditer(text):
        value = match.group()
        start = match.start()
        if value.startswith("(") and ")" not in value:
            start, value = start + 1, value[1:]
        digits = len(re.sub(r"\D", "", re.split(r"x|e", value, flags=re.IGNORECASE)[0]))
        if not 7 <= digits <= 15 or _DATE_LIKE.match(value):
            continue
        before = text[max(0, start - _NEAR) : start]
        if value.startswith(("+", "00")):
            accepted = _possible(value)
        else:
            word, other = _last(_PHONE_WORDS, before), _last(_OTHER_NUMBER, before)
            accepted = word > other or (other < 0 and (_GROUPED.match(value) is not None or _valid_somewhere(value)))
        if accepted:
            yield Span(start, match.end(), "PHONE_NUMBER")


def find_ids(text: str) -> Iterator[Span]:
    """Numbers of orders, customers, accounts and the like: called so, or of the form that shops give them."""
    for match in _ID.finditer(text):
        value = match["value"]
        if sum(letter.isdigit() for letter in value) >= (4 if value.isdigit() else 2) and not _is_year(text, match):
            yield Span(*match.span("value"), "ID")
    for match in _HASHED.finditer(text):
        yield Span(*match.span("value"), "ID")
    for match in _SORT_CODE.finditer(text):
        yield Span(*match.span("value"), "ID")
    for match in _PREFIXED.finditer(text):
        yield Span(*match.span(), "ID")


def find_plain_numbers(text: str) -> Iterator[Span]:
    """Driving licences, post codes and ages."""
    for match in _LICENCE.finditer(text):
        yield Span(*match.span("value"), "US_DRIVER_LICENSE")
    for match in _ZIP.finditer(text):
        yield Span(*match.span("value"), "ZIP_CODE")
    for match in _UK_POSTCODE.finditer(text):
        yield Span(*match.span(), "ZIP_CODE")
    for match in _AGE.finditer(text):
        yield Span(*match.span("value" if match["value"] else "also"), "AGE")


def _is_year(text: str, match: re.Match[str]) -> bool:
    """ "order 2023" may be one, "tax 2023" is the year; four digits alone are believed only where "number" is said."""
    value = match["value"]
    said = re.search(r"#|\b(?:no|number|nr|id|code)\b", text[match.start() : match.start("value")], re.IGNORECASE)
    return re.fullmatch(r"(?:19|20)\d\d", value) is not None and said is None


def _last(words: re.Pattern[str], before: str) -> int:
    """Where the last of the words begins; -1 when there is none."""
    return max((match.start() for match in words.finditer(before)), default=-1)


def _possible(value: str) -> bool:
    try:
        number = phonenumbers.parse("+" + value[2:] if value.startswith("00") else value, None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number)


def _valid_somewhere(value: str) -> bool:
    """Written with a gap and valid in one of the countries; a run of digits alone is more often something else."""
    if not value.startswith(("0", "(")) and not re.search(r"\d[ .-]\d", value):
        return False
    for region in REGIONS:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(value, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False
