"""How much speaks for a doubtful name being the company: "Target cuts" or "a target", "Doug Ford" or "Ford's profit".

A sum of small weights, no model: what the name's case, its neighbours, the company's own words and the rest of the
text say. The weights were chosen on one half of `benchmarks/linking.jsonl`; `python -m benchmarks.linking` reports the
other. What is asked of a whole text is asked once, so that a long one that repeats a name is read in one pass.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from apps.finance_sentiment.pipeline import linking_words as known
from apps.finance_sentiment.pipeline.linking_tokens import APOSTROPHE, Words

ENOUGH = 3.0
NEAR = 5  # words on either side
HEADLINE_SHARE = 0.7  # of its longer words with a capital
LONG = 4  # letters: shorter words are written small in headlines too


class Hints(Protocol):
    """What a company brings: phrases as `phrase_of` makes them."""

    @property
    def context(self) -> tuple[str, ...]:
        """Words that speak for it."""

    @property
    def anticontext(self) -> tuple[str, ...]:
        """Words that speak for something else."""


@dataclass(slots=True)
class Setting:
    """What a text is like.

    case: mixed, headline (Most Words With Capitals), upper or lower;  phrase: all its words
    money: how many different words of business;  counts: of each word
    """

    words: Words
    case: str
    phrase: str
    money: int
    counts: Counter[str]
    _held: dict[int, tuple[int, frozenset[str]]] = field(default_factory=dict)

    def held(self, hints: Hints) -> tuple[int, frozenset[str]]:
        """How many of a company's words the text holds, and which of those against it."""
        known_already = self._held.get(id(hints))  # names outlive a text: the linker keeps them
        if known_already is None:
            spoken = sum(phrase in self.phrase for phrase in hints.context)
            against = frozenset(phrase for phrase in hints.anticontext if phrase in self.phrase)
            known_already = self._held[id(hints)] = (spoken, against)
        return known_already


def setting_of(words: Words) -> Setting:
    """Read a text's case and how much it speaks of business."""
    letters = [word for word in words.raw if word.isalpha()]
    upper = sum(word.isupper() for word in letters)
    small = sum(word.islower() for word in letters)
    longer = [word for word in letters[1:] if len(word) >= LONG]
    capital = sum(word[0].isupper() for word in longer)
    if letters and upper >= 0.75 * len(letters) and len(letters) > 2:
        case = "upper"
    elif letters and small + sum(word == "I" for word in letters) >= len(letters):
        case = "lower"
    elif len(longer) > 2 and capital >= HEADLINE_SHARE * len(longer):
        case = "headline"
    else:
        case = "mixed"
    phrase = f" {' '.join(words.folded)} "
    counts = Counter(words.folded)
    return Setting(words, case, phrase, len(known.MONEY & counts.keys()), counts)


def support(setting: Setting, start: int, end: int, hints: Hints) -> float:
    """How much speaks for the company in words `start` to `end`, without regard to what else is linked.

    returns: above `ENOUGH` the name is taken for the company's
    """
    words = setting.words
    return (
        _by_case(setting, start)
        + _by_next(setting, start, end)
        + _by_previous(setting, start)
        + _by_hints(setting, start, end, hints)
        + min(2, setting.money) * 0.75
        + (0.5 if _possessive(words, end) else 0.0)
    )


def contradicted(setting: Setting, start: int, end: int, hints: Hints) -> bool:
    """Whether the name is part of a phrase that is something else: "Robert Kraft", "Apple pie", "each tesla"."""
    words = setting.words
    if start and words.raw[start].islower() and words.folded[start - 1] in known.DETERMINERS:
        return True
    against = setting.held(hints)[1]
    if not against:
        return False
    around = _around(words, start, end, 1)
    return any(phrase in around for phrase in against)


def _possessive(words: Words, end: int) -> bool:
    return end < len(words.raw) and words.folded[end] == "s" and words.gaps[end] in {"'", APOSTROPHE}


def _around(words: Words, start: int, end: int, width: int) -> str:
    return f" {' '.join(words.folded[max(0, start - width) : end + width])} "


def _by_case(setting: Setting, start: int) -> float:
    word = setting.words.raw[start]
    if not word[0].isupper() and not word[0].isdigit():
        return -0.25 if setting.case == "lower" else -6.0
    if setting.case == "mixed" and not setting.words.begins_sentence(start):
        return 2.5
    return 0.5


def _by_next(setting: Setting, start: int, end: int) -> float:
    words = setting.words
    at = end + 1 if _possessive(words, end) else end
    if at >= len(words.raw):
        return 0.0
    word, gap = words.folded[at], words.gaps[at]
    if gap.strip(f" '{APOSTROPHE}"):  # behind a comma or a bracket something else begins
        return 0.0
    if word in known.LEGAL and words.raw[at][0].isupper() | (word == "plc"):
        return 4.0
    if word in known.NEXT_NOUNS or word in known.DOES:
        return 2.5
    if word == "of":
        return -2.0
    if word == "to" and at + 1 < len(words.raw) and setting.case != "lower":
        return 2.0
    if word in known.MODALS:
        return 0.5
    if words.raw[at][0].isupper() and setting.case == "mixed":
        return -2.0  # "Duke University", "Orange County"
    return 0.0


def _by_previous(setting: Setting, start: int) -> float:
    if start == 0 or setting.words.begins_sentence(start):
        return 0.0
    words = setting.words
    word, raw = words.folded[start - 1], words.raw[start - 1]
    if words.gaps[start].strip():
        return 0.0
    if word in known.DETERMINERS:
        return -3.0
    if word in known.FIRST_NAMES:
        return -5.0
    if word in known.PRONOUNS:
        return -1.5
    if word in known.ACTED_ON or word in known.DOES:
        return 1.0
    if raw[0].isupper() and setting.case == "mixed" and word not in known.MONEY:
        # "Paris Hilton", "Agent Orange"; but the first word of a sentence says little
        return -0.5 if words.begins_sentence(start - 1) else -2.5
    return 0.0


def _by_hints(setting: Setting, start: int, end: int, hints: Hints) -> float:
    spoken, against = setting.held(hints)
    total = min(2, spoken) * 1.75
    if not against:
        return total
    word = setting.words.folded[start]
    # With the word standing twice, what is farther away may belong to the other one.
    near = _around(setting.words, start, end, NEAR if setting.counts[word] == 1 else 2)
    close = _around(setting.words, start, end, 1)
    itself = f" {word} "
    for phrase in against:
        if phrase in close:
            total -= 5.0
        elif itself in phrase:  # "reliance on" is about this very word, or about nothing
            continue
        elif phrase in near:
            total -= 2.5
        else:
            total -= 0.5
    return total
