"""What needs no search: greetings, thanks and the like, and the wish for a person. Rules over words.toml, no model."""

import re
from functools import cache
from typing import Literal

from apps.customer_service.pipeline.words import Words, tokens, words_by_language

Topic = Literal["greeting", "how_are_you", "thanks", "goodbye", "agreed"]

MOST_WORDS = 16  # small talk is short; what is longer says something
_FIELDS: tuple[tuple[Topic, str], ...] = (  # the first that is said decides what the desk replies to
    ("goodbye", "goodbyes"),
    ("thanks", "thanks"),
    ("how_are_you", "how_are_you"),
    ("greeting", "greetings"),
    ("agreed", "agreed"),
)
_FRIENDLY = frozenset("👍👌🙏😊😀🙂😄😁❤♥💚💙🎉👏🤗😍🥰✅🫶🤝☺😃")
_GREETS = frozenset("👋")


def small_talk_of(message: str) -> tuple[Topic, tuple[str, ...]] | None:
    """What kind of small talk a whole message is, and in which languages it would be that; None where more is said.

    >>> small_talk_of("Thanks a lot!"), small_talk_of("thanks, but how do I close my account?")
    (('thanks', ('en',)), None)
    """
    said = tokens(message)
    if not said:
        signs = [sign for sign in message if sign in _FRIENDLY or sign in _GREETS]
        return (("greeting" if signs[0] in _GREETS else "thanks"), ()) if signs else None
    if len(said) > MOST_WORDS:
        return None
    found = [(language, topics) for language in words_by_language() if (topics := _topics(said, language))]
    if not found:
        return None
    named = found[0][1]
    return next(topic for topic, _ in _FIELDS if topic in named), tuple(language for language, _ in found)


def opening(message: str) -> int:
    """How many characters of greeting or thanks a message begins with, up to a mark: "Thanks, but …" has 8.

    >>> opening("Hi there! Where is it?"), opening("Where is it?")
    (10, 0)
    """
    end = 0
    for mark in re.finditer(r"[,.!?\n]+\s*", message[:200]):
        if "?" in mark[0] or not small_talk_of(message[end : mark.start()]):
            break
        end = mark.end()
    return end


def wants_human(message: str) -> tuple[str, ...]:
    """The languages in which a message asks for a person; empty where it does not.

    >>> wants_human("I want a human"), wants_human("Is your agent fee included?")
    (('en',), ())
    """
    text = " ".join(tokens(message[:2_000]))
    clauses = " | ".join(" ".join(tokens(clause)) for clause in re.split(r"[.!?;,\n]+", message[:2_000]))
    return tuple(
        language
        for language, words in words_by_language().items()
        if _is_alone(text, words) or any(pattern.search(f"{clauses} |") for pattern in _requests(language))
    )


@cache
def _phrases(language: str) -> dict[tuple[str, ...], Topic | None]:
    """What small talk is made of, by its words; None for what may only stand beside it."""
    words = words_by_language()[language]
    phrases: dict[tuple[str, ...], Topic | None] = {(filler,): None for filler in words.fillers}
    for topic, name in reversed(_FIELDS):
        phrases |= {tuple(tokens(phrase)): topic for phrase in getattr(words, name)}
    return phrases


def _topics(said: list[str], language: str) -> frozenset[Topic]:
    """The topics of words that are small talk altogether; empty where one word is not."""
    phrases = _phrases(language)
    longest = max(map(len, phrases))
    topics: set[Topic] = set()
    at = 0
    while at < len(said):
        for size in range(min(longest, len(said) - at), 0, -1):
            phrase = tuple(said[at : at + size])
            if phrase in phrases:
                if topic := phrases[phrase]:
                    topics.add(topic)
                at += size
                break
        else:
            return frozenset()
    return frozenset(topics)


def _is_alone(text: str, words: Words) -> bool:
    """Whether nothing is said but whom one wants: "agent!!", "live agent please"."""
    for person in sorted(words.alone, key=len, reverse=True):
        if re.search(rf"(?<!\w){re.escape(person)}(?!\w)", text):
            rest = re.sub(rf"(?<!\w){re.escape(person)}(?!\w)", " ", text).split()
            return all(word in words.beside or word in tokens(" ".join(words.alone)) for word in rest)
    return False


@cache
def _requests(language: str) -> tuple[re.Pattern[str], ...]:
    """Patterns over clauses that are parted by " | "."""
    words = words_by_language()[language]
    person = _any(words.person)
    patterns = []
    if words.talk and words.person:
        patterns.append(
            rf"\b(?:{_any(words.talk)})(?: [^\s|]+){{0,3}}? (?:{person})\b(?! (?:resources|fee|fees|number)\b)"
        )
    if words.want and words.person:
        beside = _any(words.beside)
        patterns.append(
            rf"(?<!do )(?<!if )\b(?:{_any(words.want)}) (?:[^\s|]+ ){{0,2}}?(?:{person})(?: (?:{beside}))* ?\|"
        )
    patterns += [request.replace("PERSON", person) for request in words.requests]
    return tuple(re.compile(pattern) for pattern in patterns)


def _any(phrases: tuple[str, ...]) -> str:
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True)) or "(?!)"
