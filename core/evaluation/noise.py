"""Changes that a careless writer makes and that change no meaning: typos, casing, punctuation, white space."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.evaluation.wording import Change, entity_spans, matches, replaced
from core.outcomes import Labelled

WORDS_PER_TYPO = 5

_WORD = re.compile(r"[^\W\d_]{4,}")  # shorter words easily become other words
_MARK = re.compile(r"[.,;:!?]+(?=\s|$)|[\"()\[\]“”«»]")  # not the points of 3.95, not an apostrophe
_GAP = re.compile(r" +")
_END = re.compile(r"[.!?…\s]*\Z")


def swap_letters(word: str, chance: np.random.Generator) -> str:
    """Two neighbours after the first letter change places.

    >>> swap_letters("card", np.random.default_rng(0))
    'cadr'
    """
    places = [at for at in range(1, len(word) - 1) if word[at] != word[at + 1]]
    if not places:
        return word
    at = int(chance.choice(places))
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def drop_letter(word: str, chance: np.random.Generator) -> str:
    """One letter after the first is lost."""
    at = int(chance.integers(1, len(word)))
    return word[:at] + word[at + 1 :]


def double_letter(word: str, chance: np.random.Generator) -> str:
    """One letter is written twice."""
    at = int(chance.integers(0, len(word)))
    return word[:at] + word[at] + word[at:]


def upper(row: Labelled, chance: np.random.Generator) -> Labelled:
    """Everything in capitals, the entity too, so that it is still found in the text."""
    return replace(row, text=row.text.upper(), entity=row.entity.upper())


def lower(row: Labelled, chance: np.random.Generator) -> Labelled:
    """Nothing in capitals, the entity neither."""
    return replace(row, text=row.text.lower(), entity=row.entity.lower())


def remove_punctuation(row: Labelled, chance: np.random.Generator) -> Labelled:
    """No marks at the ends of words; those inside numbers and words stay.

    >>> remove_punctuation(Labelled("It's £3.95, why?", "fee"), np.random.default_rng(0)).text
    "It's £3.95 why"
    """
    return replace(row, text=replaced(row.text, matches(_MARK, row), lambda _: ""))


def add_punctuation(row: Labelled, chance: np.random.Generator) -> Labelled:
    """The end becomes another of `!`, `!!`, `...`, `?!`. An entity at the end keeps its own point."""
    begin = max([_END.search(row.text).start(), *(stop for _, stop in entity_spans(row))])  # type: ignore[union-attr]
    end = str(chance.choice([end for end in ("!", "!!", "...", "?!") if end != row.text[begin:].strip()]))
    return replace(row, text=row.text[:begin] + end)


def add_white_space(row: Labelled, chance: np.random.Generator) -> Labelled:
    """Gaps become two spaces, three spaces or a tab, and the text is padded."""

    def gap(_: re.Match[str]) -> str:
        return str(chance.choice(["  ", "   ", "\t"]))

    return replace(row, text=f" {replaced(row.text, matches(_GAP, row), gap)}  ")


def _typos(spoil: Callable[[str, np.random.Generator], str]) -> Change:
    """One word in five is spoilt, at least one; words under four letters and the entity are spared."""

    def change(row: Labelled, chance: np.random.Generator) -> Labelled:
        words = matches(_WORD, row)
        if not words:
            return row
        chosen = chance.choice(len(words), size=max(1, len(words) // WORDS_PER_TYPO), replace=False)
        places = [words[at] for at in sorted(chosen)]
        return replace(row, text=replaced(row.text, places, lambda match: spoil(match.group(), chance)))

    return change


NOISE: dict[str, Change] = {
    "letters swapped": _typos(swap_letters),
    "letter dropped": _typos(drop_letter),
    "letter doubled": _typos(double_letter),
    "upper case": upper,
    "lower case": lower,
    "punctuation removed": remove_punctuation,
    "punctuation added": add_punctuation,
    "white space added": add_white_space,
}
