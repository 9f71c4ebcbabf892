"""English changes of who and how much that should change no decision: names, companies, numbers, gender."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.evaluation.wording import Change, in_case_of, matches, replaced
from core.outcomes import Labelled

# Frequent names of several origins; none that is an English word as well (Mark, Will, Grace, Rose) or a place (Sydney).
WOMEN = tuple(
    "Aaliyah Aisha Alice Amina Anna Beatriz Carmen Chloe Elena Emily Emma Fatima Hannah Ingrid Keisha Lakshmi Laura "
    "Linh Maria Mei Nadia Olga Priya Rachel Sakura Sarah Sofia Svetlana Yasmin Zanele".split()
)
MEN = tuple(
    "Abdul Ahmed Carlos Daniel David Dmitri Hiroshi Ivan Jakob James Jamal José Kwame Lars Liam Luca Mateusz "
    "Michael Mohammed Muhammad Oliver Paulo Rajesh Robert Sanjay Thomas Tunde Viktor Wei Yusuf".split()
)
_PEOPLE = {name: names for names in (WOMEN, MEN) for name in names}
_NAME = re.compile(rf"\b(?:{'|'.join(_PEOPLE)})\b")

_PAIRS = (
    "he she, himself herself, man woman, men women, boy girl, boys girls, mr mrs, sir madam, father mother, dad mum, "
    "son daughter, sons daughters, brother sister, brothers sisters, husband wife, husbands wives, "
    "uncle aunt, grandfather grandmother, nephew niece, gentleman lady, gentlemen ladies, male female, "
    "boyfriend girlfriend, businessman businesswoman, chairman chairwoman, spokesman spokeswoman"
)
_GENDERED = {a: b for pair in _PAIRS.split(", ") for a, b in (pair.split(), pair.split()[::-1])}
_GENDERED |= {"him": "her", "his": "her", "hers": "his"}
_GENDERED_WORD = re.compile(rf"\b(?:{'|'.join(_GENDERED)}|her)\b", re.IGNORECASE)
_AFTER_HIM = re.compile(  # "her" before one of these, or before no word, is "him"; before any other word it is "his"
    r"\s*(?:$|[^\w\s]|(?:a|an|the|and|or|but|to|at|in|on|for|from|with|by|of|as|about|into|that|if|when|why|how|what|"
    r"yesterday|today|now|again|back|out|up|not|is|was|my|your|our|their|this|some|any|because|after|before)\b)",
    re.IGNORECASE,
)

# Not part of a word, date, time, range, version or ordinal.
_NUMBER = re.compile(
    r"(?<![\w.,/:])(?<!\w-)(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\d/:-]|[.,]\d|(?:st|nd|rd|th)\b)"
)


def swap_names(row: Labelled, chance: np.random.Generator) -> Labelled:
    """Each given name becomes another of the same gender, the same name always the same other.

    >>> swap_names(Labelled("Maria paid Maria", "fee"), np.random.default_rng(0)).text
    'Ingrid paid Ingrid'
    """
    step = int(chance.integers(1, min(len(WOMEN), len(MEN))))

    def other(match: re.Match[str]) -> str:
        names = _PEOPLE[match.group()]
        return names[(names.index(match.group()) + step) % len(names)]

    return replace(row, text=replaced(row.text, matches(_NAME, row), other))


def swap_gender(row: Labelled, chance: np.random.Generator) -> Labelled:
    """He becomes she and she becomes he, with all that goes with it.

    >>> swap_gender(Labelled("She lost her card, tell her.", "lost"), np.random.default_rng(0)).text
    'He lost his card, tell him.'
    """

    def other(match: re.Match[str]) -> str:
        word = match.group().lower()
        if word == "her":
            return in_case_of(match.group(), "him" if _AFTER_HIM.match(row.text, match.end()) else "his")
        return in_case_of(match.group(), _GENDERED[word])

    return replace(row, text=replaced(row.text, matches(_GENDERED_WORD, row), other))


def swap_numbers(row: Labelled, chance: np.random.Generator) -> Labelled:
    """Every number times one whole factor from 2 to 7: what was more stays more. Years stay, and so do dates.

    >>> swap_numbers(Labelled("up from 1,200 to 3.5m in 2023", "up"), np.random.default_rng(0)).text
    'up from 8,400 to 24.5m in 2023'
    """
    factor = int(chance.integers(2, 8))

    def other(match: re.Match[str]) -> str:
        whole, point, decimals = match.group().partition(".")
        digits = whole.replace(",", "") + decimals
        if not point and "," not in whole and len(whole) == 4 and 1900 <= int(whole) < 2100:
            return whole
        # Whole numbers of the last decimal, so that nothing is rounded.
        product = str(int(digits) * factor).rjust(len(decimals) + 1, "0")
        new_whole = product[: len(product) - len(decimals)]
        return (f"{int(new_whole):,}" if "," in whole else new_whole) + point + product[len(new_whole) :]

    return replace(row, text=replaced(row.text, matches(_NUMBER, row), other))


def companies(entities: Sequence[str]) -> Change:
    """A change that puts another of these entities in the place of the row's own, in text and entity alike.

    >>> change = companies(["Acme", "Bolt"])
    >>> change(Labelled("Acme soars", "up", entity="Acme"), np.random.default_rng(0))
    Labelled(text='Bolt soars', label='up', entity='Bolt')
    """
    known = sorted({entity for entity in entities if entity})

    def change(row: Labelled, chance: np.random.Generator) -> Labelled:
        others = [entity for entity in known if entity not in row.text and entity != row.entity]
        if not row.entity or not others:
            return row
        new = others[int(chance.integers(0, len(others)))]
        pattern = re.compile(rf"(?<!\w){re.escape(row.entity)}(?!\w)")
        if not pattern.search(row.text):
            return row
        return replace(row, text=pattern.sub(lambda _: new, row.text), entity=new)

    return change


def swaps(rows: Sequence[Labelled]) -> dict[str, Change]:
    """Every swap that these rows allow; companies only when their entities differ."""
    found: dict[str, Change] = {
        "given names swapped": swap_names,
        "numbers changed": swap_numbers,
        "gender swapped": swap_gender,
    }
    entities = {row.entity for row in rows if row.entity}
    return {**found, "companies swapped": companies(sorted(entities))} if len(entities) > 1 else found
