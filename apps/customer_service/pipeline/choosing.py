"""Which of the offered documents a customer means by "the second", "2" or its title. Pure."""

import re
from collections.abc import Sequence

from apps.customer_service.schemas.asking import Suggestion

_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_FILLERS = frozenset("the a one option number no nr please thanks i mean it is its it's that answer choice and".split())
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def chosen(text: str, offered: Sequence[Suggestion]) -> Suggestion | None:
    """The one that is meant, or None when the text says something else.

    Only a reply that says nothing but which one counts: "the second one, please", "2.", "last", or a title.

    >>> titles = ("Fees", "Fees abroad")
    >>> pages = [Suggestion(document=t, title=t, heading=[], passage=t, start=0, end=1) for t in titles]
    >>> [getattr(chosen(words, pages), "title", None) for words in ("The 2nd, please", "fees", "2 euros?", "the last")]
    ['Fees abroad', 'Fees', None, 'Fees abroad']
    """
    words = _words(text)
    same = [suggestion for suggestion in offered if _words(suggestion.title) == words]
    if len(same) == 1:
        return same[0]
    at = _place([word for word in words if word not in _FILLERS], len(offered))
    return None if at is None else offered[at]


def by_document(key: str, offered: Sequence[Suggestion]) -> Suggestion | None:
    """The one with this key."""
    return next((suggestion for suggestion in offered if suggestion.document == key), None)


def _place(words: Sequence[str], count: int) -> int | None:
    if len(words) != 1:
        return None
    [word] = words
    if word == "last" and count:
        return count - 1
    digits = re.fullmatch(r"(\d)(?:st|nd|rd|th)?", word)
    at = int(digits[1]) - 1 if digits else _ORDINALS.index(word) if word in _ORDINALS else -1
    return at if 0 <= at < count else None


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
