"""Editing a row's text without touching the entity that the row is about. Decides on no edit itself."""

import re
from collections.abc import Callable

import numpy as np

from core.outcomes import Labelled

Change = Callable[[Labelled, np.random.Generator], Labelled]
"""A changed copy of a row, by chance; the row itself when there is nothing in it to change."""


def entity_spans(row: Labelled) -> list[tuple[int, int]]:
    """Where the entity stands in the text.

    >>> entity_spans(Labelled("Acme sues Acme's boss", "negative", entity="Acme"))
    [(0, 4), (10, 14)]
    """
    if not row.entity:
        return []
    return [match.span() for match in re.finditer(rf"(?<!\w){re.escape(row.entity)}(?!\w)", row.text)]


def matches(pattern: re.Pattern[str], row: Labelled) -> list[re.Match[str]]:
    """Where the pattern stands outside the entity."""
    spans = entity_spans(row)
    return [
        match
        for match in pattern.finditer(row.text)
        if all(match.end() <= start or end <= match.start() for start, end in spans)
    ]


def replaced(text: str, places: list[re.Match[str]], new: Callable[[re.Match[str]], str]) -> str:
    """The text with `new` of each match in its place. places: in order, not overlapping"""
    parts, last = [], 0
    for match in places:
        parts += [text[last : match.start()], new(match)]
        last = match.end()
    return "".join([*parts, text[last:]])


def in_case_of(model: str, word: str) -> str:
    """`word`, written as `model` is.

    >>> in_case_of("He", "she"), in_case_of("HIM", "her"), in_case_of("his", "her")
    ('She', 'HER', 'her')
    """
    if len(model) > 1 and model.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if model[:1].isupper() else word
