"""Several questions in one message, each by itself. Rules over words.toml; in doubt a message stays whole."""

import re
from functools import cache

from apps.customer_service.pipeline.small_talk import small_talk_of
from apps.customer_service.pipeline.words import words_by_language
from core.ingest.sentences import split_sentences

MOST_PARTS = 6  # a message with more is a letter, and a person reads it better whole
SHORT = 4  # words that hardly name a thing of their own
FEW_WORDS = 2  # "Passport?" goes with the question before it

_LEAD = re.compile(
    r"(?:\W*(?:\(?\d{1,2}[.)]|[-•*])\s+)?\W*"
    r"(?:(?:and|also|plus|but|so|then|finally|next|first(?:ly)?|second(?:ly)?"
    r"|third(?:ly)?|one more thing|another question"
    r"|und|aber|außerdem|et|mais|aussi|y|pero|además|e|ma|inoltre|en|maar|mas)\b[\s,:]*)+",
    re.IGNORECASE,
)
_MARKER = re.compile(r"\W*(?:\(?\d{1,2}[.)]|[-•*])\s+")
_AUX = r"(?:is|are|do|does|did|can|could|will|would|should|must|was|were|have|has|may)"
_SUBJECT = r"(?:i|you|we|they|he|she|it|there|the|my|your|this|that|these|those|anyone|someone)"
# "and what does …", "and how much is it", "and can I …": the order of words of a question of its own, not of a clause.
_ENGLISH = re.compile(
    r"(?:if (?:so|yes|not),? )?(?:"
    rf"(?:what|who|which|where|when|why|how)(?:'s|’s|'re)?(?: (?!{_SUBJECT}\b)[\w'-]+){{0,2}}? {_AUX}(?:n't)?\b"  # noqa: RUF001
    rf"|(?:what|where|who|how)(?:'s|’s)\b"  # noqa: RUF001
    rf"|what (?:if|about)\b|{_AUX}(?:n't)? {_SUBJECT}\b|(?:who|what) (?:pays|happens|comes)\b)",
    re.IGNORECASE,
)
_DETERMINED = re.compile(r"\b(?:my|the|a|an|your|our|this)\s+((?:[a-z][\w'-]*\s+)?[a-z][\w'-]*)", re.IGNORECASE)
_NOT_NOUNS = frozenset(
    "is are was were do does did can could will would should and or but if when while with without for from to in"
    " on at by of what who which where why how it that not be been have has had cost costs work works arrive"
    " arrives expire take takes came come get gets before after because new lot way same other difference says"
    " said shows asks asked wants still already back again ever yet gone".split()
)
_PRONOUN = re.compile(
    r"\b(?:(a|the) (new|second|different|old) one|(it|they|them|one))\b"
    r"(?!\s+(?:true|possible|normal|ok|okay|necessary|safe|allowed)\b)",
    re.IGNORECASE,
)


def split(message: str, language: str = "en") -> tuple[str, ...]:
    """The questions of a message in order, the noun carried over to where only a pronoun stands.

    What is told before a question stays with it. A message without several questions comes back as it is.

    >>> split("How do I freeze my card and what does a new one cost? Also where is my order")
    ('How do I freeze my card?', 'what does a new card cost?', 'where is my order')
    >>> split("What do I do if my card is lost and the PIN is known?")
    ('What do I do if my card is lost and the PIN is known?',)
    """
    groups: list[str] = []
    told: list[str] = []  # before the first question
    for start, end in _sentences(message):
        sentence = message[start:end]
        if small_talk_of(sentence):
            continue
        clauses = _clauses(sentence, language)
        if not _is_question(clauses[0], language):
            (groups if groups else told).append(sentence)
            if groups:
                groups[-2:] = [f"{groups[-2]} {sentence}"]
            continue
        if groups and len(clauses) == 1 and not _LEAD.match(sentence) and _is_fragment(sentence, language):
            groups[-1] = f"{groups[-1]} {sentence}"
            continue
        groups += clauses
    whole = message.strip()
    if len(groups) < 2 or len(groups) > MOST_PARTS:
        return (whole,) if len(groups) != 1 else (" ".join([*told, *groups]) or whole,)
    groups = [without_lead(group) for group in groups]
    carried = [groups[0]]
    for group in groups[1:]:
        carried.append(_carry(group, carried[-1]) if language in {"en", "unknown"} else group)
    carried[0] = " ".join([*told, carried[0]])
    return tuple(carried)


def leans_on_before(part: str) -> bool:
    """Whether a part is to be read with the one before it: a pronoun is left, or it is too short to name a thing.

    >>> leans_on_before("Was kostet eine neue?"), leans_on_before("where is my order")
    (True, False)
    """
    return bool(_PRONOUN.search(part)) or (len(part.split()) <= SHORT and not _DETERMINED.search(part))


def without_lead(clause: str) -> str:
    """A question without its number and the "also" before it."""
    clause = _MARKER.sub("", clause, count=1) if _MARKER.match(clause) else clause
    lead = _LEAD.match(clause)
    return clause[lead.end() :].strip() if lead and lead.end() < len(clause.rstrip()) else clause.strip()


def _sentences(message: str) -> list[tuple[int, int]]:
    """Sentences, also where a small letter begins the next one: "when is it due? and can I cancel"."""
    spans: list[tuple[int, int]] = []
    for start, end in split_sentences(message, wrapped=False):
        at = start
        for mark in re.finditer(r"[?!;]+\s+", message[start:end]):
            spans.append((at, start + mark.end()))
            at = start + mark.end()
        spans.append((at, end))
    return [(a, b) for a, b in spans if message[a:b].strip()]


def _clauses(sentence: str, language: str) -> list[str]:
    """A sentence in its questions, cut where a further one begins."""
    joints, opener = _joints(language)
    if not _is_question(sentence, language):
        return [sentence]
    clauses: list[str] = []
    begun = 0
    for joint in joints.finditer(sentence):
        left = sentence[begun : joint.start()]
        if opener.match(sentence[joint.end() :]) and len(left.split()) > FEW_WORDS and _opens(left, language):
            clauses.append(f"{left}?")
            begun = joint.end()
    return [*clauses, sentence[begun:]]


@cache
def _joints(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What joins two questions, and how the second of them begins."""
    words = words_by_language().get(language, words_by_language()["en"])
    if not words.joins:
        words = words_by_language()["en"]
    either = "|".join(map(re.escape, words.joins))
    joints = re.compile(rf"(?:\s*,\s*(?:(?:{either})\b,?\s*)?|\s+(?:{either})\b,?\s+)", re.IGNORECASE)
    if words is words_by_language()["en"]:
        return joints, _ENGLISH
    asks = "|".join(map(re.escape, words.asks))
    return joints, re.compile(rf"[¿]?(?:à |de |a |für |bis |vanaf |per |da )?(?:{asks})\b", re.IGNORECASE)


def _opens(clause: str, language: str) -> bool:
    """Whether a clause begins as a question does."""
    words = words_by_language().get(language, words_by_language()["en"])
    asks = words.asks or words_by_language()["en"].asks
    return bool(re.match(rf"[¿\s]*(?:{'|'.join(map(re.escape, asks))})(?:\b|')", without_lead(clause), re.IGNORECASE))


def _is_question(sentence: str, language: str) -> bool:
    return sentence.rstrip().endswith("?") or _opens(sentence, language)


def _is_fragment(sentence: str, language: str) -> bool:
    return len(sentence.split()) <= FEW_WORDS and not _opens(sentence, language)


def _carry(part: str, before: str) -> str:
    """Put the noun of the question before in the place of a pronoun, where there is one to put."""
    found = _PRONOUN.search(part)
    if not found:
        return part
    several = (found[3] or "").lower() in {"they", "them"}
    nouns = [
        noun for match in _DETERMINED.finditer(before) if (noun := _noun(match[1])) and noun.endswith("s") == several
    ]
    if not nouns:
        return part
    noun = nouns[-1]
    if found[2]:
        put = f"{found[1]} {found[2]} {noun}"
    elif found[0].lower() == "one":
        put = f"a {noun}"
    else:
        put = f"the {noun}"
    return part[: found.start()] + put + part[found.end() :]


def _noun(words: str) -> str:
    """The words after "my" or "the" as far as they may be a thing's name."""
    kept: list[str] = []
    for word in words.split():
        if word.lower() in _NOT_NOUNS:
            break
        kept.append(word)
    return " ".join(kept)
