"""Whether a message is read with what was said before it: "and abroad?" is, "How do I freeze a lost card?" is not.

Read along, the words of another subject outweigh those of the question: after one exchange about something else, of
the sample desk's tuning questions .27 were answered right instead of .86, and .31 of the unanswerable ones refused
instead of .94 (docs/decisions/0013). So the conversation is read along where a message points back.
"""

import re
from functools import cache
from typing import Literal

from apps.customer_service.pipeline.words import words_by_language
from core.language import language_of

Leaning = Literal["yes", "perhaps", "no"]

MOST_BEFORE = 1  # words with a meaning of their own that may stand before the "it" which they would be
MOST_PERHAPS = 3  # in "Can the parts of my order go in with it?"
MOST_ELSEWHERE = 2  # the same in another language, whose small words are told by their length alone
FEW = 2  # such words in all; a message with no more is about what was said before
MOST_IN_A_REST = 5  # in "on Easter Monday too?"
LEAST_LETTERS = 4  # of a word with a meaning, in a language without a list of the others

_SMALL = frozenset(
    "a an the i i'm im i've i'd i'll id you u your my me we our us is are was were be been being do does did can can't"
    " could will won't would should may must have has had how what when where who which why to of in on at for from by"
    " with into about if or and but not no yes please get got go going need want there any some anything something"
    " anyone anybody someone somebody much many long often as up out off so just still than till until tell happen"
    " happens happened make made put ever also really actually now then let let's only use used think thought know knew"
    " say said tells told ask asked give gave find found come came keep kept try tried look see saw mean means start"
    " stop leave left same different more less other another first next time day days week weeks month months year way"
    " thing things bit lot one two three already always never maybe because".split()
)
_OPENS = re.compile(
    r"\W*(?:and|but|or|so|then|also|even|only|what about|how about|what if|ok|okay|oh)\b", re.IGNORECASE
)
_AFTER = (
    "is are was were do does did can could will would should must have has had may might be to of in on at by for from"
    " with without into about if or and but not too as again then now still go goes work works count apply applies"
    " mean means so when while because than until till just also either instead back"
).replace(" ", "|")
_POINTS = re.compile(
    r"\b(?:(?:it|they|them|theirs|he|she|him|hers)\b"
    rf"|(?:this|that|these|those)(?=\W*$|\W+(?:{_AFTER})\b|[?!.,])"
    r"|(?:make|do|change|does|did|want) that\b"
    r"|(?:the|my) (?:rest|others?|same|other (?:one|half|bits?|way)|(?:first|second|new|old) one|former|latter)\b"
    r"|(?:in|over|from) there\b|another (?:go|one|try)\b|the (?:\w+ )?ones?\b)",
    re.IGNORECASE,
)
# "is it true that", "will it rain": nothing that was spoken of before.
_POINTS_NOWHERE = re.compile(
    r"\b(?:is|was|will|would|isn't|could|does|if|whether|that) it"
    r" (?:true|possible|normal|ok|okay|necessary|safe|allowed|usual|rain|take|cost|snow)\b(?: that\b)?"
    r"|\bit(?:'s|s| is| was)? (?:true|possible|normal|usual|raining|ok)\b",
    re.IGNORECASE,
)
_ENDS = re.compile(r"\b(?:too|as well|instead|either|afterwards|otherwise|though|then)\W*$", re.IGNORECASE)
_PLACES = re.compile(
    r"\W*(?:on|in|at|from|for|with|without|to|by|after|before|until|unless|anything|any|which one|how so|why)\b",
    re.IGNORECASE,
)
_NAMES = re.compile(r"\b(?:my|your|our|the|an?) [a-z][\w-]+", re.IGNORECASE)
_WORD = re.compile(r"[\w£$€]+(?:['’][\w]+)*")  # noqa: RUF001


def leans(message: str) -> Leaning:
    """Whether a message points back: by how it begins or ends, by a pronoun for nothing in it, by naming nothing.

    returns: "perhaps" where it may be about what was said before or about something new

    >>> [leans(said) for said in ("and abroad?", "Can I push it a week later?", "Und am Wochenende?", "Why so late?")]
    ['yes', 'yes', 'yes', 'yes']
    >>> [leans(said) for said in ("I lost my big blue card. Is it blocked?", "Is it true that you close on Sundays?")]
    ['no', 'no']
    >>> leans("Who designs the covers?")
    'perhaps'
    """
    known = tuple(language for language, words in words_by_language().items() if words.refers)
    language = language_of(message, ("en", *known))
    return _leans_elsewhere(message, language) if language in known else _leans_in_english(message)


def _leans_in_english(message: str) -> Leaning:
    meaning = _meaning(message)
    if _OPENS.match(message) or (_ENDS.search(message) and meaning <= MOST_IN_A_REST):
        return "yes"
    if (_PLACES.match(message) and meaning < MOST_IN_A_REST) or (meaning <= FEW and not _NAMES.search(message)):
        return "yes"
    nowhere = [found.span() for found in _POINTS_NOWHERE.finditer(message)]
    for points in _POINTS.finditer(message):
        if not any(start <= points.start() < end for start, end in nowhere):
            before = _meaning(message[: points.start()])
            return "yes" if before <= MOST_BEFORE else "perhaps" if before <= MOST_PERHAPS else "no"
    return "perhaps" if meaning <= FEW else "no"


def _leans_elsewhere(message: str, language: str) -> Leaning:
    opens, points = _patterns(language)
    found = points.search(message)
    if opens.match(message) or (found and _meaning(message[: found.start()], small=False) <= MOST_ELSEWHERE):
        return "yes"
    return "perhaps" if _meaning(message, small=False) <= FEW else "no"


def _meaning(text: str, *, small: bool = True) -> int:
    """How many words have a meaning of their own. small: whether English's small words tell"""
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(text)]  # noqa: RUF001
    return sum(word not in _SMALL if small else len(word) >= LEAST_LETTERS for word in words)


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = words_by_language()[language]
    opens = rf"\W*(?:{'|'.join(words.leads)})\b"
    points = rf"\b(?:{'|'.join(words.refers)})\b"
    return re.compile(opens, re.IGNORECASE), re.compile(points, re.IGNORECASE)
