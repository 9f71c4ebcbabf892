"""Names where words around them give them away: greetings, titles, signatures, "my name is"."""

import re
from collections.abc import Iterator

from core.privacy.spans import Span
from core.privacy.wording import CAPITAL, WORD

_PARTICLES = r"(?:(?:van|von|vom|zu|de|der|den|da|di|du|la|le|bin|al|el)[ ]){0,2}"
_NAME = rf"{_PARTICLES}{CAPITAL}(?:[ ]{_PARTICLES}(?:{CAPITAL}\.?)){{0,3}}"
_ANY_NAME = rf"{WORD}(?:[ ]{WORD}){{0,2}}"

_TITLED = re.compile(rf"(?<!\w)(?i:mr|mrs|ms|miss|mx|dr|prof|professor|herr|frau|sir|madame)\.?[ ]+(?P<name>{_NAME})")
_INTRODUCED = re.compile(
    r"(?i:\bmy (?:full |first |last |maiden )?name(?:'s| is|:)|\b(?:is|am|was) called|\bnamed|\bname is"
    r"|\bname on (?:it|the \w+) is|\bcall(?:s)? me|\bsurname(?: is|:)?"
    r"|\bmaiden name(?: is|:)?|\bname:|\bcustomer:"
    rf"|\bunder the name(?: of)?)[ ]+(?P<name>{_ANY_NAME})"
)
_SPEAKING = re.compile(
    r"(?i:\b(?:i am|i['\u2019]?m|this is|it['\u2019]?s|here is|speaking with|spoke (?:to|with)))[ ]+"
    rf"(?P<name>{_NAME})"
)
_GREETED = re.compile(
    r"(?i:(?:^|[\n.!?] ?)(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)))[ ]+"
    rf"(?P<name>{_NAME})(?=\s*[,!.\n]|$)"
)
_SIGNED = re.compile(
    r"(?i:\b(?:(?:kind |best |warm |many )?(?:regards|wishes|thanks)|yours (?:sincerely|faithfully|truly)"
    rf"|sincerely|cheers|thank you|thx))[ ]*[,.!-]*\s*(?P<name>{_NAME})\s*[.!]?\s*$"
)
_NO_NAMES = frozenset(
    "a an and any are as at ask be but by can could do for from had has have he her here him how i if in is it just "
    "like me my no not of on one or our please she so sorry sure that the their there they this to very was we what "
    "when where who why will with you your team there support all everyone everybody sir madam customer service bot "
    "still trying going looking having getting waiting calling writing contacting wondering unable happy interested "
    "afraid aware spelled spelt wrong missing incorrect different monday tuesday wednesday thursday friday saturday "
    "sunday january february march april june july august september october november december today tomorrow "
    "yesterday thanks thank hi hello dear regards english german french spanish".split()
)


def find_names_in_context(text: str) -> Iterator[Span]:
    """Names that a title, a greeting, a signature or an introduction announces."""
    for pattern in (_TITLED, _INTRODUCED, _SPEAKING, _GREETED, _SIGNED):
        for match in pattern.finditer(text):
            start, end = match.span("name")
            kept = _name_only(text[start:end])
            if kept:
                yield Span(start, start + kept, "PERSON")


def _name_only(value: str) -> int:
    """Characters up to the first word that is no part of a name."""
    end = 0
    for match in re.finditer(WORD, value):
        if match.group().lower() in _NO_NAMES:
            break
        end = match.end()
    return end
