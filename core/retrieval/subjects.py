"""What a conversation is about, where rows say whom or what each is about. Hears names through noise; reads no SQL.

A field `entity` of a row names its subject: a hotel, a product, a branch. Names are heard turn by turn: words joined or
torn apart ("dragon eats" for DragonEats), letters and digits spelt out ("s. f.", "nineteen zero six"), branches
without their street. A later mention weighs more, and a short answer keeps what was spoken of before it.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from core.backend.encoder import Floats
from core.remembering import remembered
from core.retrieval.words import words_of

FIELD = "entity"
FADING = 0.95  # of a mention, with each turn since; .9 to .97 found as many subjects (docs/decisions/0011)
WHOLE = 0.2  # what a name's words count that stand anywhere in the conversation: they tell branches apart
SLACK = 3  # words that may stand between the words of one name
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_FILLING = frozenset("the a an and of in at on by".split())
_PART = re.compile(r"\d|[^\d.,]+")
_HEARD = 50_000  # turns whose mentions are kept: a conversation is read again with each of its turns


@remembered(most=10_000)
def spoken(text: str) -> tuple[str, ...]:
    """Words as a transcript has them: digits one by one, single letters joined, "&" as "and".

    >>> spoken("S. F. Museum of 3D")
    ('sf', 'museum', 'of', 'three', 'd')
    """
    said: list[str] = []
    letters = ""
    for word in words_of(text.replace("&", " and ")):
        for part in _PART.findall(word):
            if len(part) == 1 and part.isalpha() and part != "a":
                letters += part
                continue
            if letters:
                said.append(letters)
                letters = ""
            said.append(DIGITS[int(part)] if part in "0123456789" else part)
    return (*said, letters) if letters else tuple(said)


class Subjects:
    """The names of a collection's subjects.

    names: m of them, distinct;  frequency: how many of `n` passages hold a word; common words tell little
    """

    def __init__(self, names: Sequence[str], frequency: Callable[[str], int], n: int) -> None:
        self.names = tuple(names)
        self._words = [tuple(dict.fromkeys(w for w in spoken(name) if w not in _FILLING)) for name in names]
        held = Counter(word for words in self._words for word in words)
        self._rarity = {
            word: math.log1p(n / max(frequency(word), times, n // 10 if word in DIGITS else 1))
            for word, times in held.items()
        }  # digits are in every telephone number
        self._whole = [sum(self._rarity[word] for word in words) for words in self._words]
        # A name of common words ("Good Hotel") tells less than one word that stands once.
        self._telling = np.minimum(1, np.array(self._whole, dtype=np.float32) / math.log1p(n))  # (m,)
        self._named: dict[str, list[int]] = defaultdict(list)
        for subject, words in enumerate(self._words):
            for word in words:
                self._named[word].append(subject)
        self._mentions = remembered(most=_HEARD)(self._heard_in)

    def mentioned(self, turns: Sequence[str]) -> Floats:
        """How much each subject is spoken of at the end of a conversation.

        turns: oldest first;  returns: (m,) in [0, 1 + WHOLE]
        """
        scores = np.zeros(len(self.names), dtype=np.float32)
        anywhere: dict[int, set[str]] = defaultdict(set)
        for age, turn in enumerate(reversed(turns)):
            for subject, share, words in self._mentions(turn):
                scores[subject] = max(scores[subject], share * share * FADING**age)
                anywhere[subject] |= words
        for subject, heard in anywhere.items():
            scores[subject] += WHOLE * sum(self._rarity[word] for word in heard) / self._whole[subject]
        told: Floats = scores * self._telling
        return told

    def _heard_in(self, turn: str) -> list[tuple[int, float, frozenset[str]]]:
        """returns: (subject, share of its name that stands close together, its words that stand anywhere)"""
        places: dict[str, list[int]] = defaultdict(list)
        said = spoken(turn)
        for at in range(len(said)):
            for joined in range(1, 4):
                if at + joined <= len(said):
                    word = "".join(said[at : at + joined])
                    for form in (word, word[:-1] if word.endswith("s") else f"{word}s"):
                        if form in self._rarity:
                            places[form].append(at)
        subjects = {subject for word in places for subject in self._named[word]}
        return [
            (subject, self._closest(subject, places), frozenset(w for w in self._words[subject] if w in places))
            for subject in sorted(subjects)
        ]

    def _closest(self, subject: int, places: dict[str, list[int]]) -> float:
        """The greatest share of a name, by rarity, within a few words more than the name has."""
        words = self._words[subject]
        hits = sorted((place, word) for word in words for place in places.get(word, ()))
        best = 0.0
        for first, (begin, _) in enumerate(hits):
            near = {word for place, word in hits[first:] if place < begin + len(words) + SLACK}
            best = max(best, sum(self._rarity[word] for word in near))
        return best / self._whole[subject]
