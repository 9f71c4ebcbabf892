"""Street addresses as several countries write them: a street with its number, what follows in one line, a box."""

import re
from collections.abc import Iterator

from core.privacy.spans import Span
from core.privacy.wording import CAPITAL, WORD

_SUFFIX = (
    r"(?:street|str|st|road|rd|avenue|ave|av|lane|ln|drive|dr|court|ct|close|crescent|cres|square|sq|terrace|place|pl"
    r"|way|boulevard|blvd|highway|hwy|parkway|pkwy|gardens|grove|mews|row|walk|hill|quay|wharf|park)"
)
_UNIT = r"(?:,?\s+(?:apt|apartment|flat|suite|ste|unit|room|floor|box)\.?\s*#?\s?\w{1,5})?"
_PLACE = rf"(?:,\s*{CAPITAL}(?:[ ]{CAPITAL}){{0,2}})?(?:,?\s+[A-Z]{{2}}(?!\w))?(?:,?\s+\d{{4,5}}(?:-\d{{4}})?(?!\w))?"
_NUMBERED = re.compile(
    rf"(?<![\w.,€$£-])\d{{1,5}}[a-z]?,?(?:[ ]{WORD}\.?){{1,4}}?[ ](?i:{_SUFFIX})\b\.?(?i:{_UNIT}){_PLACE}"
)
_GERMANIC = re.compile(
    rf"(?<!\w)(?:{CAPITAL}[- ]){{0,2}}[^\W\d_]{{2,}}(?i:stra(?:ß|ss)e|str\.|gasse|weg|allee|platz|straat|laan|gata"
    rf"|gatan|vej|veien|katu|tie|kuja)[ ]\d{{1,4}}[ ]?[a-zA-Z]?(?!\w)(?:,?[ ]+\d{{4,5}}[ ]{CAPITAL})?"
)
_OF = r"(?i:(?:de|del|della|des|du|la|le|l|los|las|do|da|dos)[ '\u2019]){0,2}"
_ROMANCE = re.compile(
    r"(?<!\w)(?i:rue|via|viale|piazza|calle|avenida|rua|praça|plaza|place|boulevard|corso|carrer|paseo)[ ]"
    rf"{_OF}{CAPITAL}(?:[ ]{CAPITAL}){{0,3}},?[ ]\d{{1,5}}(?!\w)"
    rf"|(?<!\w)\d{{1,4}},?[ ](?i:bis[ ])?(?i:rue|avenue|boulevard|place|quai)[ ]{_OF}{CAPITAL}(?:[- ]{CAPITAL}){{0,3}}"
)
_BOX = re.compile(r"(?i:\bp\.?\s?o\.? box \d+|\b(?:psc|unit) \d+,? box \d+(?:\s+(?:apo|fpo|dpo) \w\w \d{5})?)")


def find_streets(text: str) -> Iterator[Span]:
    """A street with its number, and a post-office box."""
    if not any(letter.isdigit() for letter in text):
        return
    for pattern in (_NUMBERED, _GERMANIC, _ROMANCE, _BOX):
        for match in pattern.finditer(text):
            yield Span(*match.span(), "STREET_ADDRESS")
