"""Names and street addresses where words around them give them away: greetings, titles, signatures, "my name is", "… street"."""

import re
from collections.abc import Iterator

from core.privacy.spans import Span

_LETTERS = r"[^\W\d_]"
_WORD = rf"{_LETTERS}+(?:['’-]{_LETTERS}+)*"
_CAPITAL = rf"(?=[^\W\d_a-zß-öø-ÿ])(?-i:(?=[^a-z])){_WORD}"
_NAME = rf"{_CAPITAL}(?:[ ](?:(?:van|von|de|der|den|da|di|du|la|le|bin|al|el)[ ]){{0,2}}(?:{_CAPITAL}\.?)){{0,3}}"
_ANY_NAME = rf"{_WORD}(?:[ ]{_WORD}){{0,2}}"

_TITLED = re.compile(rf"(?<!\w)(?i:mr|mrs|ms|miss|mx|dr|prof|professor|herr|frau|sir|madame)\.?[ ]+(?P<name>{_NAME})")
_INTRODUCED = re.compile(
    rf"(?i:\bmy (?:full |first |last |maiden )?name(?:'s| is|:)|\b(?:is|am|was) called|\bnamed|\bname is|\bname on (?:it|the \w+) is"
    rf"|\bcall(?:s)? me|\bsurname(?: is|:)?|\bmaiden name(?: is|:)?|\bname:|\bcustomer:|\bunder the name(?: of)?)[ ]+(?P<name>{_ANY_NAME})"
)
_SPEAKING = re.compile(rf"(?i:\b(?:i am|i['’]?m|this is|it['’]?s|here is|speaking with|spoke (?:to|with)))[ ]+(?P<name>{_NAME})")
_GREETED = re.compile(rf"(?i:(?:^|[\n.!?] ?)(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)))[ ]+(?P<name>{_NAME})(?=\s*[,!.\n]|$)")
_SIGNED = re.compile(
    rf"(?i:\b(?:(?:kind |best |warm |many )?(?:regards|wishes|thanks)|yours (?:sincerely|faithfully|truly)|sincerely|cheers|thank you|thx))"
    rf"[ ]*[,.!-]*\s*\n?\s*(?P<name>{_NAME})\s*[.!]?\s*$"
)
_NO_NAMES = frozenset(
    "a an and any are as at ask be but by can could do for from had has have he her here him how i if in is it just like me my no "
    "not of on one or our please she so sorry sure that the their there they this to very was we what when where who why will with "
    "you your team there support all everyone everybody sir madam customer service bot still trying going looking having getting "
    "waiting calling writing contacting wondering unable happy interested afraid aware spelled spelt wrong missing incorrect "
    "different monday tuesday wednesday thursday friday saturday sunday january february march april june july august september "
    "october november december today tomorrow yesterday thanks thank hi hello dear regards english german french spanish".split()
)

_SUFFIX = (
    r"(?:street|str|st|road|rd|avenue|ave|av|lane|ln|drive|dr|court|ct|close|crescent|cres|square|sq|terrace|place|pl|way|boulevard|"
    r"blvd|highway|hwy|parkway|pkwy|gardens|grove|mews|row|walk|hill|quay|wharf|park)"
)
_UNIT = r"(?:,?\s+(?:apt|apartment|flat|suite|ste|unit|room|floor|box)\.?\s*#?\s?\w{1,5})?"
_PLACE = rf"(?:,\s*{_CAPITAL}(?:[ ]{_CAPITAL}){{0,2}})?(?:,?\s+[A-Z]{{2}})?(?:,?\s+\d{{4,5}}(?:-\d{{4}})?(?!\w))?"
_NUMBERED = re.compile(rf"(?<![\w.,€$£-])\d{{1,5}}[a-z]?,?(?:[ ]{_WORD}\.?){{1,4}}?[ ](?i:{_SUFFIX})\b\.?(?i:{_UNIT}){_PLACE}")
_GERMANIC = re.compile(
    r"(?<!\w)(?:[^\W\d_-]+[- ]){0,2}[^\W\d_]{2,}(?i:stra(?:ß|ss)e|str\.|gasse|weg|allee|platz|straat|laan|gata|gatan|vej|veien|katu|tie|kuja)"
    rf"[ ]\d{{1,4}}[ ]?[a-zA-Z]?(?!\w)(?:,?[ ]+\d{{4,5}}[ ]{_CAPITAL})?"
)
_ROMANCE = re.compile(
    r"(?<!\w)(?i:rue|via|viale|piazza|calle|avenida|rua|praça|plaza|place|boulevard|corso|carrer|paseo)[ ](?i:(?:de|del|della|des|du|la|le|los|las|do|da|dos)[ '’]){0,2}"
    rf"{_CAPITAL}(?:[ ]{_CAPITAL}){{0,3}},?[ ]\d{{1,5}}(?!\w)|(?<!\w)\d{{1,4}},?[ ](?i:bis[ ])?(?i:rue|avenue|boulevard|place|quai)[ ]"
    rf"(?i:(?:de|des|du|la|le|l)[ '’]){{0,2}}{_CAPITAL}(?:[- ]{_CAPITAL}){{0,3}}"
)
_BOX = re.compile(r"(?i:\bp\.?\s?o\.? box \d+|\b(?:psc|unit) \d+,? box \d+(?:\s+(?:apo|fpo|dpo) \w\w \d{5})?)")


def find_names_in_context(text: str) -> Iterator[Span]:
    """Names that a title, a greeting, a signature or an introduction announces."""
    for pattern in (_TITLED, _INTRODUCED, _SPEAKING, _GREETED, _SIGNED):
        for match in pattern.finditer(text):
            start, end = match.span("name")
            kept = _name_only(text[start:end])
            if kept:
                yield Span(start, start + kept, "PERSON")


def find_streets(text: str) -> Iterator[Span]:
    """A street with its number, and a post-office box."""
    if not any(letter.isdigit() for letter in text):
        return
    for pattern in (_NUMBERED, _GERMANIC, _ROMANCE, _BOX):
        for match in pattern.finditer(text):
            yield Span(*match.span(), "STREET_ADDRESS")


def _name_only(value: str) -> int:
    """Characters up to the first word that is no part of a name."""
    end = 0
    for match in re.finditer(_WORD, value):
        if match.group().lower() in _NO_NAMES:
            break
        end = match.end()
    return end
