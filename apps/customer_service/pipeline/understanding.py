"""What a customer's message is, before anything is searched. A pure function; reads no knowledge base."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from apps.customer_service.pipeline.small_talk import Topic, opening, small_talk_of, wants_human
from apps.customer_service.pipeline.splitting import split, without_lead
from apps.customer_service.schemas.asking import Kind, Turn
from core.ingest.characters import clean
from core.language import UNKNOWN, language_of

MOST_READ = 4_000  # characters; as many as the API takes of a question
MOST_UNREADABLE = 0.1  # share of replacement and control characters
LANGUAGES = frozenset("en de fr es it nl pt pl sv da tr ru uk ja zh ko ar he hi el fi no cs ro hu bg hr sk".split())


@dataclass(frozen=True)
class Understood:
    """What a message is.

    kind: question; small_talk; human: a person is asked for; wordless: no letter or figure; garbled: no text
    language: ISO 639-1, "unknown" where it is anybody's guess
    parts: the questions in it, each as self-contained as rules can make it; empty unless something is to be searched
    topic: of small talk
    """

    kind: Kind
    language: str
    parts: tuple[str, ...] = ()
    topic: Topic | None = None


def understand(message: str, turns: Sequence[Turn] = ()) -> Understood:
    """Tell what a message is. Never raises, whatever it is given; reads the first 4,000 characters of a longer one.

    turns: what was said before, oldest first; tells the language where the message does not

    >>> understand("thanks, but how do I close my account?").parts
    ('how do I close my account?',)
    >>> understand("Vielen Dank!").kind, understand("agent!!").kind, understand("?!").kind
    ('small_talk', 'human', 'wordless')
    """
    raw = message[:MOST_READ]
    if _is_garbled(raw):
        return Understood("garbled", _language("", turns))
    text = clean(raw).strip()
    if small := small_talk_of(text):
        topic, spoken = small
        return Understood("small_talk", _language(text, turns, spoken), topic=topic)
    if not any(character.isalnum() for character in text):
        return Understood("wordless", _language("", turns))
    if asked := wants_human(text):
        return Understood("human", _language(text, turns, asked))
    begins = opening(text)
    rest = without_lead(text[begins:]) if begins else text
    language = _language(rest, turns)
    return Understood("question", language, split(rest, language))


def _is_garbled(text: str) -> bool:
    """Whether bytes were sent as text: many characters that no keyboard writes."""
    odd = sum(c == "\ufffd" or (unicodedata.category(c) in {"Cc", "Cs", "Cn"} and c not in "\n\r\t") for c in text)
    return odd > MOST_UNREADABLE * max(len(text), 1)


def _language(text: str, turns: Sequence[Turn], among: Sequence[str] = ()) -> str:
    """The language of a text, else of what the customer said before.

    among: languages that its words belong to
    """
    guess = language_of(text, LANGUAGES)
    if among:
        before = _language("", turns) if turns else UNKNOWN
        return next((one for one in (before, guess) if one in among), among[0])
    return guess if guess != UNKNOWN else spoken_in(turns) or UNKNOWN


def spoken_in(turns: Sequence[Turn]) -> str | None:
    """The language in which a customer wrote last; None where it is anybody's guess.

    >>> spoken_in([Turn(role="user", text="Wo ist meine Bestellung?"), Turn(role="user", text="4711")])
    'de'
    """
    for turn in reversed(turns):
        if turn.role != "user":
            continue
        small = small_talk_of(turn.text)
        guess = small[1][0] if small and small[1] else language_of(turn.text, LANGUAGES)
        if guess != UNKNOWN:
            return guess
    return None
