"""Values that prove themselves by their form or check digits: e-mail, URL, IP, IBAN, card, social security number."""

import ipaddress
import re
from collections.abc import Iterator

from stdnum import iban, luhn

from core.privacy.spans import Span

TOP_LEVELS = (
    "com|org|net|edu|gov|info|biz|io|co|me|app|dev|shop|store|online|site|eu|uk|de|fr|it|es|nl|be|at|ch|pl|cz|dk|se|no"
    "|fi|ie|pt|gr|hu|ro|us|ca|au|nz|in|jp|br|mx|ru|ee|si|sk|is|lt|lv"
)
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.%+-]{1,64}(?:@|\s?(?:\[at\]|\(at\)|\{at\})\s?)(?:[\w-]{1,63}(?:\.|\s?(?:\[dot\]|\(dot\))\s?)){1,6}"
    r"[^\W\d_]{2,24}(?![\w])",
    re.IGNORECASE,
)
_URL = re.compile(r"(?<!\w)(?:(?:https?|ftp)://|www\.)[^\s<>\"'`|{}]+", re.IGNORECASE)
_DOMAIN = re.compile(
    rf"(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.){{1,4}}(?:{TOP_LEVELS})(?:/[^\s<>\"']*)?(?![\w@-]|\.\w)",
    re.IGNORECASE,
)
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE)
_VERSION = re.compile(r"(?:\bv|\bversion|\bfirmware|\brelease|\bbuild)[\s.:]*$", re.IGNORECASE)
_IBAN = re.compile(r"(?<!\w)[a-z]{2}\d{2}(?:[ -]?[a-z0-9]){11,30}(?!\w)", re.IGNORECASE)
_CARD = re.compile(r"(?<![\w.,-])\d(?:[ -]?\d){11,18}(?![\w]|[.,-]\d)")
_CARD_WORDS = re.compile(
    r"\b(?:cards?|cc|visa|master ?card|amex|american express|maestro|debit|credit)\b", re.IGNORECASE
)
_OTHER_NUMBER = re.compile(
    r"\b(?:order|tracking|parcel|invoice|reference|ticket|barcode|ean|imei|serial)\b", re.IGNORECASE
)
_SSN = re.compile(r"(?<![\w-])(?!000|666|9\d\d)\d{3}([- ])(?!00)\d\d\1(?!0000)\d{4}(?![\w-])")
_SSN_WORDS = re.compile(r"\b(?:ssn|social security(?: number| no\.?)?)\b[^\d\n]{0,20}(\d{9})(?!\w)", re.IGNORECASE)
_TRAILING = ".,;:!?)]}…"
_NEAR = 48  # characters before a number in which a word says what it is


def find_codes(text: str) -> Iterator[Span]:
    """Each value once for each reading; readings may overlap."""
    yield from _emails_and_urls(text)
    yield from _addresses_of_machines(text)
    yield from _ibans(text)
    yield from _cards(text)
    for match in _SSN.finditer(text):
        yield Span(*match.span(), "US_SSN")
    for match in _SSN_WORDS.finditer(text):
        yield Span(*match.span(1), "US_SSN")


def _emails_and_urls(text: str) -> Iterator[Span]:
    if "." not in text and "dot" not in text.lower():
        return
    for match in _EMAIL.finditer(text):
        yield Span(*match.span(), "EMAIL_ADDRESS")
    for pattern in (_URL, _DOMAIN):
        for match in pattern.finditer(text):
            value = match.group().rstrip(_TRAILING)
            if "." in value:
                yield Span(match.start(), match.start() + len(value), "DOMAIN_NAME")


def _addresses_of_machines(text: str) -> Iterator[Span]:
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            if _VERSION.search(text, max(0, match.start() - 16), match.start()):
                continue
            try:
                ipaddress.ip_address(match.group())
            except ValueError:
                continue  # looks like one and is none: 10.20.300.1, 12:30:45
            yield Span(*match.span(), "IP_ADDRESS")


def _ibans(text: str) -> Iterator[Span]:
    """Also those with a wrong check digit, when country and length fit: people mistype."""
    for match in _IBAN.finditer(text):
        start, end = match.span()
        while end - start >= 15:  # words after it are read along: "GB29 … 19 is mine"
            value = text[start:end]
            if iban.is_valid(value) or (len(value.split()) == 1 and _fits_a_country(value)):
                yield Span(start, end, "IBAN_CODE")
                break
            shorter = max(value.rfind(" "), value.rfind("-"))
            if shorter < 0:
                break
            end = start + shorter


def _fits_a_country(value: str) -> bool:
    try:
        iban.validate(value, check_country=False)
    except iban.InvalidChecksum:
        return True
    except iban.ValidationError:
        return False
    return True


def _cards(text: str) -> Iterator[Span]:
    """Twelve to nineteen digits whose check digit fits, or that are called a card."""
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        before = text[max(0, match.start() - _NEAR) : match.start()]
        named = _CARD_WORDS.search(before) is not None
        other = _OTHER_NUMBER.search(before) is not None
        if (named or (luhn.is_valid(digits) and len(digits) >= 13)) and (not other or named) and len(set(digits)) > 1:
            yield Span(*match.span(), "CREDIT_CARD")
