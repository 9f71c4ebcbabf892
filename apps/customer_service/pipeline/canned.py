"""Canned replies: their variables, and finding one by its words."""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from apps.customer_service.store.canned import CannedRow
from core.errors import Invalid
from core.retrieval.lexical import Lexical
from core.retrieval.words import fold, words_of

VARIABLES = ("customer", "agent", "conversation")
_VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


class UnknownVariable(Invalid):
    """A variable that nobody can fill."""

    def __init__(self, name: str) -> None:
        known = ", ".join("{{" + variable + "}}" for variable in VARIABLES)
        super().__init__(f"there is no variable {{{{{name:.40}}}}}", remedy=f"use one of {known}")


class NotFilled(Invalid):
    """A reply that still has a variable in it."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the reply still has {{{{{name:.40}}}}} in it", remedy="write what belongs there, then send it"
        )


def variables_of(text: str) -> list[str]:
    """The variables that stand in a text, each once.

    raises: UnknownVariable

    >>> variables_of("Dear {{ customer }}, {{agent}} here. {{customer}}!")
    ['customer', 'agent']
    """
    found = list(dict.fromkeys(_VARIABLE.findall(text)))
    for name in found:
        if name not in VARIABLES:
            raise UnknownVariable(name)
    return found


def check_filled(text: str) -> None:
    """Keep a customer from reading `{{customer}}`. Other braces are the agent's own affair. raises: NotFilled"""
    for name in _VARIABLE.findall(text):
        if name in VARIABLES:
            raise NotFilled(name)


def fill(text: str, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """Put names in. values: of the variables; empty where nothing is known. returns: the text, and what stays in it

    What is put in is never read again: a customer called "{{agent}}" stays that.

    >>> fill("Dear {{customer}}, {{agent}} here.", {"customer": "", "agent": "Ada"})
    ('Dear {{customer}}, Ada here.', ['customer'])
    """
    missing = [name for name in variables_of(text) if not values.get(name)]
    return _VARIABLE.sub(lambda found: values.get(found[1]) or found[0], text), missing


def found(rows: Sequence[CannedRow], words: str) -> list[CannedRow]:
    """Those that hold the words, best first: BM25, the title counting twice; a word may be half typed."""
    asked = words_of(words)
    if not asked:
        return list(rows)
    index = Lexical()
    for row in rows:
        index.append(f"{row.title} {row.title} {row.name.replace('-', ' ')} {row.text}")
    alive = np.ones(index.n, dtype=np.bool_)
    scores = index.scores(index.read(words, alive), alive)
    begun = [_beginnings(row, asked) for row in rows]
    order = sorted(range(len(rows)), key=lambda at: (-begun[at], -float(scores[at]), rows[at].title))
    return [rows[at] for at in order if begun[at] or scores[at] > 0]


def _beginnings(row: CannedRow, asked: Sequence[str]) -> int:
    """How many of the words that were typed begin one of this reply's."""
    held = words_of(fold(f"{row.title} {row.name.replace('-', ' ')} {row.text}"))
    return sum(any(word.startswith(one) for word in held) for one in asked)
